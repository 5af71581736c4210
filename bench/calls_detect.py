"""Ten million call records through every detector that reads calls, one after another.

Calls and registrations are those of our simulated country (`simulate.calls`: 380,000 subscribers, a
week), taken through the lake's own checks, so that numbers stand as tokens; both sides of a day's
calls between networks are told as legs beside them, as in `bench/ledger.py`, and what victims did
after a call as payments, sessions and loans. **All of it is simulated**: times count here, not what
is found. The detectors run as the worker runs them: from files of the lake, on DuckDB with two
threads, what several of them read held for all of them. The peer is Acero, the engine of pyarrow,
with as many threads: from the same files it counts what three of the detectors begin with, in the
same run. `python bench/calls_detect.py [SUBSCRIBERS]`. The facts are made once, in minutes, and
kept in the folder of temporary files.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from ledger import network, told
from qalqan.clock import DAY, MINUTE
from qalqan.detectors import registry
from qalqan.detectors.base import Detector
from qalqan.exchange.given import Given
from qalqan.lake.checked import Terms, check, decoded
from qalqan.lake.engine import DUCKDB_THREADS, DuckEngine, frozen_files
from qalqan.lake.memory import Memory
from qalqan.lake.schemas import SCHEMAS
from qalqan.lake.table import MARK, Log, write_files
from qalqan.simulate.calls import country
from qalqan.simulate.sizes import FIRST_US
from qalqan.trust.keys import Keys
from qalqan.work import finders
from qalqan.work.finders import Asked

SEED, SUBSCRIBERS, PIECE, WEEK = 4_801, 380_000, 1_000_000, 7 * DAY
LATEST = 2**62
MADE = "made"
"""A file that stands beside facts that are whole."""


def lake(subscribers: int) -> Path:
    """Folder of a lake with the facts; made if it is not there yet."""
    sources = [*SCHEMAS["call"].arrow.names, str(SEED)]
    mark = hashlib.sha256("|".join(sources).encode()).hexdigest()[:8]
    root = Path(tempfile.gettempdir()) / f"qalqan-calls-detect-{subscribers}-{mark}"
    if not (root / MADE).exists():
        shutil.rmtree(root, ignore_errors=True)
        _fill(root, subscribers)
        (root / MADE).touch()
    return root


def _fill(root: Path, subscribers: int) -> None:
    made = country.make(SEED, country.sized(subscribers))
    keys, memory = Keys.new(), Memory()
    _put(root, "subscription", _checked("subscription", made.subscriptions, keys, memory))
    for start in range(0, len(made.calls), PIECE):
        piece = made.calls.slice(start, PIECE).drop_columns(["leg", "peer", "direction"])
        _put(root, "call", _checked("call", piece, keys, memory))
    _put(root, "call", _bare("call", _legs(made.calls)))
    for kind, rows in _after_calls(made, keys).items():
        _put(root, kind, _bare(kind, rows))


def _checked(kind: str, rows: pa.Table, keys: Keys, memory: Memory) -> pa.Table:
    """Raw rows as the lake would keep them."""
    taken = check(kind, "operator", Given(rows, ()), keys, Terms(), memory)
    if not taken.refusals.fine.all():
        raise SystemExit(f"{kind}: {(~taken.refusals.fine).sum()} rows are refused")
    return decoded(kind, taken.facts)


def _bare(kind: str, columns: pa.Table) -> pa.Table:
    """Facts of which only these columns are told."""
    day = pc.cast(pc.cast(pc.divide(columns["at_us"], DAY), pa.int32()), pa.date32())
    whole = columns.append_column("day", day)
    fields = [field for field in SCHEMAS[kind].ibis.to_pyarrow() if field.name != "seal"]
    held = [
        whole[field.name].cast(field.type)
        if field.name in whole.column_names
        else pa.nulls(len(whole), field.type)
        for field in fields
    ]
    return pa.table(held, schema=pa.schema(fields))


def _legs(calls: pa.Table) -> pa.Table:
    """What both networks tell of their calls of the second day, without numbers."""
    first = FIRST_US // DAY * DAY + DAY
    day = pc.and_(pc.greater_equal(calls["at_us"], first), pc.less(calls["at_us"], first + DAY))
    some = calls.filter(day).select(["at_us", "caller", "callee"]).combine_chunks()
    ends = {side: network(some[of].combine_chunks())
            for side, of in (("giver", "caller"), ("taker", "callee"))}  # fmt: skip
    for name, column in ends.items():
        some = some.append_column(name, column)
    handed = some.filter(pc.fill_null(pc.not_equal(some["giver"], some["taker"]), False))
    both = told(handed, SEED, hider="m4")
    number = pc.cast(pa.array(np.arange(len(both))), pa.string())
    fixed = {"trunk_class": "domestic", "duration_s": 0, "answered": True}
    for name, value in fixed.items():
        both = both.append_column(name, pa.repeat(pa.scalar(value), len(both)))
    return both.append_column("id", pc.binary_join_element_wise("leg", number, "-"))


def _after_calls(made: country.CallCountry, keys: Keys) -> Mapping[str, pa.Table]:
    """What people did within minutes of a fraud call: a third pays, a third lets somebody in, a
    third takes a loan. Beside them a payment of everybody at some hour."""
    owners = dict(zip(*(made.subscriptions[c].to_pylist() for c in ("phone", "holder")),
                      strict=True))  # fmt: skip
    victims = [(owners[m.victim], m.at_us) for m in made.truth.moments if m.victim in owners]
    draw, people = np.random.default_rng(SEED), sorted({*owners.values()})
    hours = made.size.days * 24 * 60
    paid = victims + [
        (one, FIRST_US + int(at) * MINUTE)
        for one, at in zip(people, draw.integers(0, hours, len(people)), strict=True)
    ]
    return {
        "payment": _acts("payer_holder", paid, keys, {
            "side": "both", "payee_bank": "211", "amount": 30_000_000, "currency": "KZT",
            "instrument": "transfer"}, "payee_account"),
        "session": _acts("holder", victims, keys,
                         {"remote_access": True, "outcome": "signed_in"}, "device"),
        "loan": _acts("applicant", victims, keys, {
            "amount": 30_000_000, "currency": "KZT", "decision": "granted"}, "device"),
    }  # fmt: skip


def _acts(
    who: str, acts: list[tuple[str, int]], keys: Keys, fixed: dict[str, Any], numbered: str
) -> pa.Table:
    """One act a row: who, when, and the same for all; `numbered` differs from row to row."""
    from qalqan.trust.tokens import tokens

    n = len(acts)
    number = pc.cast(pa.array(np.arange(n)), pa.string())
    return pa.table({
        "id": number, "source": pa.repeat("bank", n), numbered: number,
        who: tokens(keys, "person", pa.array([one for one, _ in acts], pa.string())).cast(
            pa.string()),
        "at_us": pa.array([at for _, at in acts], pa.int64()),
        **{name: pa.repeat(pa.scalar(value), n) for name, value in fixed.items()},
    })  # fmt: skip


def _put(root: Path, kind: str, facts: pa.Table) -> None:
    """Files and log as the worker makes them."""
    log = Log(str(root), kind)
    seal = log.newest() + 1
    log.commit(write_files(str(root), kind, facts, seal), {MARK: seal})


def timed(run: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds of one run by the clock and of all cores, and what it gave."""
    start, used = time.perf_counter(), time.process_time()
    gave = run()
    return time.perf_counter() - start, time.process_time() - used, gave


def row(
    name: str, unit: str, ours: float, peer: str, theirs: float | None, n: int, notes: str
) -> None:
    """Print a line."""
    ratio = round(ours / theirs, 3) if theirs else None
    print(json.dumps({
        "name": name, "unit": unit, "ours": round(ours, 2), "peer": peer,
        "peer_value": None if theirs is None else round(theirs, 2), "ratio": ratio, "n": n,
        "notes": f"{notes}; simulated",
    }, ensure_ascii=False), flush=True)  # fmt: skip


def reading_calls() -> list[Detector]:
    """Every detector that reads calls."""
    return [one for one in registry.all_detectors().values() if "call" in one.reads]


def ours(root: Path, n: int) -> None:
    """Each detector as the worker runs it."""
    detectors, found = [Asked(one) for one in reading_calls()], 0
    with closing(DuckEngine(str(root))) as engine, ExitStack() as stack:
        wanted = finders.wanted(detectors)
        total, used, _ = timed(lambda: stack.enter_context(engine.holding(wanted, LATEST)))
        row("facts held for all detectors that read calls", "s", total, "none", None, n,
            f"columns of calls: {len(wanted['call'])}; {used:.2f} s of CPU")  # fmt: skip
        for detector in detectors:
            took, cpu, (findings, _) = timed(lambda one=detector: one.found(engine, LATEST))  # type: ignore[misc]
            total, used, found = total + took, used + cpu, found + len(findings)
            row(detector.code, "s", took, "none", None, n,
                f"findings: {len(findings)}; {cpu:.2f} s of CPU")  # fmt: skip
    row("all detectors that read calls", "s", total, "none", None, n,
        f"DuckDB, {DUCKDB_THREADS} threads, files in the cache; detectors: {len(detectors)}, "
        f"findings: {found}; {used:.1f} s of CPU on both cores; target 20 s")  # fmt: skip


def beside_acero(root: Path, n: int) -> None:
    """What three detectors begin with, by both engines."""
    pa.set_cpu_count(DUCKDB_THREADS)
    files = frozen_files(str(root), "call", None, None, 0)
    for name, (keys, counted, which) in BEGINNINGS.items():
        took, _, mine = timed(lambda k=keys, c=counted, w=which: _duck(root, k, c, w))  # type: ignore[misc]
        slow, _, theirs = timed(lambda k=keys, c=counted, w=which: _acero(files, k, c, w))  # type: ignore[misc]
        if mine != theirs:
            raise SystemExit(f"{name}: {mine} and {theirs} groups differ")
        row(name, "s", took, "pyarrow (Acero)", slow, n,
            f"groups with several: {mine}; equal; 2 threads each, from the same files")  # fmt: skip


BEGINNINGS = {
    "devices of each number and week": ("caller", "imei", "air"),
    "cards of each device and week": ("imei", "imsi", "air"),
    "numbers that each caller rang in a week": ("caller", "callee", "voice"),
}
"""Grouped by, distinct values counted, calls that are read."""


def _duck(root: Path, key: str, counted: str, which: str) -> int:
    from qalqan.detectors import calls_seen as seen

    with closing(DuckEngine(str(root))) as engine:
        calls = engine.table("call")
        some = seen.on_air(calls) if which == "air" else seen.voice(calls)
        rows = some.filter(some[key].notnull(), some[counted].notnull())
        weeks = rows.group_by(key, week=rows.at_us - rows.at_us % WEEK)
        several = weeks.agg(n=rows[counted].nunique())
        many = several.filter(several.n >= 2)
        return int(engine.run(many.agg(n=many.count()))["n"][0].as_py())


def _acero(files: list[str], key: str, counted: str, which: str) -> int:
    told = pc.field("caller").is_valid() & pc.field("callee").is_valid()
    if which == "air":
        told &= pc.field("trunk_class") == "access"
    else:
        told &= pc.field("service").is_null() | (pc.field("service") == "voice")
    names = pc.field(key).is_valid() & pc.field(counted).is_valid()
    columns = {key: pc.field(key), counted: pc.field(counted), "at_us": pc.field("at_us")}
    rows = ds.dataset(files).to_table(columns=columns, filter=told & names)
    week = pc.subtract(rows["at_us"], pc.multiply(pc.divide(rows["at_us"], WEEK), WEEK))
    weeks = rows.append_column("week", pc.subtract(rows["at_us"], week)).group_by([key, "week"])
    several = weeks.aggregate([(counted, "count_distinct")])
    return int(pc.sum(pc.greater_equal(several[f"{counted}_count_distinct"], 2)).as_py())


def main(given: list[str]) -> None:
    """Make the facts if need be, then measure."""
    root = lake(int(given[0]) if given else SUBSCRIBERS)
    with closing(DuckEngine(str(root))) as engine:
        n = int(
            engine.run(engine.table("call").agg(n=engine.table("call").count()))["n"][0].as_py()
        )
    ours(root, n)
    beside_acero(root, n)


if __name__ == "__main__":
    main([one for one in sys.argv[1:] if one.isdecimal()])
