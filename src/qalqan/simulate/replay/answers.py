"""How long banks take to answer: drawn once for each world, whatever a policy asks."""

from __future__ import annotations

import math

from qalqan.clock import MINUTE
from qalqan.simulate.replay.scenario import Scenario
from qalqan.simulate.replay.world import World

CONFIRM, HOLD, STATEMENT, RELEASE = range(4)


class Answers:
    """The banks of one world."""

    def __init__(self, world: World, s: Scenario, factor: float) -> None:
        self.world = world
        self.medians = [m * MINUTE * factor for m in s["banks.answer_minutes"]]
        self.sigma: float = s["banks.answer_sigma"]
        self.asked = 0

    def after_us(self, account: int, kind: int) -> int:
        """When the bank of an account answers. A victim's bank confirms after the same time under
        every policy; later draws depend on how much was asked before."""
        self.asked += kind != CONFIRM
        place = account * 31 + kind * 7 + (self.asked * 13 if kind != CONFIRM else 0)
        drawn = self.world.dice[place % len(self.world.dice)]
        return int(self.medians[self.world.banks[account]] * math.exp(drawn * self.sigma))
