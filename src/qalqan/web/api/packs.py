"""The evidence pack of a case, by API (REQ-19, 35)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from qalqan.cases.evidence import Asked
from qalqan.register import purposes
from qalqan.web.access import TheOfficer
from qalqan.web.console.pack_page import handed_out

router = APIRouter(tags=["officers"])


@router.post("/cases/{case}/pack", response_class=Response)
def pack(
    request: Request,
    officer: TheOfficer,
    case: Annotated[str, Path(max_length=20)],
    purpose: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """Everything about a case as one signed archive (zip). With a purpose, the personal values that
    the officer's role may have opened are in it, each noted in the audit; else tokens alone."""
    told = purposes.sentence(purpose) if purpose.strip() else ""
    return handed_out(request, Asked(officer, case, told))
