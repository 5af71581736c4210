"""What an answer comes to: which answers an order has, and the money they move (REQ-44)."""

from __future__ import annotations

from qalqan.errors import InputRejected
from qalqan.model.order import OUTCOMES, Answered, Order, Outcome


def check_outcome(order: Order, outcome: Outcome) -> None:
    """Refuse an answer that orders of this kind don't have.

    Raises:
        InputRejected: another kind's answer.
    """
    if outcome not in OUTCOMES[order.kind]:
        allowed = ", ".join(sorted(OUTCOMES[order.kind]))
        raise InputRejected("outcome", outcome, "order.outcome", allowed=allowed)


def effect_of(order: Order, answer: Answered) -> int:
    """Minor units that this answer holds, releases or returns; 0 where it says no sum.

    Raises:
        InputRejected: more than was asked, or a sum that contradicts the outcome.
    """
    asked = order.amount or 0
    if answer.outcome not in _sums(asked):
        return 0
    low, high, unsaid, expected = _sums(asked)[answer.outcome]
    said = unsaid if answer.amount is None else answer.amount
    if said is not None and said > asked:
        raise InputRejected("amount", said, "order.at_most_asked", asked=asked)
    if said is None or not low <= said <= high:
        raise InputRejected("amount", said, expected, asked=asked)
    return said


def _sums(asked: int) -> dict[Outcome, tuple[int, int, int | None, str]]:
    """Outcome → least and greatest sum it may say, what silence means, and what to expect."""
    return {
        Outcome.HELD: (asked, asked, asked, "order.whole_sum"),
        Outcome.RELEASED: (asked, asked, asked, "order.whole_sum"),
        Outcome.PARTIAL: (1, asked - 1, None, "order.part_of_sum"),
        Outcome.RETURNED: (1, asked, asked, "order.part_of_sum"),
        Outcome.GONE: (0, 0, 0, "order.gone_is_zero"),
    }
