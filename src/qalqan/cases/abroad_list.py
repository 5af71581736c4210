"""Requests abroad as pages and programs list them: what is due first stands first (REQ-70)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from qalqan.cases import abroad_requests, abroad_steps, abroad_treaties
from qalqan.cases.abroad_kinds import ENDS, Event, State, possible
from qalqan.cases.abroad_treaties import Treaty
from qalqan.errors import NotFound
from qalqan.register import orm, rights
from qalqan.register.rights import Person, Right

TABS = ("open", "drafted", "in", "closed")
A_PAGE = 50
SOON_US = 24 * 3600 * 1_000_000
"""Due within a day is soon."""


@dataclass(frozen=True)
class Line:
    """A request in a list."""

    row: orm.AbroadRequest
    state: str
    left_us: int | None
    """Until its answer is due; below zero: late; None: no clock runs."""


@dataclass(frozen=True)
class Listed:
    """A page of a list."""

    lines: tuple[Line, ...]
    counts: dict[str, int]
    page: int
    pages: int


@dataclass(frozen=True)
class View:
    """One request with everything about it."""

    row: orm.AbroadRequest
    state: str
    steps: Sequence[orm.AbroadStep]
    basis: Treaty | None
    contact: orm.AbroadContact | None
    events: tuple[Event, ...]
    """What may be done with it now, by somebody."""
    prolonged_by: Sequence[str]


def listed(session: Session, officer: Person, tab: str, now_us: int, page: int = 1) -> Listed:
    """Requests in view: open ones by their clock, closed ones the newest first.

    Raises:
        NotAllowed: no right.
    """
    rights.check(officer, Right.ABROAD)
    seen = _seen(officer)
    row = orm.AbroadRequest
    counts = {
        name: session.scalar(select(func.count()).where(_tab(name), seen)) or 0 for name in TABS
    }
    tab = tab if tab in TABS else TABS[0]
    soonest = (row.due_us.is_(None), row.due_us, row.id)
    order = (row.id.desc(),) if tab == "closed" else soonest
    asked = select(row).where(_tab(tab), seen).order_by(*order)
    found = session.scalars(asked.limit(A_PAGE).offset((page - 1) * A_PAGE)).all()
    lines = tuple(line_of(each, now_us) for each in found)
    return Listed(lines, counts, page, max(1, -(-counts[tab] // A_PAGE)))


def line_of(row: orm.AbroadRequest, now_us: int) -> Line:
    """A request as lists show it."""
    runs = row.due_us is not None and row.state in {
        State.SENT, State.ACKNOWLEDGED, State.EXPIRED, State.RECEIVED,
    }  # fmt: skip
    left = row.due_us - now_us if runs and row.due_us is not None else None
    return Line(row, abroad_steps.stands(row, now_us), left)


def one(session: Session, officer: Person, request: str, now_us: int) -> View:
    """One request.

    Raises:
        NotAllowed, NotFound: as `abroad_requests.load`.
    """
    row = abroad_requests.load(session, officer, request)
    steps = select(orm.AbroadStep).where(orm.AbroadStep.request == request)
    later = select(orm.AbroadRequest.id).where(orm.AbroadRequest.parent == request)
    contact = session.get(orm.AbroadContact, row.contact) if row.contact else None
    return View(
        row, abroad_steps.stands(row, now_us),
        session.scalars(steps.order_by(orm.AbroadStep.id.desc())).all(),
        _basis(session, row), contact, possible(abroad_steps.stands(row, now_us)),
        session.scalars(later.order_by(orm.AbroadRequest.id)).all(),
    )  # fmt: skip


def of_case(session: Session, case_id: str) -> dict[int, orm.AbroadRequest]:
    """Requests of a case by the task that each is."""
    row = orm.AbroadRequest
    found = session.scalars(select(row).where(row.case_id == case_id, row.task.is_not(None)))
    return {each.task: each for each in found if each.task is not None}


def _basis(session: Session, row: orm.AbroadRequest) -> Treaty | None:
    if row.basis is None:
        return None
    try:
        return abroad_treaties.one(session, row.basis)
    except NotFound:  # shipped by an earlier version
        return None


def _seen(officer: Person) -> ColumnElement[bool]:
    row = orm.AbroadRequest
    view = select(orm.Case.id).where(rights.own_view(officer))
    return or_(row.case_id.is_(None), row.case_id.in_(view))


def _tab(name: str) -> ColumnElement[bool]:
    row = orm.AbroadRequest
    ended = row.state.in_(sorted(ENDS))
    if name == "closed":
        return ended
    if name == "in":
        return (row.direction == abroad_requests.IN) & ~ended
    if name == "drafted":
        return row.state == State.DRAFTED
    return (row.direction == abroad_requests.OUT) & ~ended
