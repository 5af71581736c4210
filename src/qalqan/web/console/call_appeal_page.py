"""Appeals of refused callers, as officers decide them: the verdict asked anew, the lists that the
number stands on, the answer in the caller's language (REQ-45, 44)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from qalqan.cases import call_appeals
from qalqan.cases.appeal_book import Verdict
from qalqan.cases.appeals import MOST_NOTE, Decision
from qalqan.cases.call_appeals import REASONS, Opened
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.register import rights
from qalqan.register.orm import CallAppeal, IndicatorRow
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.catalogue import say
from qalqan.text.refusal import expectation
from qalqan.text.show import when
from qalqan.trust.tokens import last_four
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, keys_of, language_of
from qalqan.web.console.clocks import Clock, clock_at
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import Reader, reader_of
from qalqan.web.errors import problem_of
from qalqan.work.call_verdict import Anew, anew

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class CallAppealView:
    """One appeal, its values sealed."""

    appeal: CallAppeal
    last: str
    clock: Clock | None
    lists: Sequence[IndicatorRow]
    order: str
    """The newest order about the number, of a case in view."""
    hidden: int
    """How many there are of cases out of view."""
    may_decide: bool


def views(
    session: Session, reader: Reader, officer: SignedIn, found: Sequence[CallAppeal]
) -> tuple[CallAppealView, ...]:
    """The appeals as this officer sees them, in their order."""
    return tuple(_view(session, reader, officer, each) for each in found)


def _view(
    session: Session, reader: Reader, officer: SignedIn, appeal: CallAppeal
) -> CallAppealView:
    is_open, lists = appeal.state == Verdict.OPEN, call_appeals.lists_of(session, appeal.number)
    order, hidden = call_appeals.orders_about(session, officer, appeal.number)
    clock = clock_at("appeal", appeal.received_us, appeal.due_us, reader.now_us)
    may = is_open and rights.has(officer, Right.DECIDE) and call_appeals.is_apart(lists, officer)
    return CallAppealView(
        appeal, last_four(appeal.number), clock if is_open else None, lists, order, hidden, may
    )


@router.get("/appeals/calls/{call}")
def show(request: Request, officer: ThePageOfficer, call: str) -> HTMLResponse:
    """One appeal, sealed, with the form that decides it."""
    return _page(request, officer, call)


@router.post("/appeals/calls/{call}/open")
def open_sealed(request: Request, officer: FormOfficer, call: str) -> HTMLResponse:
    """What the caller told, the verdict on such a call now, and the answer to him."""
    opened = call_appeals.open_sealed(database_of(request), keys_of(request), officer, call)
    return _page(request, officer, call, opened=opened)


@router.post("/appeals/calls/{call}")
def decide(
    request: Request,
    officer: FormOfficer,
    call: str,
    version: Annotated[int, Form()],
    decision: Field = "",
    words: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Decide; a number that leaves the lists passes with its next call."""
    verdict, _, reason = decision.partition(".")
    known = verdict if verdict in set(REASONS) else Verdict.OPEN
    told = Decision(Verdict(known), reason, words, version=version)
    try:
        call_appeals.decide(database_of(request), keys_of(request), call, officer, told)
    except InputRejected as error:
        problem = expectation(error.expected, language_of(request), error.params)
        given = {"decision": decision, "words": words}
        return _page(request, officer, call, 422, given, problem)
    except (Conflict, NotAllowed) as error:
        told_so = problem_of(error, language_of(request))
        return _page(request, officer, call, told_so.status, problem=str(told_so.error["message"]))
    return RedirectResponse(f"/appeals/calls/{call}", 303)


def _page(
    request: Request,
    officer: SignedIn,
    appeal_id: str,
    status: int = 200,
    given: Mapping[str, str] | None = None,
    problem: str = "",
    opened: Opened | None = None,
) -> HTMLResponse:
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        found = call_appeals.load(session, officer, appeal_id)
        (view,) = views(session, reader, officer, [found])
    again = _anew(request, found, opened, reader.language) if opened else None
    return page(
        request, "call_appeal.html", officer, status, reader=reader, view=view, opened=opened,
        anew=again, letter=_letter(found, opened), given=given or {"decision": "", "words": ""},
        problem=problem, reasons=REASONS, longest=MOST_NOTE, may_read=_may_read(officer),
    )  # fmt: skip


def _may_read(officer: SignedIn) -> bool:
    fields = rights.FIELDS.get(officer.role, frozenset())
    return {"phone", "words"} <= fields


def _anew(
    request: Request, appeal: CallAppeal, opened: Opened, language: str
) -> tuple[Anew, ...] | None:
    """The verdict asked now; None while there are no tables."""
    screen = request.app.state.calls.screen()
    if screen is None:
        return None
    if not opened.number:
        return ()
    return anew(screen, appeal.place, opened.number, opened.called, language)


def _letter(appeal: CallAppeal, opened: Opened | None) -> tuple[str, ...]:
    """The answer's paragraphs, in the caller's language; none before the decision."""
    if opened is None or appeal.decided_us is None:
        return ()
    language = appeal.language
    at, number = when(appeal.received_us, language), last_four(appeal.number)
    return (
        say("refused.letter.greeting", language),
        say("refused.letter.about", language, appeal=appeal.id, at=at, last=number),
        say(f"refused.letter.{appeal.reason}", language),
        opened.note,
        say("refused.letter.again", language),
    )
