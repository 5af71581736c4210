"""What was true in an exercise in following money: whose accounts it went through (REQ-95)."""

from __future__ import annotations

from dataclasses import dataclass

from qalqan.simulate.replay.play import EXITS, Play
from qalqan.simulate.replay.world import INNOCENT, RING_FROM
from qalqan.simulate.training.drawn import Case


@dataclass(frozen=True)
class Stop:
    """An account that the stolen money passed, if nobody had held anything; tiyn."""

    account: int
    bank: int
    first_us: int
    came: int
    bystander: bool
    """Its holder knew nothing: he was paid for something of his own."""


@dataclass(frozen=True)
class Truth:
    """The whole way of the money, untouched."""

    stops: tuple[Stop, ...]
    gone: dict[str, int]
    """Where it left, by exit."""
    kept: int
    """What the drops kept."""


def truth(case: Case) -> Truth:
    """The way that the ring meant the money to go."""
    game, world = Play(case.world), case.world
    game.run(case.end_us)
    stops = []
    for account, kind in enumerate(world.kinds):
        came = [p for p in game.log[account] if p.payee == account and p.number >= RING_FROM]
        if came and account != world.outside:
            stops.append(Stop(
                account, world.banks[account], came[0].at_us, sum(p.amount for p in came),
                kind in INNOCENT,
            ))  # fmt: skip
    gone = {name: game.gone[name] for name in EXITS if game.gone[name]}
    kept = game.outcome().kept
    return Truth(tuple(sorted(stops, key=lambda stop: stop.first_us)), gone, kept)
