"""Treaties and channels by date, with their sources; a supervisor enters and ends rows (REQ-69)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.cases import abroad_treaties
from qalqan.cases.abroad_kinds import Kind
from qalqan.cases.abroad_treaties import (
    LONGEST_ARTICLE,
    LONGEST_SOURCE,
    LONGEST_TITLE,
    STANDINGS,
    Entered,
)
from qalqan.errors import QalqanError
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console.abroad_choices import day
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.console.wrong import said

router = APIRouter(include_in_schema=False)

Code = Annotated[str, Path(max_length=40, pattern=r"^[a-z0-9._]+$")]
Many = Annotated[list[str], Form()]


@router.get("/abroad/treaties")
def show_treaties(request: Request, officer: ThePageOfficer) -> Response:
    """All rows, the newest first."""
    return _page(request, officer)


@router.post("/abroad/treaties")
def enter(
    request: Request, officer: FormOfficer, title: Field = "", standing: Field = "",
    countries: Field = "", allows: Many = [], valid_from: Field = "", source: Field = "",  # noqa: B006
    source_day: Field = "", article: Field = "",
) -> Response:  # fmt: skip
    """Enter a row."""
    rights.check(officer, Right.PARTNERS)
    try:
        given = Entered(
            title, standing, countries.split(), allows, day("valid_from", valid_from), source,
            day("source_day", source_day), article,
        )  # fmt: skip
        with database_of(request).write() as session:
            abroad_treaties.enter(session, officer, given)
    except QalqanError as error:
        return _page(request, officer, *said(request, error), "enter")
    return RedirectResponse("/abroad/treaties", 303)


@router.post("/abroad/treaties/{treaty}/end")
def end(
    request: Request, officer: FormOfficer, treaty: Code, until: Field = "", source: Field = "",
    source_day: Field = "",
) -> Response:  # fmt: skip
    """Say that a row holds no longer."""
    rights.check(officer, Right.PARTNERS)
    try:
        told = day("until", until), source, day("source_day", source_day)
        with database_of(request).write() as session:
            abroad_treaties.end(session, officer, treaty, *told)
    except QalqanError as error:
        return _page(request, officer, *said(request, error), treaty)
    return RedirectResponse("/abroad/treaties", 303)


def _page(
    request: Request, officer: SignedIn, status: int = 200, problem: str = "", act: str = ""
) -> Response:
    rights.check(officer, Right.ABROAD)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        found = abroad_treaties.listed(session)
    return page(
        request, "abroad_treaties.html", officer, status, reader=reader, treaties=found,
        standings=STANDINGS, kinds=tuple(Kind), problem=problem, act=act,
        longest={"title": LONGEST_TITLE, "source": LONGEST_SOURCE, "article": LONGEST_ARTICLE},
    )  # fmt: skip
