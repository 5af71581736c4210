"""Drawing an exercise: a world of the replay with one victim in it, the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from qalqan.clock import DAY, MINUTE
from qalqan.simulate.replay.answers import CONFIRM, Answers
from qalqan.simulate.replay.drawing import draw
from qalqan.simulate.replay.play import Play
from qalqan.simulate.replay.scenario import Scenario, scenario
from qalqan.simulate.replay.world import Claim, World
from qalqan.simulate.training.rules import rule

TRIES = 400
VERSION = 2
"""Of the replay's scenario."""


@dataclass(frozen=True)
class Case:
    """One victim's case of an exercise; times UTC microseconds, sums tiyn."""

    world: World
    reported_us: int
    could: int
    """What the best policy could have stopped: all that is still at banks when the victim's bank
    can have confirmed, if everything were known then."""

    @property
    def claim(self) -> Claim:
        """The victim's loss."""
        return self.world.claims[0]

    @property
    def end_us(self) -> int:
        """When the outcome is read."""
        return self.reported_us + 2 * DAY


def the_scenario() -> Scenario:
    """The replay's scenario that exercises are drawn from."""
    return scenario(VERSION)


@lru_cache(maxsize=32)
def case_of(seed: int) -> Case:
    """The case of a seed: the first of its worlds in which enough could be stopped.

    Raises:
        LookupError: none of the first ones; a seed of which that is true is not given out.
    """
    delays = rule("follow.report_minutes")
    for number in range(TRIES):
        world = draw(the_scenario(), seed, number)
        claim = max(world.claims, key=lambda one: (_accounts(world, one), one.amount))
        alone = replace(world, claims=(claim._replace(number=0),))
        reported = claim.at_us + delays[seed % len(delays)] * MINUTE
        could = _could(alone, reported)
        enough = could * 1_000_000 >= rule("follow.least_stoppable_ppm") * claim.amount
        if enough and _accounts(world, claim) >= 3:
            return Case(alone, reported, could)
    raise LookupError(f"no case among {TRIES} of seed {seed}")


def _accounts(world: World, claim: Claim) -> int:
    """How many accounts the money is meant to pass."""
    return len({stage.account for stage in world.stages if stage.claim == claim.number})


def _could(world: World, reported_us: int) -> int:
    """What lies at banks, untouched, when the victim's bank can have confirmed."""
    claim = world.claims[0]
    late_us = Answers(world, the_scenario(), 1.0).after_us(claim.payer, CONFIRM)
    return still_at_banks(world, reported_us + late_us)


def still_at_banks(world: World, at_us: int) -> int:
    """Stolen money that nobody has carried out yet, if nobody holds anything."""
    game = Play(world)
    game.run(at_us)
    return sum(game.waiting) + sum(game.kept)
