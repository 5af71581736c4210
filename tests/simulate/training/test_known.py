"""What is known in an exercise, and where the trail finds the money by it."""

from __future__ import annotations

import pytest

from qalqan.clock import DAY
from qalqan.simulate.replay.play import Play
from qalqan.simulate.replay.trace import Facts, Trail, root_of
from qalqan.simulate.replay.world import MEMBER
from qalqan.simulate.training import known
from qalqan.simulate.training.drawn import case_of
from qalqan.simulate.training.known import Told, name_of, number_of


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_finds_what_the_compiled_trail_finds(seed: int) -> None:
    case = case_of(seed)
    game = Play(case.world)
    game.run(case.reported_us)
    told, facts = Told(case.world), Facts(case.world)
    for account, kind in enumerate(case.world.kinds):
        if kind == MEMBER:
            for payment in game.log[account]:
                side = "payer" if payment.payer == account else "payee"
                told.take(payment, side)
                facts.take(payment, side)
    for each in (told, facts):
        each.hold(case.reported_us, case.world.stages[case.claim.stage].account, 1_000)
    told.confirm(known.root_of(case.world, 0))
    now_us = case.reported_us + DAY
    for rule in ("taint_first", "pro_rata"):
        trail = Trail(facts, rule)
        trail.confirm(root_of(case.world, 0))
        theirs = [(p.account, p.hop, p.units, p.loose) for p in trail.places(now_us)]
        ours = [(s.account, s.hop, s.units, s.loose) for s in told.spots(now_us, rule)]
        assert ours == theirs


def test_names_and_lines() -> None:
    assert number_of(name_of(17)) == 17
    case = case_of(1)
    told = Told(case.world)
    assert told.walk(0) is None
    assert told.spots(0) == ()
    payment = case.world.ordinary[0]
    told.take(payment, "payer")
    told.take(payment, "payee")
    told.hold(1, 3, 500)
    told.unhold(3, 200)
    assert [line.amount for line in told.lines()] == [payment.amount]
