"""Victims' reports, from the channels that take them (REQ-16, 33)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request

from qalqan.cases.reports import ReportIn, take_report
from qalqan.errors import NotAllowed
from qalqan.web.access import ThePartner, database_of, keys_of
from qalqan.web.api.bodies import JsonBytes, Key, parsed

router = APIRouter(tags=["reports"])

MAY_REPORT = frozenset({"channel", "volunteers"})
"""Kinds of partner that speak for victims; a bank speaks by its facts and answers."""


@router.post("/reports", status_code=201)
def report(request: Request, partner: ThePartner, key: Key, body: JsonBytes) -> dict[str, Any]:
    """Take a victim's report and open its case; the payer's bank is asked at once.

    Answers the numbers of report and case, and the victim's receipt. The same `Idempotency-Key`
    is the same report.
    """
    if partner.kind not in MAY_REPORT:
        raise NotAllowed("report", "a reporting channel")
    taken = take_report(
        database_of(request), keys_of(request), parsed(ReportIn, body), partner.code, key
    )
    return asdict(taken)
