"""Letters that people need afterwards, made and not kept (REQ-30, 31)."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.responses import Response

from qalqan import clock
from qalqan.cases.loan_dispute import LoanDispute, letter
from qalqan.errors import NotAllowed
from qalqan.exchange.letter import DOCX, docx_of
from qalqan.text.show import ALMATY
from qalqan.web.access import ThePartner
from qalqan.web.api.bodies import JsonBytes, parsed
from qalqan.web.api.reports import MAY_REPORT

router = APIRouter(tags=["letters"])


@router.post("/letters/loan-dispute", response_class=Response)
def loan_dispute(partner: ThePartner, body: JsonBytes) -> Response:
    """A letter to a lender from somebody in whose name a loan was taken, and what to do next,
    as a Word document in the writer's language."""
    if partner.kind not in MAY_REPORT:
        raise NotAllowed("report", "a reporting channel")
    return written(parsed(LoanDispute, body))


def written(told: LoanDispute) -> Response:
    """The letter as a file to download.

    Raises:
        InputRejected: a sum that can't be, or a day that has not come.
    """
    today = datetime.fromtimestamp(clock.now_us() / 1_000_000, UTC).astimezone(ALMATY).date()
    headers = {"Content-Disposition": 'attachment; filename="loan-dispute.docx"'}
    return Response(docx_of(letter(told, today)), media_type=DOCX, headers=headers)
