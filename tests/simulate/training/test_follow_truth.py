"""The truth of an exercise adds up to the last unit."""

from __future__ import annotations

import pytest

from qalqan.simulate.training.drawn import case_of
from qalqan.simulate.training.follow_truth import truth


@pytest.mark.parametrize("seed", range(6))
def test_all_of_it_went_somewhere(seed: int) -> None:
    case = case_of(seed)
    told = truth(case)
    assert told.stops[0].came == case.claim.amount
    assert sum(told.gone.values()) + told.kept == case.claim.amount
    assert [stop.first_us for stop in told.stops] == sorted(stop.first_us for stop in told.stops)
