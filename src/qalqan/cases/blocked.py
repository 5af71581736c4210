"""One number, link or account, and everything that blocks it or holds money there.

A value is blocked by orders, of whatever case, and by lists. Orders of cases out of an officer's
view count by region alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from qalqan.cases import appeal_book, order_book
from qalqan.cases.appeal_book import Appeal
from qalqan.errors import NotFound
from qalqan.model.order import WAITING, Kind, Order, State, held_now
from qalqan.register import orm, rights
from qalqan.register.rights import Person, Right

OF_VALUE = frozenset({Kind.BLOCK, Kind.TAKEDOWN, Kind.UNBLOCK})
OF_ACCOUNT = frozenset({Kind.HOLD, Kind.RELEASE, Kind.RETURN})
_STOPS = frozenset({Kind.BLOCK, Kind.TAKEDOWN, Kind.HOLD})
_NEVER_LEFT = (State.DRAFTED, State.WITHDRAWN)


@dataclass(frozen=True)
class Blocked:
    """What is blocked, and by what."""

    kind: str
    """phone, domain, url, account"""
    subject: str
    """A token where it is personal."""
    orders: tuple[Order, ...]
    """Of cases in view, oldest first."""
    appeals: tuple[Appeal, ...]
    """Against these."""
    hidden: tuple[tuple[str, int], ...]
    """Region, how many orders out of view."""
    lists: tuple[orm.IndicatorRow, ...]
    now_us: int

    @property
    def in_force(self) -> tuple[Order, ...]:
        """What stops something at this moment."""
        return tuple(order for order in self.orders if is_in_force(order, self.now_us))

    @property
    def state(self) -> str:
        """in_force, waiting (for a partner), drafted or ended."""
        if self.in_force:
            return "in_force"
        stops = [order for order in self.orders if order.kind in _STOPS]
        if any(order.state in WAITING for order in stops):
            return "waiting"
        return "drafted" if any(order.state is State.DRAFTED for order in stops) else "ended"


def is_in_force(order: Order, now_us: int) -> bool:
    """Whether an order stops something at this moment, also while it is appealed."""
    if order.kind is Kind.HOLD:
        return held_now(order, now_us) > 0
    runs = order.expires_us is None or order.expires_us > now_us
    return order.kind in _STOPS and runs and order.state in {State.ANSWERED, State.APPEALED}


def is_about(order: Order) -> bool:
    """Whether an order blocks a value, holds money at an account, or undoes one of these."""
    return bool(order.subject if order.kind in OF_VALUE else order.account) and (
        order.kind in OF_VALUE | OF_ACCOUNT
    )


def about(session: Session, officer: Person, order_id: str, now_us: int) -> Blocked:
    """All that blocks what this order is about.

    Raises:
        NotFound: no such order, or it blocks nothing. NotAllowed: its case is out of view.
    """
    order = order_book.load(session, order_id)
    rights.check_case(session, officer, Right.CASES, order.case_id)
    kind, subject, same = _same(order)
    seen = order_book.find(session, same, orm.Order.case_id.in_(_in_view(officer)))
    found = appeal_book.of_orders(session, [each.id for each in seen])
    return Blocked(
        kind=kind,
        subject=subject,
        orders=tuple(seen),
        appeals=tuple(appeal for each in seen for appeal in found.get(each.id, ())),
        hidden=_hidden(session, officer, same),
        lists=_lists(session, subject),
        now_us=now_us,
    )


def newest(
    session: Session, officer: Person, subjects: Collection[str]
) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Of these subjects those about which there are orders → the newest, of a case in view if
    there is any, and the cases, the newest first."""
    row, wanted = orm.Order, sorted(subjects)
    found: dict[str, list[tuple[bool, str, str]]] = {}
    for column, kinds in ((row.subject, OF_VALUE), (row.account, OF_ACCOUNT)):
        query = (
            select(column, row.id, row.case_id, row.case_id.in_(_in_view(officer)))
            .where(column.in_(wanted), row.kind.in_(sorted(kinds)), row.state.not_in(_NEVER_LEFT))
            .order_by(row.id.desc())
            .limit(400)
        )
        for subject, order, case, visible in session.execute(query):
            found.setdefault(str(subject), []).append((bool(visible), order, case))
    return {subject: (max(told)[1], _cases(told)) for subject, told in found.items()}


def _cases(told: Sequence[tuple[bool, str, str]]) -> tuple[str, ...]:
    return tuple(sorted({case for *_, case in told}, reverse=True))


def _in_view(officer: Person) -> Select[str]:
    return select(orm.Case.id).where(rights.in_view(officer))


def _same(order: Order) -> tuple[str, str, ColumnElement[bool]]:
    """Kind and subject of what an order blocks, and the condition on all orders that do."""
    if not is_about(order):
        raise NotFound("blocked value", order.id)
    row = orm.Order
    if order.kind in OF_VALUE:
        kind, subject = str(order.subject_kind), order.subject or ""
        return kind, subject, (row.subject == subject) & row.kind.in_(sorted(OF_VALUE))
    subject = order.account or ""
    return "account", subject, (row.account == subject) & row.kind.in_(sorted(OF_ACCOUNT))


def _hidden(
    session: Session, officer: Person, same: ColumnElement[bool]
) -> tuple[tuple[str, int], ...]:
    regions: Mapping[str, int] = Counter(
        session.scalars(
            select(orm.Case.region)
            .join(orm.Order, orm.Order.case_id == orm.Case.id)
            .where(same, orm.Order.state.not_in(_NEVER_LEFT), orm.Case.id.not_in(_in_view(officer)))
        )
    )
    return tuple(sorted(regions.items()))


def _lists(session: Session, subject: str) -> tuple[orm.IndicatorRow, ...]:
    rows = select(orm.IndicatorRow).where(orm.IndicatorRow.subject == subject)
    return tuple(session.scalars(rows.order_by(orm.IndicatorRow.id.desc())))
