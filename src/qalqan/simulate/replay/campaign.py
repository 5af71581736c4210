"""Which runs make the published result, and what is read from them (REQ-44).

The scenario says which; nothing is chosen by its outcome. `result` is plain values, the source of
the table, the chart and the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from qalqan.simulate.replay.bounds import Own, own
from qalqan.simulate.replay.compare import POLICIES, Figures, Run, compare
from qalqan.simulate.replay.peers import Setting, published
from qalqan.simulate.replay.play import Outcome
from qalqan.simulate.replay.scenario import AFTERWARDS, VERSIONS, Scenario, scenario

Result = dict[str, Any]
"""Of JSON values only."""
FIELD = {name: place for place, name in enumerate(Outcome._fields)}
RESAMPLES = 1_000


class Campaign(NamedTuple):
    """All runs: `main` in all worlds, `sweep` and `side` in the first ones."""

    worlds: int
    part: int
    few: int
    main: tuple[Run, ...]
    sweep: tuple[Run, ...] = ()
    """In `part` worlds: settings of the peer and of ours, other delays of the banks."""
    side: tuple[Run, ...] = ()
    """In `few` worlds: other assumptions."""

    @property
    def work(self) -> int:
        """How many worlds are told as done, all in all."""
        return self.worlds + bool(self.sweep) * self.part + bool(self.side) * self.few


def campaign(victims: int, s: Scenario, sensitivity: bool = True) -> Campaign:
    """The runs of the scenario for so many victims; without sensitivity, the main ones alone."""
    worlds = max(1, -(-victims // s["victims.a_ring"]))
    share: float = s["comparison.part_of_victims"]
    part = max(1, round(worlds * share))
    few = max(1, round(worlds * (s.get("comparison.part_of_sensitivity") or share)))
    delays, seldom = s["comparison.delays_minutes"], s["comparison.sensitivity_delays_minutes"]
    usual, *factors = s["comparison.bank_factors"]
    main = tuple(Run(policy, delay, usual) for policy in POLICIES for delay in delays)
    if not sensitivity:
        return Campaign(worlds, part, few, main)
    sweep = [Run(policy, d, f) for f in factors for policy in POLICIES for d in delays]
    sweep += [Run("med", delay, setting=one) for one in settings(s) for delay in delays]
    sweep += [Run("feed", delay, setting=one) for one in own_settings(s) for delay in delays]
    names = [*s["comparison.sensitivity"], *_afterwards(s)]
    side = [Run(p, d, variation=name) for name in names for p in POLICIES for d in seldom]
    return Campaign(worlds, part, few, main, tuple(sweep), tuple(side))


def _afterwards(s: Scenario) -> list[str]:
    """What this version has the numbers for."""
    return [name for name, changed in AFTERWARDS.items() if changed.keys() <= s.values.keys()]


def settings(s: Scenario) -> tuple[Setting, ...]:
    """The peer's sweep: its public example and what stands around it."""
    usual = published(s)
    found = [usual, usual._replace(hops=1)]
    for capped in (False, True):
        for hops in s["comparison.sweep_hops"]:
            for least in s["comparison.sweep_least_tenge"]:
                for payments in s["comparison.sweep_payments"]:
                    if hops > 1:
                        one = Setting(least, payments, hops, usual.window_hours, "largest", capped)
                        found.append(one)
    found += [usual._replace(order="earliest", payments=n) for n in s["comparison.sweep_payments"]]
    return tuple(dict.fromkeys(found))


def own_settings(s: Scenario) -> tuple[Own, ...]:
    """Our own sweep, with a feed; version 1 has none."""
    return tuple(
        own(s)._replace(rule=rule, least_tenge=least, busy_payers=most or None)
        for rule in s.get("comparison.own_rules") or ()
        for least in s["comparison.own_least_tenge"]
        for most in s["comparison.own_busy_payers"]
    )


def result(
    plan: Campaign,
    seed: int,
    processes: int,
    progress: Callable[[int], None] = lambda _: None,
    version: int = VERSIONS[-1],
) -> Result:
    """Run all of it; `progress` hears of worlds that are done, of `plan.work` in all."""

    def figures(worlds: int, runs: Sequence[Run]) -> Figures:
        if not runs:
            return np.empty((0, worlds, len(FIELD)), np.int64)
        return compare(seed, worlds, runs, processes, progress, version)

    return told(
        plan, seed, version, figures(plan.part, plan.sweep), figures(plan.few, plan.side),
        figures(plan.worlds, plan.main),
    )  # fmt: skip


def told(
    plan: Campaign, seed: int, version: int, sweep: Figures, side: Figures, main: Figures
) -> Result:
    """The result of what was played."""
    s = scenario(version)
    rows = [_row(run, main[at], seed) for at, run in enumerate(plan.main)]
    first = partial(_first, plan.main, main, seed)
    on_part, on_few = first(plan.part), first(plan.few)
    swept = [_row(run, sweep[at], seed) for at, run in enumerate(plan.sweep)]
    others = [_row(run, side[at], seed) for at, run in enumerate(plan.side)]
    by_factor = [row for row in swept if row["factor"] != 1]
    peers = _pooled(row for row in swept if row["setting"] and row["policy"] == "med")
    mine = _pooled(row for row in swept if row["setting"] and row["policy"] == "feed")
    return {
        "simulated": True,
        "scenario": s.version,
        "seed": seed,
        "victims": plan.worlds * s["victims.a_ring"],
        "part_victims": plan.part * s["victims.a_ring"],
        "few_victims": plan.few * s["victims.a_ring"],
        "delays_minutes": s["comparison.delays_minutes"],
        "main": rows,
        "pooled": _pooled(rows),
        "bank_factors": by_factor,
        "pooled_by_factor": _pooled([*on_part, *by_factor]),
        "sensitivity": _pooled(_few(s, [*on_few, *others])),
        "asked_afterwards": _afterwards(s),
        "sweep": peers,
        "own_sweep": mine,
        "equal_innocent": _equal(_ours(_pooled(on_part)), peers) if peers else [],
        "equal_innocent_by_own_setting": _equal(mine, peers) if peers else [],
    }


def _first(runs: Sequence[Run], main: Figures, seed: int, worlds: int) -> list[Result]:
    """The main runs in the first worlds alone."""
    return [_row(run, main[at, :worlds], seed) for at, run in enumerate(runs) if worlds]


def _few(s: Scenario, rows: Iterable[Result]) -> list[Result]:
    few = s["comparison.sensitivity_delays_minutes"]
    return [row for row in rows if row["delay_minutes"] in few]


def _row(run: Run, figures: Figures, seed: int) -> Result:
    """One run: sums over its worlds, and how sure the share stopped is."""
    totals = {name: int(figures[:, place].sum()) for name, place in FIELD.items()}
    low, high = _interval(figures, seed)
    return {
        "policy": run.policy, "delay_minutes": run.delay_minutes, "factor": run.factor,
        "variation": run.variation, "setting": run.setting._asdict() if run.setting else None,
        "worlds": len(figures), **totals, "stopped_low": low, "stopped_high": high,
    }  # fmt: skip


def _interval(figures: Figures, seed: int) -> tuple[float, float]:
    """95 % interval of the share stopped, by drawing worlds again."""
    n = len(figures)
    weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), RESAMPLES)
    stopped = weights @ figures[:, FIELD["stopped"]]
    shares = stopped / np.maximum(1, weights @ figures[:, FIELD["stolen"]])
    low, high = np.quantile(shares, [0.025, 0.975])
    return round(float(low), 4), round(float(high), 4)


_KEYS = ("policy", "factor", "variation", "setting")


def _pooled(rows: Iterable[Result]) -> list[Result]:
    """Sums over the delays, each with the same weight."""
    found: dict[str, Result] = {}
    for row in rows:
        key = repr([row[name] for name in _KEYS])
        whole = found.setdefault(key, {name: row[name] for name in _KEYS} | dict.fromkeys(FIELD, 0))
        for name in FIELD:
            whole[name] += row[name]
    return list(found.values())


def _ours(rows: Iterable[Result]) -> list[Result]:
    return [row for row in rows if row["policy"] in ("statements", "feed")]


def _equal(ours: Sequence[Result], sweep: Sequence[Result]) -> list[Result]:
    """Ours beside the peer's best setting that holds no more innocent money than ours."""
    return [_beside(mine, sweep, counted) for mine in ours for counted in ("others", "all")]


def _beside(mine: Result, sweep: Sequence[Result], counted: str) -> Result:
    most = innocent(mine, counted)
    fitting = [row for row in sweep if innocent(row, counted) <= most]
    peer = max(fitting, key=lambda row: int(row["stopped"]), default=None)
    if peer is None:
        peer = min(sweep, key=lambda row: innocent(row, counted))
    return {
        "policy": mine["policy"], "setting": mine["setting"], "counted": counted,
        "fits": bool(fitting), "stolen": mine["stolen"], "stopped": mine["stopped"],
        "innocent": most, "peer_setting": peer["setting"], "peer_stopped": peer["stopped"],
        "peer_innocent": innocent(peer, counted),
        "ratio": round(mine["stopped"] / max(1, peer["stopped"]), 3),
    }  # fmt: skip


def innocent(row: Result, counted: str) -> int:
    """Innocent money that was ever held: of others, or with members' own."""
    own = row["own_held"] if counted == "all" else 0
    return int(row["innocent_held"] + own)
