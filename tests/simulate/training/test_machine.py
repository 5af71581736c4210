"""The machine's own policy in an exercise is the replay's, over the same trail."""

from __future__ import annotations

import pytest

from qalqan.simulate.replay.bounds import own
from qalqan.simulate.replay.ours import Ours
from qalqan.simulate.replay.play import Play
from qalqan.simulate.training.drawn import case_of, the_scenario
from qalqan.simulate.training.machine import machines


@pytest.mark.parametrize("seed", range(1, 6))
def test_it_does_what_the_compiled_one_does(seed: int) -> None:
    case = case_of(seed)
    game, s = Play(case.world), the_scenario()
    Ours(game, s, case.reported_us - case.claim.at_us, 1.0, False, own(s))
    game.run(case.end_us)
    outcome, placed = machines(case)
    assert outcome == game.outcome()
    assert len(placed) == outcome.holds
