"""How much is in whose hands (issue 5, Build 4)."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from qalqan.cases import workload
from qalqan.register import rights
from qalqan.register.rights import Right
from qalqan.text.show import short_money
from qalqan.web.access import ThePageOfficer, database_of, language_of
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of

router = APIRouter(include_in_schema=False)


@router.get("/workload")
def show_workload(request: Request, officer: ThePageOfficer) -> Response:
    """One's own load, and that of one's unit with the right to assign."""
    rights.check(officer, Right.CASEWORK)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        loads = workload.loads(session, officer, reader.now_us)
    mine = [load for load in loads if load.login == officer.login]
    return page(
        request, "workload.html", officer, reader=reader, loads=loads, mine=mine,
        unit=rights.has(officer, Right.ASSIGN), region=officer.region,
        short=lambda minor: short_money(minor, reader.language),
    )  # fmt: skip
