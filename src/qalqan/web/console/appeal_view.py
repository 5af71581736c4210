"""Appeals as pages show them (REQ-44)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from qalqan.cases import appeals, order_book
from qalqan.cases.appeal_book import Appeal, Verdict
from qalqan.cases.opening import Sealed, sealed
from qalqan.errors import NotAllowed
from qalqan.model.order import Order
from qalqan.register import orm, rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.web.console.clocks import Clock, clock_at
from qalqan.web.console.order_cards import kind_of
from qalqan.web.console.reader import Reader


@dataclass(frozen=True)
class AppealView:
    """One appeal; its words are sealed."""

    appeal: Appeal
    order: Order
    kind: str
    words: Sealed
    note: Sealed | None
    clock: Clock | None
    may_decide: bool
    """This reader had no part in the order and may judge it."""


def views(
    session: Session, reader: Reader, officer: SignedIn, found: Sequence[Appeal]
) -> tuple[AppealView, ...]:
    """The appeals as this officer sees them, in their order."""
    wanted = orm.Order.id.in_([each.order_id for each in found])
    orders = {order.id: order for order in order_book.find(session, wanted)}
    return tuple(_view(reader, officer, each, orders[each.order_id]) for each in found)


def _view(reader: Reader, officer: SignedIn, appeal: Appeal, order: Order) -> AppealView:
    is_open = appeal.state is Verdict.OPEN
    ends = appeal.received_us + appeals.TERM_US if appeal.due_us is None else appeal.due_us
    if appeal.escalated:  # its own term has run out, whatever the ladder's next step is
        ends = min(ends, appeal.received_us + appeals.TERM_US)
    clock = clock_at("appeal", appeal.received_us, ends, reader.now_us) if is_open else None
    return AppealView(
        appeal=appeal,
        order=order,
        kind=kind_of(order),
        words=sealed(appeal.words),
        note=sealed(appeal.note) if appeal.note else None,
        clock=clock,
        may_decide=is_open and rights.has(officer, Right.DECIDE) and _is_apart(order, officer),
    )


def _is_apart(order: Order, officer: SignedIn) -> bool:
    try:
        appeals.check_apart(order, officer)
    except NotAllowed:
        return False
    return True
