"""What the machine's own policy would have done in the same case: the replay's, with the trail in
plain Python (REQ-44). Loaded where it is asked for: the replay brings compiled code along."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from qalqan.simulate.replay.bounds import own
from qalqan.simulate.replay.ours import Ours
from qalqan.simulate.replay.play import Action, Outcome, Play
from qalqan.simulate.replay.trace import Place
from qalqan.simulate.replay.world import World
from qalqan.simulate.training.drawn import Case, the_scenario
from qalqan.simulate.training.known import Told, root_of


class _Trail:
    """The replay's trail over what is told, without its compiled walk."""

    def __init__(self, told: Told, rule: str) -> None:
        self.told, self.rule = told, rule

    @property
    def hops(self) -> dict[int, int]:
        return self.told.hops

    def confirm(self, _: object) -> None:
        self.told.confirm(root_of(self.told.world, 0))

    def places(self, at_us: int) -> tuple[Place, ...]:
        return tuple(
            Place(s.account, s.hop, s.units, s.loose, s.first_us, s.last_us, s.covered_us)
            for s in self.told.spots(at_us, self.rule)
        )


class Held(NamedTuple):
    """A hold that the machine had a bank place; tiyn."""

    at_us: int
    account: int
    asked: int
    got: int


class _Watched(Play):
    """A world that keeps which holds were placed when."""

    def __init__(self, world: World) -> None:
        self.now_us = 0
        self.placed: list[Held] = []
        super().__init__(world)

    def later(self, at_us: int, action: Action) -> None:
        def act(now_us: int) -> None:
            self.now_us = now_us
            action(now_us)

        super().later(at_us, act)

    def hold(self, account: int, amount: int) -> int:
        got = super().hold(account, amount)
        self.placed.append(Held(self.now_us, account, amount, got))
        return got


def machines(case: Case) -> tuple[Outcome, list[Held]]:
    """How the case ends if the machine works it alone, asking banks for statements; its holds."""
    s, game = the_scenario(), _Watched(case.world)
    setting = own(s)
    ours = Ours(game, s, case.reported_us - case.claim.at_us, 1.0, False, setting)
    told = Told(case.world)
    if setting.min_share_ppm is not None:
        told.follow_at_least(setting.min_share_ppm)
    cast(Any, ours).facts = told
    cast(Any, ours).trail = _Trail(told, setting.rule)
    game.run(case.end_us)
    return game.outcome(), game.placed
