"""All policies in the same worlds, on as many processes as there are cores (REQ-44)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qalqan.clock import DAY, MINUTE
from qalqan.simulate.replay.bounds import Own, own
from qalqan.simulate.replay.drawing import draw
from qalqan.simulate.replay.ours import Ours
from qalqan.simulate.replay.peers import Setting, published, today, tracking
from qalqan.simulate.replay.play import Outcome, Play
from qalqan.simulate.replay.scenario import AFTERWARDS, VARIATIONS, VERSIONS, Scenario, scenario
from qalqan.simulate.replay.world import World

POLICIES = ("today", "med", "statements", "feed")
STRONGER: Mapping[str, dict[str, Any]] = {
    "peer tracks again every 30 minutes": {"again_minutes": 30},
    "peer's receivers answer as ours": {"answers": True},
    "peer blocks what comes later, too": {"keeps_blocking": True},
}
"""Variations that change the peer's rules."""
CHUNK = 20
"""Worlds of one task."""

Figures = NDArray[np.int64]
"""Outcomes: [run, world, field of `Outcome`]."""


class Run(NamedTuple):
    """One policy at one delay of the report."""

    policy: str
    delay_minutes: int
    factor: float = 1.0
    """On all that banks, the peer's notice and today's paper take."""
    variation: str = ""
    setting: Setting | Own | None = None
    """Of the peer where not as published, or of ours where not as in the scenario."""


def play(world: World, s: Scenario, run: Run) -> Play:
    """Play one world to its end under one policy."""
    game, delay_us = Play(world), run.delay_minutes * MINUTE
    if run.policy == "today":
        today(game, s, delay_us, run.factor)
    elif run.policy == "med":
        peer = run.setting or published(s)._replace(**STRONGER.get(run.variation, {}))
        assert isinstance(peer, Setting)
        tracking(game, s, delay_us, run.factor, peer)
    else:
        mine = run.setting or own(s)
        assert isinstance(mine, Own)
        Ours(game, s, delay_us, run.factor, run.policy == "feed", mine)
    last_us = max(claim.at_us for claim in world.claims)
    game.run(last_us + delay_us + s["comparison.settle_days"] * DAY)
    return game


def outcomes(
    seed: int, worlds: Sequence[int], runs: Sequence[Run], version: int = VERSIONS[-1]
) -> Figures:
    """[run, world, field] for these worlds of a version of the scenario."""
    found = np.zeros((len(runs), len(worlds), len(Outcome._fields)), dtype=np.int64)
    for place, number in enumerate(worlds):
        drawn: dict[str, tuple[Scenario, World]] = {}
        for at, run in enumerate(runs):
            if run.variation not in drawn:
                s = scenario(version).changed(({**VARIATIONS, **AFTERWARDS}).get(run.variation, {}))
                drawn[run.variation] = s, draw(s, seed, number)
            s, world = drawn[run.variation]
            found[at, place] = play(world, s, run).outcome()
    return found


def compare(
    seed: int,
    worlds: int,
    runs: Sequence[Run],
    processes: int,
    progress: Callable[[int], None] = lambda _: None,
    version: int = VERSIONS[-1],
) -> Figures:
    """The same, in processes; `progress` hears of worlds that are done. The answer does not
    depend on how many processes there are."""
    parts = [range(at, min(at + CHUNK, worlds)) for at in range(0, worlds, CHUNK)]
    found = []
    for part, figures in zip(parts, _each(seed, parts, runs, processes, version), strict=True):
        found.append(figures)
        progress(len(part))
    return np.concatenate(found, axis=1)


def _each(
    seed: int, parts: Sequence[range], runs: Sequence[Run], processes: int, version: int
) -> Iterator[Figures]:
    if processes == 1:
        yield from (outcomes(seed, part, runs, version) for part in parts)
        return
    with ProcessPoolExecutor(processes) as pool:
        n = len(parts)
        yield from pool.map(outcomes, [seed] * n, parts, [runs] * n, [version] * n)
