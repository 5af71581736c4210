"""What the queue's head says of the banks: held today of what was asked, how quickly they answer
(issue 5, Build 4)."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan.clock import DAY
from qalqan.model.order import Kind
from qalqan.register import orm
from qalqan.trail.hazard import ALMATY_US

MOST = 500
"""Newest answers that the median is of."""


@dataclass(frozen=True)
class Today:
    """Of all holds that banks answered since midnight in Almaty; sums in tiyn."""

    asked: int
    held: int
    median_us: int | None
    """From sending to the answer; None: none came."""
    n: int


def today(session: Session, now_us: int) -> Today:
    """The figures of this day; tenge alone."""
    since = (now_us + ALMATY_US) // DAY * DAY - ALMATY_US
    order = orm.Order
    answered = (
        order.kind == Kind.HOLD, order.answered_us.is_not(None), order.answered_us >= since,
    )  # fmt: skip
    sums = select(
        func.coalesce(func.sum(order.amount), 0), func.coalesce(func.sum(order.effect), 0)
    ).where(*answered, order.currency == "KZT")
    asked, held = session.execute(sums).one()
    times = session.execute(
        select(order.sent_us, order.answered_us)
        .where(*answered, order.sent_us.is_not(None))
        .order_by(order.answered_us.desc())
        .limit(MOST)
    )
    taken = [max(0, (till or 0) - (sent or 0)) for sent, till in times]
    median = int(statistics.median(taken)) if taken else None
    return Today(int(asked or 0), int(held or 0), median, len(taken))
