"""Orders as lists show them: by the clock, filtered and paged in the database (REQ-19, 44).

A page begins where the one before ended: it takes as long at a million orders as at a hundred.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from qalqan.cases import order_book
from qalqan.clock import DAY
from qalqan.model.order import WAITING, Kind, Order, State
from qalqan.register import orm, rights
from qalqan.register.rights import Person

A_PAGE = 40
SHOWN = ("clock", "late", "ending", "drafts", "all")
"""What a list shows: with a term that runs, overdue, ending within a day, drafts, all."""
_BY_CLOCK = frozenset({"clock", "late", "ending"})


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; empty: whatever it is."""

    shown: str = SHOWN[0]
    kind: str = ""
    partner: str = ""
    state: str = ""
    mine: bool = False
    """Drafted by him, or of a case of his."""
    after: str = ""
    """Where the page begins: as the page before told."""


@dataclass(frozen=True)
class Page:
    """One page of orders; `next` is empty on the last."""

    orders: tuple[Order, ...]
    next: str


def listed(
    session: Session, seen: ColumnElement[bool], wanted: Wanted, now_us: int, login: str = ""
) -> Page:
    """One page of the orders that `seen` lets through (`of_officer`, `of_partner`)."""
    by_clock = wanted.shown in _BY_CLOCK
    row = orm.Order
    order = (row.clock_us, row.id) if by_clock else (row.id.desc(),)
    rows = session.execute(
        select(row.id, row.clock_us)
        .where(seen, *_filters(wanted, now_us, login), *_after(wanted.after, by_clock))
        .order_by(*order)
        .limit(A_PAGE + 1)
    ).all()
    place = {order_id: n for n, (order_id, _) in enumerate(rows[:A_PAGE])}
    found = order_book.find(session, row.id.in_(list(place)))
    ends = rows[A_PAGE - 1] if len(rows) > A_PAGE else None
    after = "" if ends is None else f"{ends[1]}.{ends[0]}" if by_clock else f"{ends[0]}"
    return Page(tuple(sorted(found, key=lambda each: place[each.id])), after)


def of_officer(person: Person) -> ColumnElement[bool]:
    """Orders of cases in the officer's view; asked order by order, so that the clock leads."""
    case = orm.Case
    return exists(select(case.id).where(case.id == orm.Order.case_id, rights.in_view(person)))


def of_partner(code: str) -> ColumnElement[bool]:
    """A partner's own orders, as far as people have agreed to them."""
    return and_(orm.Order.partner == code, orm.Order.state != State.DRAFTED)


def _filters(wanted: Wanted, now_us: int, login: str) -> Sequence[ColumnElement[bool]]:
    row, found = orm.Order, list(_shown(wanted.shown, now_us))
    if wanted.kind in set(Kind):
        found.append(row.kind == wanted.kind)
    if wanted.state in set(State):
        found.append(row.state == wanted.state)
    if wanted.partner:
        found.append(row.partner == wanted.partner)
    if wanted.mine:
        own = select(orm.Case.id).where(orm.Case.id == row.case_id, orm.Case.owner == login)
        found.append(or_(row.drafted_by == login, exists(own)))
    return found


def _shown(shown: str, now_us: int) -> Sequence[ColumnElement[bool]]:
    row = orm.Order
    if shown == "late":
        return row.clock_us <= now_us, row.state.in_([*sorted(WAITING)])
    if shown == "ending":
        in_force = row.state.in_([State.ANSWERED, State.APPEALED])
        return row.clock_us > now_us, row.clock_us <= now_us + DAY, in_force
    if shown == "drafts":
        return (row.state == State.DRAFTED,)
    return (row.clock_us.is_not(None),) if shown == "clock" else ()


def _after(after: str, by_clock: bool) -> Sequence[ColumnElement[bool]]:
    """Behind the last of the page before; what was never told begins at the beginning."""
    row = orm.Order
    if not after:
        return ()
    if not by_clock:
        return (row.id < after,)
    clock, _, last = after.partition(".")
    if not (clock.isdecimal() and len(clock) < 19):
        return ()
    at = int(clock)
    return (row.clock_us >= at, or_(row.clock_us > at, row.id > last))
