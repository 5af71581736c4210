"""How long banks take to answer: drawn once for each world, whatever a policy asks."""

from __future__ import annotations

import math

from qalqan.clock import MINUTE, SECOND
from qalqan.simulate.replay.scenario import Scenario
from qalqan.simulate.replay.world import World

CONFIRM, HOLD, STATEMENT, RELEASE = range(4)


class Answers:
    """The banks of one world; `connected`: they stream every payment to who asks."""

    def __init__(self, world: World, s: Scenario, factor: float, connected: bool = False) -> None:
        self.world = world
        self.factor = factor
        self.medians = [m * MINUTE * factor for m in s["banks.answer_minutes"]]
        self.sigma: float = s["banks.answer_sigma"]
        self.by_machine: int | None = s.get("banks.connected_seconds") if connected else None
        self.clock: tuple[float, float] | None = None
        """Within which minutes a payer's bank confirms, if it has the peer's clock for that."""
        if connected and s.get("banks.connected_confirm") == "notice":
            self.clock = s["policies.med.notice_minutes"]
        self.asked = 0

    def after_us(self, account: int, kind: int, share: float = 0.5) -> int:
        """When the bank of an account answers. A victim's bank confirms after the same time under
        every policy, at this share of the clock if it has one; later draws depend on how much was
        asked before."""
        if kind == CONFIRM and self.clock is not None:
            least, most = self.clock
            return int((least + share * (most - least)) * MINUTE * self.factor)
        if self.by_machine is not None:
            return int(self.by_machine * SECOND * self.factor)
        self.asked += kind != CONFIRM
        place = account * 31 + kind * 7 + (self.asked * 13 if kind != CONFIRM else 0)
        drawn = self.world.dice[place % len(self.world.dice)]
        return int(self.medians[self.world.banks[account]] * math.exp(drawn * self.sigma))
