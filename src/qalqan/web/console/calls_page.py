"""Calls: what edges refused and passed today, campaigns and where they came from, the edges
themselves (REQ-45, 49). The list refreshes by itself; it works as a plain page, too."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from qalqan.cases import call_counts
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.catalogue import shown_value
from qalqan.web.access import ThePageOfficer, database_of, language_of
from qalqan.web.console import call_hours, call_view
from qalqan.web.console.entrance import onlooker
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of

router = APIRouter(include_in_schema=False)

Onlooker = Annotated[SignedIn, Depends(onlooker)]


@router.get("/calls")
def show_calls(request: Request, officer: ThePageOfficer) -> Response:
    """The page."""
    return _calls(request, officer, "calls.html")


@router.get("/calls/live")
def refresh(request: Request, officer: Onlooker, mark: str = "") -> Response:
    """What changes by itself; 204 when nothing has changed."""
    rights.check(officer, Right.CASES)
    with database_of(request).session() as session:
        if call_view.mark(session) == mark:
            return Response(status_code=204)
    return _calls(request, officer, "_calls.html")


def _calls(request: Request, officer: SignedIn, template: str) -> Response:
    rights.check(officer, Right.CASES)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        view = call_view.calls_page(session, reader)
    return page(
        request, template, officer, reader=reader, view=view, picture=call_hours,
        answers=call_counts.ANSWERS, count=shown_value, live=template.startswith("_"),
    )  # fmt: skip
