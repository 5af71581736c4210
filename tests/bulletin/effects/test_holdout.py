from __future__ import annotations

import pytest
from scipy import stats

from qalqan.bulletin.effects.holdout import (
    Arm,
    agresti_caffo,
    evaluate,
    newcombe,
)
from qalqan.bulletin.effects.results import Verdict
from qalqan.errors import InputRejected


def test_newcombes_own_example() -> None:
    """56 of 70 against 48 of 80: 0.0524 to 0.3339 (Newcombe 1998, table II, method 10)."""
    found = newcombe(Arm("warned", 70, 56), Arm("held_out", 80, 48))
    assert (found.point, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_agresti_and_caffos_formula() -> None:
    found = agresti_caffo(Arm("warned", 70, 56), Arm("held_out", 80, 48))
    assert (found.low, found.high) == pytest.approx((0.0525, 0.3358), abs=1e-4)


def losses(n: int, of: int = 100_000_00) -> tuple[int, ...]:
    return tuple(of + 1_000_00 * (at % 7) for at in range(n))


def test_a_warning_that_averts_tells_what_it_cost() -> None:
    warned = Arm("warned", 10_000, 60, losses(60), 50_000_00)
    held_out = Arm("held_out", 10_000, 120, losses(120))
    found = evaluate(warned, held_out)
    told = (found.risk, found.risk_again, found.ratio, found.averted)
    assert [each.verdict for each in told] == [Verdict.FELL] * 4
    assert all("as_drawn" in each.assumptions and each.compared for each in told)
    spent, saved = 5_00, -(found.averted.point or 0)
    each = 100 * spent / saved  # tiyn for a tenge
    assert found.cost.point == pytest.approx(each)
    assert found.cost.low is not None
    assert found.cost.high is not None
    assert found.cost.low < each < found.cost.high
    per_person = [*warned.losses, *[0] * 9_940], [*held_out.losses, *[0] * 9_880]
    welch = stats.ttest_ind(*per_person, equal_var=False).confidence_interval(0.95)
    assert found.averted.low == pytest.approx(welch.low, rel=0.02)


def test_nothing_averted_has_no_cost_for_each() -> None:
    same = evaluate(Arm("warned", 1_000, 30, losses(30), 9_00), Arm("h", 1_000, 31, losses(31)))
    assert same.risk.verdict is Verdict.NO_DIFFERENCE
    assert (same.cost.because, same.cost.low) == ("nothing_averted", None)
    free = evaluate(Arm("warned", 1_000, 30), Arm("h", 1_000, 31))
    assert (free.averted.because, free.cost.because) == ("too_few", "no_cost")


def test_few_victims_can_not_be_told_and_zero_has_no_ratio() -> None:
    few = evaluate(Arm("warned", 1_000, 1), Arm("held_out", 1_000, 3))
    assert few.risk.because == "too_few"
    none = evaluate(Arm("warned", 1_000, 0), Arm("held_out", 1_000, 30))
    assert none.risk.verdict is Verdict.FELL
    assert none.ratio.verdict is Verdict.UNKNOWN


def test_a_bound_cuts_one_enormous_loss() -> None:
    one = (*losses(59), 10**12)
    arms = Arm("warned", 10_000, 60, one), Arm("held_out", 10_000, 120, losses(120))
    assert evaluate(*arms).averted.verdict is Verdict.NO_DIFFERENCE
    cut = evaluate(*arms, bound=200_000_00).averted
    assert cut.verdict is Verdict.FELL
    assert "bounded" in cut.assumptions


@pytest.mark.parametrize("told", [(10, 11, ()), (10, 2, (5,)), (10, 1, (-5,))])
def test_an_arm_that_does_not_add_up_is_refused(told: tuple[int, int, tuple[int, ...]]) -> None:
    with pytest.raises(InputRejected):
        Arm("warned", *told)
