from __future__ import annotations

import pytest

from qalqan.bulletin.effects.planning import people_needed
from qalqan.errors import InputRejected


def test_the_example_of_r() -> None:
    """`power.prop.test(p1 = .50, p2 = .75, power = .90)` of R's own help: n = 76.7."""
    assert people_needed(0.5, 1.5, power=0.9) == (77, 77)


def test_rare_things_need_many_and_a_smaller_group_held_out_needs_more() -> None:
    both = people_needed(0.01, 0.7)
    assert both[0] > 10_000
    warned, held_out = people_needed(0.01, 0.7, held_out=0.25)
    assert warned > both[0] > held_out > warned // 5
    assert warned + held_out > sum(both)


@pytest.mark.parametrize("told", [(0.0, 0.5), (0.5, 1.0), (0.5, 2.5)])
def test_what_can_not_be_planned_is_refused(told: tuple[float, float]) -> None:
    with pytest.raises(InputRejected):
        people_needed(*told)
    with pytest.raises(InputRejected):
        people_needed(0.1, 0.5, power=1)
