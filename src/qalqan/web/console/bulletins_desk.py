"""The desk of bulletins: asked for, counted, written on, agreed to, out (REQ-79 to 87).

What an editor writes is read by the checker of claims beside the bulletin's own figures; what is
false is shown before anybody agrees, and is not published.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.bulletin import desk, shown
from qalqan.bulletin.documents.compose import INSIDE, KINDS
from qalqan.bulletin.documents.speak import speak
from qalqan.bulletin.documents.write import WRITERS, file_name, write
from qalqan.cases.codes import regions
from qalqan.errors import QalqanError
from qalqan.model.period import day_in_almaty, month_of
from qalqan.register import orm, rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import ENDONYMS, page
from qalqan.web.console.reader import reader_of
from qalqan.web.console.wrong import said
from qalqan.web.portal.bulletins_page import served, title_of

router = APIRouter(include_in_schema=False)

Number = Annotated[str, Path(max_length=20, pattern=r"^B-\d\d-\d{6}$")]
Version = Annotated[int, Form()]
Words = Annotated[str, Form(max_length=2 * desk.LONGEST_WORDS)]
Language = Annotated[str, Path(pattern="^(kk|ru|en)$")]
Form_ = Annotated[str, Path(pattern="^(html|pdf|docx|txt)$")]
_NEWEST = 60


@router.get("/bulletins/desk")
def show(request: Request, officer: ThePageOfficer) -> Response:
    """All bulletins, the newest first, and the form to ask for one."""
    return _list(request, officer)


@router.post("/bulletins/desk")
def ask(
    request: Request, officer: FormOfficer, kind: Field = "", period: Field = "",
    region: Field = "", replaces: Field = "",
) -> Response:  # fmt: skip
    """Ask for a bulletin."""
    try:
        with database_of(request).write() as session:
            made = desk.ask(session, officer, kind, period, region, replaces).id
    except QalqanError as error:
        return _list(request, officer, {"kind": kind, "period": period, "region": region},
                     said(request, error).sentence)  # fmt: skip
    return RedirectResponse(f"/bulletins/desk/{made}", 303)


@router.get("/bulletins/desk/{bulletin}")
def look(request: Request, officer: ThePageOfficer, bulletin: Number) -> Response:
    """One bulletin as it stands, in the reader's language."""
    return _one(request, officer, bulletin)


@router.get("/bulletins/desk/{bulletin}/{language}.{form}")
def fetch(
    request: Request, officer: ThePageOfficer, bulletin: Number, language: Language, form: Form_
) -> Response:
    """A draft, or what was published, as a file."""
    rights.check(officer, Right.FIGURES)
    with database_of(request).session() as session:
        row = desk.one(session, bulletin)
    body = desk.body_of(row)
    made = write(body, language, form, row.state)
    return served(made, file_name(body, language, form), form, cached=False)


@router.post("/bulletins/desk/{bulletin}/words")
def words(
    request: Request, officer: FormOfficer, bulletin: Number, version: Version, kk: Words = "",
    ru: Words = "", en: Words = "",
) -> Response:  # fmt: skip
    """Write on a draft, in each language."""
    given = {"kk": kk, "ru": ru, "en": en}
    try:
        with database_of(request).write() as session:
            desk.write_words(session, officer, bulletin, given, version)
    except QalqanError as error:
        return _one(request, officer, bulletin, said(request, error).sentence, given)
    return RedirectResponse(f"/bulletins/desk/{bulletin}#words", 303)


@router.post("/bulletins/desk/{bulletin}/decision")
def decide(
    request: Request, officer: FormOfficer, bulletin: Number, version: Version,
    decision: Annotated[Literal["approve", "refuse"], Form()],
) -> Response:  # fmt: skip
    """The second person's yes or no."""
    try:
        with database_of(request).write() as session:
            desk.decide(session, officer, bulletin, decision == "approve", version)
    except QalqanError as error:
        return _one(request, officer, bulletin, said(request, error).sentence)
    return RedirectResponse(f"/bulletins/desk/{bulletin}", 303)


@router.post("/bulletins/desk/{bulletin}/withdrawal")
def withdraw(
    request: Request, officer: FormOfficer, bulletin: Number,
    why: Annotated[str, Form(max_length=2000)] = "",
) -> Response:  # fmt: skip
    """Take it back, with a reason that everybody sees."""
    try:
        with database_of(request).write() as session:
            desk.withdraw(session, officer, bulletin, why)
    except QalqanError as error:
        return _one(request, officer, bulletin, said(request, error).sentence)
    return RedirectResponse(f"/bulletins/desk/{bulletin}", 303)


def _list(
    request: Request, officer: SignedIn, given: dict[str, str] | None = None, problem: str = ""
) -> Response:
    rights.check(officer, Right.FIGURES)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        rows = desk.newest(session, _NEWEST)
    today = day_in_almaty(reader.now_us)
    last = month_of(today.replace(day=1) - timedelta(days=1)).code
    usual = {"kind": "month", "period": last, "region": ""}
    return page(
        request, "bulletins_desk.html", officer, 422 if problem else 200, reader=reader, rows=rows,
        title_of=title_of, kinds=tuple(KINDS), given=usual | (given or {}),
        problem=problem, regions=sorted(regions(), key=reader.region),
    )  # fmt: skip


def _one(
    request: Request, officer: SignedIn, bulletin: str, problem: str = "",
    given: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    rights.check(officer, Right.FIGURES)
    with database_of(request).session() as session:
        row = desk.one(session, bulletin)
        reader = reader_of(session, language_of(request))
    body = desk.body_of(row) if row.body else None
    return page(
        request, "bulletin_desk.html", officer, 422 if problem else 200, reader=reader, row=row,
        title=title_of(row, reader.language), spoken=speak(body, reader.language) if body else None,
        words=given or (dict(body.words) if body else {}), problem=problem, tongues=ENDONYMS,
        forms=tuple(WRITERS), findings=desk.findings(body) if body else {}, shown=shown,
        longest=desk.LONGEST_WORDS, may_decide=_may_decide(officer, row),
        is_inside=row.kind in INSIDE,
    )  # fmt: skip


def _may_decide(officer: SignedIn, row: orm.Bulletin) -> bool:
    is_other = officer.login not in desk.authors(row)
    return rights.has(officer, Right.PUBLISH) and row.state == "drafted" and is_other
