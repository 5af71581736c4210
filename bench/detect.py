"""Every detector over generated facts on DuckDB and on each form of Spark, with equal findings.

On DuckDB the peer is the same rule in plain SQL, written for DuckDB alone (an asof join instead of
a portable range window), over the same files with the same threads and memory; on Spark the peer
is the same detector on DuckDB. All in one run on one machine: a cluster of two workers with a core
each has no more cores than DuckDB has threads. `python bench/detect.py [PAYMENTS]`; a missing
Java leaves Spark out and says so. Four minutes with 500 000 facts on two idle cores.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from deltalake import write_deltalake

from qalqan.detectors import registry
from qalqan.lake.engine import DUCKDB_MEMORY, DUCKDB_THREADS, frozen_files, open_engine
from qalqan.lake.engine import table_address as address
from qalqan.lake.schemas import SCHEMAS
from qalqan.settings import Settings

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from peers.spark import cluster, connect_server, environment

FACTS = 500_000
DAY_US = 86_400_000_000
START_US = 20_600 * DAY_US
DAYS = 30
LIMITS = {row.holder_kind: row.numbers for row in registry.get(
    "subscriptions.many_numbers_one_holder"
).params.limits}  # fmt: skip

PAYMENTS = f"""
SELECT 'p' || k AS id, 'bank' AS source,
  CASE WHEN k % 10 < 6 THEN 'both' WHEN k % 10 < 8 THEN 'payer' ELSE 'payee' END AS side,
  {START_US} + CAST(h(k, 1) % ({DAYS} * {DAY_US}) AS BIGINT) AS at_us,
  'acc_' || CAST(pow(h(k, 2) % 1000000 / 1e6, 2) * $n / 10 AS BIGINT) AS payer_account,
  CASE WHEN k % 17 = 0 THEN NULL ELSE 'acc_' || h(k, 3) % ($n // 10) END AS payee_account,
  1000000 + CAST(h(k, 4) % 200 AS BIGINT) * 50000 AS amount, 'KZT' AS currency,
  CASE WHEN k % 17 = 0 THEN 'cash_out' WHEN k % 17 < 12 THEN 'transfer'
       WHEN k % 17 < 14 THEN 'card' ELSE 'salary' END AS instrument,
  CASE WHEN k % 101 = 0 THEN 'TR' ELSE 'KZ' END AS payee_country
FROM range($n) AS numbers(k)
"""

SUBSCRIPTIONS = f"""
SELECT 's' || k AS id, 'operator' AS source,
  {START_US} + CAST(h(k, 1) % ({DAYS} * {DAY_US}) AS BIGINT) AS at_us,
  CASE WHEN k % 8 = 0 THEN 'deactivated' ELSE 'activated' END AS event,
  'phone_' || h(k, 2) % ($n * 2 // 3) AS phone,
  'holder_' || CAST(pow(h(k, 3) % 1000000 / 1e6, 2) * $n / 6 AS BIGINT) AS holder,
  CASE WHEN k % 50 = 0 THEN 'company' ELSE 'person' END AS holder_kind,
  'dealer_' || h(k, 4) % 300 AS dealer, k % 20 <> 0 AS biometric
FROM range($n) AS numbers(k)
"""


@dataclass(frozen=True)
class Subject:
    """A detector's facts, what its peer in SQL (`detect_sql`) is told, and which figures of its
    findings the peer must find too."""

    made: str
    told: dict[str, int | None]
    figures: tuple[str, ...]


SUBJECTS = {
    "payments.passes_through": Subject(PAYMENTS, {}, ("received_minor", "passed_minor")),
    "subscriptions.many_numbers_one_holder": Subject(
        SUBSCRIPTIONS, {name: LIMITS[name] for name in ("person", "company")}, ("held", "activated")
    ),
}


def generate(root: str, n: int) -> None:
    """A lake of `n` facts of each kind in 30 days."""
    con = duckdb.connect(config={"threads": DUCKDB_THREADS, "memory_limit": DUCKDB_MEMORY})
    con.execute("CREATE MACRO h(k, salt) AS hash(k * 31 + salt)")
    for code, subject in SUBJECTS.items():
        (kind,) = registry.get(code).reads
        made = con.execute(
            f"SELECT *, CAST(make_timestamp(at_us) AS DATE) AS day, 1::BIGINT AS seal "
            f"FROM ({subject.made})",
            {"n": n},
        ).to_arrow_table()
        schema = SCHEMAS[kind].ibis.to_pyarrow()
        columns = [
            made[field.name].cast(field.type)
            if field.name in made.column_names
            else pa.nulls(n, field.type)
            for field in schema
        ]
        table = pa.table(columns, schema=schema)
        write_deltalake(address(root, kind), table, partition_by=["day"])


@dataclass(frozen=True)
class Answered:
    """A detector's findings, hashed, and how long it took to have them."""

    cold_s: float
    warm_s: float
    findings: int
    digest: str
    core: list[list[Any]]
    """What the peer in SQL finds too; kept from DuckDB only."""


def ask(engine: Any, code: str, keep: bool) -> Answered:
    """Ask one detector twice."""
    detector = registry.get(code)

    def once() -> list[dict[str, Any]]:
        tables = {kind: engine.table(kind) for kind in detector.reads}
        return engine.run(detector.ask(tables)).to_pylist()

    cold, rows = timed(once)
    warm, _ = timed(once)
    rows.sort(key=lambda row: (row["subject_kind"], row["subject"], row["window_from_us"]))
    digest = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
    figures = SUBJECTS[code].figures
    core = [
        [row["subject"], row["window_from_us"], *(row["evidence"][name] for name in figures)]
        for row in (rows if keep else [])
    ]
    return Answered(cold, warm, len(rows), digest, sorted(core))


def asked(root: str, master: str | None, told: dict[str, str]) -> dict[str, Answered]:
    """The same in a process of its own: one has one Spark for its whole life."""
    form = {"QALQAN_LAKE": root, "QALQAN_ENGINE": "spark" if master else "duckdb"}
    form |= {"QALQAN_SPARK_MASTER": master} if master else {}
    ended = subprocess.run(
        [sys.executable, __file__, "ask"], env={**told, **form}, stdout=subprocess.PIPE, check=True
    )
    return {code: Answered(**found) for code, found in json.loads(ended.stdout).items()}


def peer(root: str, code: str) -> tuple[float, float, list[list[Any]]]:
    """Cold and warm seconds of the rule in SQL, and what it finds."""
    con = duckdb.connect(config={"threads": DUCKDB_THREADS, "memory_limit": DUCKDB_MEMORY})
    (kind,) = registry.get(code).reads
    files = frozen_files(root, kind)
    con.read_parquet(files, hive_partitioning=True, union_by_name=True).create_view(f"{kind}s")

    sql = Path(__file__).with_name("detect_sql") / f"{code.partition('.')[2]}.sql"

    def once() -> list[list[Any]]:
        found = con.execute(sql.read_text(), SUBJECTS[code].told).fetchall()
        return [list(row) for row in found]

    cold, found = timed(once)
    return cold, timed(once)[0], sorted(found)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def forms(folder: Path) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Name, master and environment of each form of Spark, running while it is in hand."""
    told = environment(folder, {"spark.executor.memory": "2g", "spark.driver.memory": "2g",
        "spark.sql.shuffle.partitions": "8", "spark.ui.enabled": "false"})  # fmt: skip
    yield "Spark local[2]", "local[2]", dict(os.environ)
    with cluster(folder, told, memory="2g") as found:
        yield "Spark standalone, 2 workers of 1 core", found.master, told
    with connect_server(folder, told, "local[2]", memory="3g") as master:
        yield "Spark Connect, server local[2]", master, told


def told(name: str, n: int, ours_s: float, other: str, other_s: float, notes: str) -> None:
    """Print one row: rates in millions of facts a second."""
    ours, theirs = n / ours_s / 1e6, n / other_s / 1e6
    row = {
        "name": name, "unit": "M facts/s", "ours": round(ours, 3), "peer": other,
        "peer_value": round(theirs, 3), "ratio": round(ours / theirs, 2), "n": n, "notes": notes,
    }  # fmt: skip
    print(json.dumps(row), flush=True)


def main(n: int) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # not without ending Spark's daemons
    with tempfile.TemporaryDirectory() as folder:
        root = str(Path(folder) / "lake")
        generate(root, n)
        here = asked(root, None, dict(os.environ))
        for code, found in here.items():
            cold, warm, theirs = peer(root, code)
            if found.core != theirs:
                raise SystemExit(f"{code}: {found.findings} findings, the peer has {len(theirs)}")
            notes = f"{found.findings} equal findings; {DUCKDB_THREADS} threads; higher is better"
            sql = "plain SQL for DuckDB"
            told(f"detect {code} on DuckDB (cold)", n, found.cold_s, sql, cold, notes)
            told(f"detect {code} on DuckDB (warm)", n, found.warm_s, sql, warm, notes)
        if shutil.which("java") is None:
            print("no Java: Spark was not measured", file=sys.stderr)
            return
        for form, master, environ in forms(Path(folder)):
            for code, found in asked(root, master, environ).items():
                if found.digest != here[code].digest:
                    raise SystemExit(f"{code} on {form}: other findings than on DuckDB")
                notes = f"{found.findings} equal findings, cold {found.cold_s:.1f} s; same machine"
                name, duck = f"detect {code} on {form}", "the same on DuckDB"
                told(name, n, found.warm_s, duck, here[code].warm_s, notes)


def answer() -> None:
    """In the process of one form: ask all detectors, print what was found."""
    with closing(open_engine(Settings())) as engine:
        keep = engine.name == "duckdb"  # type: ignore[attr-defined]
        found = {code: vars(ask(engine, code, keep)) for code in SUBJECTS}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{'duckdb' if keep else 'spark'}: process peak {peak:.1f} GiB", file=sys.stderr)
    print(json.dumps(found))


if __name__ == "__main__":
    if sys.argv[1:] == ["ask"]:
        answer()
    else:
        main(int(sys.argv[1]) if sys.argv[1:] and sys.argv[1].isdigit() else FACTS)
