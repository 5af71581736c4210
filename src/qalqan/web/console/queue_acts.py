"""What officers do from the queue: take, give, remind, with one case or all that are marked; undo;
saved views (issue 5, Build 4). Each case answers for itself: a part done never looks like all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from qalqan.cases import by_hand, owners, saved_views
from qalqan.cases.queue import Asked
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound, QalqanError
from qalqan.model.order import WAITING
from qalqan.register import orm, rights
from qalqan.register.database import Database
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.failure import failure
from qalqan.web.access import FormOfficer, database_of, language_of
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.queue_page import asked, queue_response
from qalqan.web.console.reader import reader_of
from qalqan.web.errors import problem_of

router = APIRouter(include_in_schema=False)

MOST = 200
"""Cases that one step takes at most."""
CaseId = Annotated[str, Form(max_length=20)]
ViewId = Annotated[int, Path(ge=1, lt=2**63)]
_REFUSALS = (Conflict, NotAllowed, NotFound, InputRejected)
_FIELDS = frozenset({"tab", "sort", "region", "method", "owner", "days", "page"})


@dataclass(frozen=True)
class Came:
    """What came of it for one case."""

    case: str
    done: bool
    words: str


def asked_of(back: str) -> Asked:
    """The list that a form was sent from."""
    told = {name: value for name, value in parse_qsl(back[:400]) if name in _FIELDS}
    whole = {name: _whole(told.pop(name, "")) for name in ("days", "page")}
    return asked(**told, **whole)  # type: ignore[arg-type]


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0


@router.post("/queue/take")
def take(request: Request, officer: FormOfficer, case: CaseId, back: Field = "") -> Response:
    """Take one case."""
    return _one(request, officer, case, back, "take", owners.take)


@router.post("/queue/give")
def give(
    request: Request, officer: FormOfficer, case: CaseId, back: Field = "",
    to: Field = "", seen: Field = "",
) -> Response:  # fmt: skip
    """Give one case to somebody, or back."""

    def given(database: Database, case_id: str, person: SignedIn) -> None:
        owners.give(database, case_id, person, to, seen)

    return _one(request, officer, case, back, "give", given)


@router.post("/queue/undo")
def undo(request: Request, officer: FormOfficer, case: CaseId, back: Field = "") -> Response:
    """Take one's last step back."""
    return _one(request, officer, case, back, "undo", owners.undo)


def _one(
    request: Request,
    officer: SignedIn,
    case: str,
    back: str,
    did: str,
    step: Callable[[Database, str, SignedIn], None],
) -> Response:
    listed = asked_of(back)
    try:
        step(database_of(request), case, officer)
    except _REFUSALS as error:
        status, told = _refusal(error, language_of(request))
        return queue_response(request, officer, listed, status, case, problem=told)
    if back == "case":
        return RedirectResponse(f"/cases/{case}?did={did}", 303)
    return RedirectResponse(f"/queue?{listed.address()}&case={case}&did={did}", 303)


def _refusal(error: QalqanError, language: str) -> tuple[int, str]:
    """The status, and why it did not go: of a conflict, with whom."""
    problem = problem_of(error, language)
    if isinstance(error, Conflict):
        return problem.status, failure(error, language)
    return problem.status, str(problem.error["message"])


@router.post("/queue/bulk")
def bulk(
    request: Request,
    officer: FormOfficer,
    step: Field = "",
    case: Annotated[list[str] | None, Form()] = None,
    owner: Annotated[list[str] | None, Form()] = None,
    back: Field = "",
    to: Field = "",
) -> Response:
    """The same step with all marked cases, each by itself; what came of each is told. `owner`:
    `case=login` of the list, as it was looked at."""
    cases = list(dict.fromkeys(each[:20] for each in case or ()))[:MOST]
    steps = {"take": _take, "give": _give(to, _seen(owner or ())), "remind": _remind}
    if step not in steps:
        raise InputRejected("step", step, "one_of", choices=", ".join(steps))
    came = [_came(request, officer, each, steps[step]) for each in cases]
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
    done = sum(each.done for each in came)
    return page(
        request, "queue_done.html", officer, 200 if done == len(came) else 207, reader=reader,
        came=came, done=done, back=asked_of(back).address(), step=step,
    )  # fmt: skip


_Step = Callable[[Request, SignedIn, str], tuple[str, dict[str, object]]]


def _came(request: Request, officer: SignedIn, case: str, step: _Step) -> Came:
    language = language_of(request)
    try:
        key, values = step(request, officer, case)
    except QalqanError as error:
        return Came(case, False, _refusal(error, language)[1])
    with database_of(request).session() as session:
        words = reader_of(session, language).say(key, case=case, **values)
    return Came(case, key != "queue.reminded_none", words)


def _take(request: Request, officer: SignedIn, case: str) -> tuple[str, dict[str, object]]:
    owners.take(database_of(request), case, officer)
    return "queue.taken", {}


def _seen(owners: Iterable[str]) -> Mapping[str, str]:
    """Case → whose it was when the giver looked."""
    return {case: login for case, _, login in (each.partition("=") for each in owners)}


def _give(to: str, seen: Mapping[str, str]) -> _Step:
    def given(request: Request, officer: SignedIn, case: str) -> tuple[str, dict[str, object]]:
        owners.give(database_of(request), case, officer, to, seen.get(case, ""))
        return ("queue.given", {"owner": to}) if to else ("queue.given_back", {})

    return given


def _remind(request: Request, officer: SignedIn, case: str) -> tuple[str, dict[str, object]]:
    database = database_of(request)
    with database.session() as session:
        rights.check_case(session, officer, Right.DRAFT, case)
        waits = select(orm.Order.id).where(
            orm.Order.case_id == case, orm.Order.state.in_(WAITING), orm.Order.sent_us.is_not(None)
        )
        orders = list(session.scalars(waits.order_by(orm.Order.id)))
    sent, refused = 0, None
    for order in orders:
        try:
            by_hand.remind(database, order, officer)
            sent += 1
        except Conflict as error:
            refused = error
    if not sent and refused is not None:
        raise refused
    return ("queue.reminded", {"n": sent}) if sent else ("queue.reminded_none", {})


@router.post("/queue/views")
def save_view(
    request: Request, officer: FormOfficer, back: Field = "",
    name: Field = "", shared: Field = "",
) -> Response:  # fmt: skip
    """Keep the list as it is under a name."""
    listed = asked_of(back)
    try:
        with database_of(request).write() as session:
            saved_views.save(session, officer, name, listed.address(page=1), shared=bool(shared))
    except _REFUSALS as error:
        status, told = _refusal(error, language_of(request))
        return queue_response(request, officer, listed, status, problem=told)
    return RedirectResponse(f"/queue?{listed.address()}", 303)


@router.post("/queue/views/{view}/delete")
def drop_view(request: Request, officer: FormOfficer, view: ViewId, back: Field = "") -> Response:
    """Forget a view of one's own."""
    with database_of(request).write() as session:
        saved_views.forget(session, officer, view)
    return RedirectResponse(f"/queue?{asked_of(back).address()}", 303)
