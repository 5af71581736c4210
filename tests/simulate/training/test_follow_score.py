"""Scores come from the truth: who does nothing has none, who follows has much (REQ-95)."""

from __future__ import annotations

import pytest

from qalqan.simulate.training.drawn import case_of
from qalqan.simulate.training.follow import Act, Follow, step_us, steps
from qalqan.simulate.training.follow_score import points, score


def careful(seed: int) -> list[Act]:
    """Confirms, asks for statements of what the trail finds, holds what is traced."""
    case, acts = case_of(seed), [Act(0, "confirm")]
    asked: set[int] = set()
    for step in range(1, steps()):
        seen = Follow(case, acts, step_us(case, step))
        for account, units in sorted(seen.traced().items(), key=lambda one: -one[1]):
            more = units - seen.asked[account]
            if more > 100_000:
                acts.append(Act(step, "hold", account, more))
            if account not in asked:
                asked.add(account)
                acts.append(Act(step, "statement", account))
    return acts


@pytest.mark.parametrize("seed", [1, 3])
def test_who_follows_the_money_has_more_than_who_waits(seed: int) -> None:
    case = case_of(seed)
    good, idle = score(case, careful(seed)), score(case, [])
    assert idle.points == idle.stopped == 0
    assert good.points > 30
    assert good.faults == {}
    assert 0 < good.stopped <= good.could <= good.stolen
    assert good == score(case, careful(seed))
    assert good.machine > 0
    assert sum(held[3] for held in good.machine_holds) >= good.machine


def test_faults_and_bystanders_money_cost_points() -> None:
    case = case_of(1)
    first = case.world.stages[case.claim.stage].account
    right = [Act(0, "confirm"), Act(1, "hold", first, case.claim.amount)]
    ended = Follow(case, right, case.end_us).outcome()._replace(stopped=case.could)
    assert points(case.could, ended, 0) == 100
    assert points(case.could, ended, 2) == 80
    assert points(case.could, ended._replace(innocent_held=case.could), 0) == 50
    assert points(case.could, ended, 20) == points(0, ended, 0) == 0
    wrong = score(case, [*right, Act(1, "hold", first)])
    assert wrong.faults == {"whole_account": 1}
