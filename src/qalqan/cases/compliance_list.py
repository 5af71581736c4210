"""Items of compliance as they are read: an operator's own, and how each operator does (REQ-51)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases.compliance import OPEN, State
from qalqan.errors import NotFound
from qalqan.register import vault
from qalqan.register.orm import ComplianceItem, ComplianceStep
from qalqan.trust.keys import Keys


@dataclass(frozen=True)
class Standing:
    """How one operator does."""

    partner: str
    open: int
    overdue: int
    answered: int
    in_time: int
    """Of `answered`: before the term was over."""


def stands(item: ComplianceItem, now_us: int) -> State:
    """Where it stands at a moment, whether or not the machine has noted the end of its term."""
    over = item.state == State.ASKED and item.due_us <= now_us
    return State.OVERDUE if over else State(item.state)


def of_partner(
    session: Session, partner: str, after_id: str = "", most: int = 50
) -> Sequence[ComplianceItem]:
    """An operator's items in their order; never another's."""
    mine = select(ComplianceItem).where(
        ComplianceItem.partner == partner, ComplianceItem.id > after_id
    )
    return session.scalars(mine.order_by(ComplianceItem.id).limit(most)).all()


def opened(
    session: Session, keys: Keys, partner: str, item_id: str, actor: str
) -> tuple[ComplianceItem, list[str]]:
    """One of an operator's items with its numbers in clear and in order: they are its
    own. Each opening stands in the record. A write transaction.

    Raises:
        NotFound: no such item of this operator.
    """
    item = session.get(ComplianceItem, item_id)
    if item is None or item.partner != partner:
        raise NotFound("compliance", item_id)
    clear = vault.reveal_many(session, keys, item.numbers, actor, f"{item_id}: numbers in order")
    return item, sorted(clear.values())


def history(session: Session, item_id: str) -> Sequence[ComplianceStep]:
    """All its steps, the newest first."""
    of = select(ComplianceStep).where(ComplianceStep.item == item_id)
    return session.scalars(of.order_by(ComplianceStep.id.desc())).all()


def standings(session: Session) -> list[Standing]:
    """Every operator by its items, for the bulletin and the page."""
    item, now = ComplianceItem, clock.now_us()
    late = (item.state == State.OVERDUE) | ((item.state == State.ASKED) & (item.due_us <= now))
    told = item.answered_us.is_not(None)
    rows = session.execute(
        select(
            item.partner,
            func.count().filter(item.state.in_(OPEN)),
            func.count().filter(late),
            func.count().filter(told),
            func.count().filter(told & ~item.late),
        )
        .group_by(item.partner)
        .order_by(item.partner)
    )
    return [Standing(*row) for row in rows]
