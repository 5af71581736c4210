"""REQ-39, 42: money that runs in a circle over strangers."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from detectors.conftest import DAY, HOUR, NOON, TENGE

CODE = "payments.comes_back_over_others"


def circle(payment: Any, names: str, tenge: int = 100_000, hours: float = 0, **more: Any) -> Any:
    """Payments from each name to the next and back to the first, two hours and 5 % a step."""
    ends = [*names.split(), names.split()[0]]
    return [
        payment(payer, payee, round(tenge * 0.95**step), hours + 2 * step, **more)
        for step, (payer, payee) in enumerate(pairwise(ends))
    ]


def test_fires_on_circles_and_is_quiet_on_what_only_looks_like_one(see: Any, payment: Any) -> None:
    rows = [
        *circle(payment, "a b c"),
        *circle(payment, "d e f g", 200_000),
        # a debt paid back
        *circle(payment, "friend debtor"),
        # wages spent at a shop that buys from the employer
        *circle(payment, "employer worker shop", instrument="salary"),
        # the second step came before the first
        payment("late 1", "late 2", 100_000, 5),
        payment("late 2", "late 3", 95_000, 4),
        payment("late 3", "late 1", 92_000, 6),
        # less comes back than passing on leaves
        payment("x", "y", 100_000),
        payment("y", "z", 60_000, 1),
        payment("z", "x", 58_000, 2),
        # partners who have dealt with one another for long
        *circle(payment, "p q r", hours=-24 * 30),
        *circle(payment, "p q r", hours=24 * 40),
    ]
    found = {one.subject: one for one in see(CODE, {"payment": rows}, within_us=10 * DAY)}
    assert set(found) == {"a", "d", "p"}
    assert found["p"].window_to_us < NOON + 30 * DAY
    assert found["a"].evidence == {
        "currency": "KZT", "rounds": 1, "between": 2, "intermediaries": ["b", "c"],
        "sent_minor": 100_000 * TENGE, "returned_minor": 90_250 * TENGE,
        "longest_span_us": 4 * HOUR, "first_us": NOON, "last_us": NOON + 4 * HOUR,
    }  # fmt: skip
    assert found["d"].evidence["intermediaries"] == ["e", "f", "g"]
    assert found["d"].score > found["a"].score


def test_a_circle_that_several_banks_tell_counts_once(see: Any, payment: Any) -> None:
    sides = [
        payment(payer, payee, tenge, hours, side=side, source=bank)
        for payer, payee, tenge, hours in (("a", "b", 100, 0), ("b", "c", 95, 1), ("c", "a", 95, 2))
        for side, bank in (("payer", payer), ("payee", payee))
    ]
    (found,) = see(CODE, {"payment": sides})
    assert (found.subject, found.evidence["rounds"]) == ("a", 1)


def test_parameters_move_the_borders(see: Any, payment: Any) -> None:
    facts = {"payment": circle(payment, "a b c")}
    assert len(see(CODE, facts)) == 1
    assert see(CODE, facts, step_us=2 * HOUR - 1) == []
    assert see(CODE, facts, within_us=4 * HOUR - 1) == []
    assert see(CODE, facts, min_passed_permille=951) == []
    assert see(CODE, facts, max_a_day=1) == []
