"""The two-sided ledger of calls between providers: what it matches, whom it names, how fast.

Calls are those of our simulated country; each side of a call between two of its networks tells a
leg with its own clock (up to 30 s wrong), some seconds late, and loses 0.05 % of its records. Then
one provider hides 5 %. **All of it is simulated**, clocks and losses are judgements: the figures
say what the method can do, not how real providers behave. The peer matches legs of one minute, as a
ledger does whose hash holds the minute; for speed it is a join by hand in SQL that lets one leg be
the counterpart of several.
`python bench/ledger.py [SEEDS [LEGS]]`: 5 seeds and 5,000,000 legs unless told.
"""

from __future__ import annotations

import hmac
import json
import sys
import time
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.clock import DAY, SECOND
from qalqan.detectors import registry
from qalqan.detectors.calls import legs_unmatched as ledger
from qalqan.lake.engine import DUCKDB_MEMORY, DUCKDB_THREADS, DuckEngine
from qalqan.simulate.calls.country import make, sized
from qalqan.simulate.sizes import FIRST_US
from qalqan.trust.keys import Keys
from qalqan.trust.legs import day_key, legs

CODE = "calls.legs_unmatched"
KEYS = Keys.new()
SUBSCRIBERS, DAYS, CALLS_A_DAY = 30_000, 2, 6.0
SKEW_S, SETUP_S, LOST, HIDDEN = 30, 6, 0.0005, 0.05
"""Judgements: how wrong clocks are, how late a record is, the share lost, the share hidden."""
MOBILE = {"700": "m1", "708": "m1", "701": "m2", "702": "m2", "775": "m2", "778": "m2",
          "705": "m3", "771": "m3", "776": "m3", "777": "m3"}  # fmt: skip
"""Invented networks by mobile code; what is left is a fourth one's, city codes have one each."""

SAME_MINUTE = """
WITH sides AS (
  SELECT leg, CASE direction WHEN 'out' THEN source ELSE peer END AS giver,
    CASE direction WHEN 'out' THEN peer ELSE source END AS taker, at_us // 60000000 AS minute,
    count(*) FILTER (direction = 'out') AS given, count(*) FILTER (direction = 'in') AS taken
  FROM legs GROUP BY ALL)
SELECT sum(2 * least(given, taken)) / sum(given + taken) FROM sides
"""
BY_HAND = """
SELECT l.peer, l.source, count(*) AS told, count(*) FILTER (NOT EXISTS (
  SELECT 1 FROM legs AS o WHERE o.leg = l.leg AND o.source = l.peer AND o.peer = l.source
    AND o.direction <> l.direction AND abs(o.at_us - l.at_us) <= 90000000)) AS unmatched
FROM legs AS l GROUP BY ALL
"""


def network(numbers: pa.Array) -> pa.Array:
    """Which network a number is in; null abroad and for short numbers."""
    code = pc.utf8_slice_codeunits(numbers, 2, 5)
    mobile = pa.array([MOBILE.get(one or "") for one in code.to_pylist()], pa.string())
    city = pc.match_substring_regex(numbers, r"^\+77[12][0-9]{8}$")
    own = pc.if_else(city, pc.binary_join_element_wise("c", code, ""), "m4")
    home = pc.match_substring_regex(numbers, r"^\+77[0-9]{9}$")
    return pc.if_else(home, pc.coalesce(mobile, own), pa.scalar(None, pa.string()))


def between(seed: int) -> pa.Table:
    """Calls of the simulated country that pass from one network to another: `giver`, `taker`."""
    table = make(seed, sized(SUBSCRIBERS, DAYS, CALLS_A_DAY)).calls
    held = {name: table[name].combine_chunks() for name in ("at_us", "caller", "callee")}
    found = {**held, "giver": network(held["caller"]), "taker": network(held["callee"])}
    handed = pc.fill_null(pc.not_equal(found["giver"], found["taker"]), False)
    return pa.table(found).filter(handed)


def told(calls: pa.Table, seed: int, hider: str | None = None) -> pa.Table:
    """What both sides tell of these calls."""
    draw = np.random.default_rng([seed, 49])
    names = pc.unique(pa.concat_arrays([_flat(calls["giver"]), _flat(calls["taker"])])).to_pylist()
    skew = dict(zip(sorted(names), draw.uniform(-SKEW_S, SKEW_S, len(names)), strict=True))
    sides = [_side(calls, *ends, skew, draw, hider)
             for ends in (("giver", "taker", "out"), ("taker", "giver", "in"))]  # fmt: skip
    return pa.concat_tables(sides)


def _side(
    calls: pa.Table, mine: str, other: str, direction: str, skew: dict[str, float],
    draw: np.random.Generator, hider: str | None,
) -> pa.Table:  # fmt: skip
    source = _flat(calls[mine])
    late = np.array([skew[one] for one in source.to_pylist()]) + draw.uniform(
        0, SETUP_S, len(calls)
    )
    at = calls["at_us"].to_numpy() + (late * SECOND).astype(np.int64)
    gone = np.where(pc.equal(source, hider or "").to_numpy(False), HIDDEN, LOST)
    side = pa.table({
        "source": source, "peer": _flat(calls[other]), "at_us": pa.array(at),
        "direction": pa.repeat(direction, len(calls)), "trunk": pa.repeat("t", len(calls)),
        "leg": hashed(at, _flat(calls["caller"]), _flat(calls["callee"])),
    })  # fmt: skip
    return side.filter(pa.array(draw.random(len(calls)) >= gone))


def hashed(at: np.ndarray[Any, Any], callers: pa.Array, callees: pa.Array) -> pa.Array:
    """Legs, each under the key of its day."""
    days = at // DAY
    made = np.empty(len(at), object)
    for day in np.unique(days).tolist():
        where = np.flatnonzero(days == day)
        some = [one.take(pa.array(where)) for one in (callers, callees)]
        made[where] = legs(day_key(KEYS, _date(day)), *some).to_pylist()
    return pa.array(made, pa.string())


def _date(day: int) -> date:
    return datetime.fromtimestamp(day * DAY // SECOND, UTC).date()


def _flat(values: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(values.chunks) if values.num_chunks != 1 else values.chunk(0)


def named(engine: DuckEngine, rows: pa.Table) -> list[dict[str, Any]]:
    """The detector's findings."""
    found: list[dict[str, Any]] = engine.run(
        registry.get(CODE).ask({"call": engine.memtable(rows)})
    ).to_pylist()
    return found


def matched(engine: DuckEngine, rows: pa.Table) -> float:
    """Share of the judged legs that have a counterpart."""
    params = registry.get(CODE).params
    some = ledger._stretches(ledger._legs(engine.memtable(rows), params), params)
    counts = some.agg(
        matched=2 * ibis.least(some.out, some.into).sum(), told=(some.out + some.into).sum()
    )
    [found] = engine.run(counts).to_pylist()
    return float(found["matched"] / found["told"])


def row(
    name: str, unit: str, ours: float, peer: str, theirs: float | None, n: int, notes: str
) -> None:
    """Print a line."""
    ratio = round(ours / theirs, 3) if theirs else None
    print(json.dumps({
        "name": name, "unit": unit, "ours": ours, "peer": peer, "peer_value": theirs,
        "ratio": ratio, "n": n, "notes": f"{notes}; simulated",
    }, ensure_ascii=False), flush=True)  # fmt: skip


def quality(seeds: int) -> None:
    """Honest legs matched, hiders named, honest providers named."""
    engine, tries = DuckEngine(""), [_Try(seed) for seed in range(1, seeds + 1)]
    about = f"{seeds} seeds, clocks ±{SKEW_S} s, {LOST:.2%} of records lost on each side"
    ours = [matched(engine, one.honest) for one in tries]
    theirs = [same_minute(one.honest) for one in tries]
    legs_in_all = sum(len(one.honest) for one in tries)
    row("honest legs matched", "share", round(sum(ours) / seeds, 5), "same minute, no tolerance",
        round(sum(theirs) / seeds, 5), legs_in_all, f"{about}; lowest {min(ours):.5f}")  # fmt: skip
    found = [(hider, a_day, named(engine, one.hiding(hider))) for one in tries
             for hider, a_day in one.hiders()]  # fmt: skip
    right = sum(hider in subjects(rows) for hider, _, rows in found)
    beside = sum(len(subjects(rows) - {hider}) for hider, _, rows in found)
    row("providers that hide 5 % named within the day", "share", round(right / len(found), 4),
        "none", None, len(found), f"{about}; of each seed the largest, the middle and the smallest "
        f"with 1,000 legs a day or more (smallest: {min(a_day for _, a_day, _ in found)}); "
        f"honest providers named beside them: {beside}")  # fmt: skip
    days = sum(len(pc.unique(_flat(one.honest["source"]))) for one in tries)
    wrong = sum(len(subjects(named(engine, one.honest))) for one in tries)
    row("honest providers named where nobody hides", "share", wrong / days, "none", None, days,
        f"{about}; n: providers and days")  # fmt: skip


def subjects(rows: list[dict[str, Any]]) -> set[str]:
    """Whom the findings name."""
    return {one["subject"] for one in rows}


def same_minute(rows: pa.Table) -> float:
    """The peer's share of matched legs."""
    with duckdb.connect() as con:
        con.register("legs", rows)
        return float((con.execute(SAME_MINUTE).fetchone() or (0,))[0])


class _Try:
    """One country, of which one whole day (UTC) is told."""

    def __init__(self, seed: int) -> None:
        self._seed, self._calls = seed, between(seed)
        self.honest = self._day(told(self._calls, seed))

    def hiding(self, hider: str) -> pa.Table:
        return self._day(told(self._calls, self._seed, hider))

    def hiders(self) -> list[tuple[str, int]]:
        """The largest, the middle and the smallest provider with enough legs; with their count."""
        counts = self.honest.group_by("source").aggregate([("leg", "count")]).sort_by("leg_count")
        held = [(one["source"], one["leg_count"]) for one in counts.to_pylist()]
        enough = [one for one in held if one[1] >= 1_000]
        return list(dict.fromkeys((enough[-1], enough[len(enough) // 2], enough[0])))

    def _day(self, rows: pa.Table) -> pa.Table:
        day = FIRST_US // DAY + 1
        return rows.filter(pc.equal(pc.divide(rows["at_us"], DAY), day))


def many(count: int) -> pa.Table:
    """Legs of `count` // 2 calls of one day between twelve providers; some pairs talk often."""
    draw, calls = np.random.default_rng(49), count // 2
    pair = (draw.pareto(1.2, calls) * calls / 8).astype(np.int64) % calls
    digits = [pair % 80_000_000 + 10**8, (pair * 7) % 90_000_000 + 2 * 10**8]
    numbers = [pc.binary_join_element_wise("+77", pa.array(one).cast(pa.string()), "")
               for one in digits]  # fmt: skip
    giver, gap = pair % 12, 1 + pair % 11
    names = np.array([f"p{n:02}" for n in range(12)])
    table = {"at_us": pa.array(20_480 * DAY + draw.integers(0, 86_400, calls) * SECOND),
             "caller": numbers[0], "callee": numbers[1], "giver": pa.array(names[giver]),
             "taker": pa.array(names[(giver + gap) % 12])}  # fmt: skip
    return told(pa.table(table), 49, "p03")


def speed(count: int) -> None:
    """Seconds of the detector, and of making legs."""
    rows, engine = many(count), DuckEngine("")
    start = time.perf_counter()
    found = named(engine, rows)
    took = time.perf_counter() - start
    con = duckdb.connect(config={"threads": DUCKDB_THREADS, "memory_limit": DUCKDB_MEMORY})
    con.register("legs", rows)
    start = time.perf_counter()
    con.execute(BY_HAND).fetchall()
    theirs = time.perf_counter() - start
    row(f"{CODE}, one day", "s", round(took, 2), "join by hand in SQL, not one to one",
        round(theirs, 2), len(rows), "DuckDB, 2 threads, from memory; of 12 providers p03 hides "
        f"5 %, named: {sorted(subjects(found))}")  # fmt: skip
    _hashing()


def _hashing() -> None:
    digits = [pa.array(np.arange(10**6) + first).cast(pa.string()) for first in (10**8, 2 * 10**8)]
    numbers = [pc.binary_join_element_wise("+77", one, "") for one in digits]
    key = day_key(KEYS, date(2026, 1, 27))
    start = time.perf_counter()
    ours = legs(key, *numbers)
    took = time.perf_counter() - start
    start = time.perf_counter()
    theirs = [hmac.new(key, f"{a}>{b}".encode(), "sha256").hexdigest()[:40]
              for a, b in zip(*(one.to_pylist() for one in numbers), strict=True)]  # fmt: skip
    slow = time.perf_counter() - start
    assert ours.to_pylist() == theirs
    row("legs made, one core", "legs/s", round(10**6 / took), "hmac.new, row by row",
        round(10**6 / slow), 10**6, "each pair another")  # fmt: skip


def main(given: list[str]) -> None:
    """Quality, then speed."""
    seeds, count = (*map(int, given), *(5, 5_000_000)[len(given) :])[:2]
    quality(seeds)
    speed(count)


if __name__ == "__main__":
    main([one for one in sys.argv[1:] if one.isdecimal()])
