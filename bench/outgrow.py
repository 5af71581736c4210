"""What it costs to outgrow one machine: the same work with the register in PostgreSQL, and with
the lake in a bucket, beside a register in SQLite and a lake in a folder, on one machine; and how
long both take to move there and back, beside a plain copy of their files.

The bucket's server is moto, a test server written in Python: it shows what a round trip more costs
and nothing of a real store's speed. Detectors must find the same everywhere, or the script fails.
`python bench/outgrow.py [PAYMENTS]`.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from qalqan.detectors import registry
from qalqan.lake import moving as lake_moving
from qalqan.lake.engine import DuckEngine
from qalqan.lake.files import take_file
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.lake.sealing import seal
from qalqan.lake.storage import sync
from qalqan.register import moving as register_moving
from qalqan.register.database import Database
from qalqan.trust.keys import Keys

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from peers.postgresql import Registers, Server, programs
from peers.s3 import served as served_s3

PAYMENTS = 500_000
SEALS = 25
ASKED = "payments.passes_through"
FIRST = "SQLite and a folder"

MADE = """
SELECT 'p' || k AS id, 1780000000000000 + hash(k) % (30 * 86400000000) AS at_us, 'payer' AS side,
  'AAA:' || hash(k * 3 + 1) % ($n // 10) AS payer_account,
  'AAA:' || hash(k * 3 + 2) % ($n // 10) AS payee_account,
  1000000 + CAST(hash(k * 5) % 200 AS BIGINT) * 50000 AS amount, 'KZT' AS currency,
  'transfer' AS instrument FROM range($n) AS numbers(k)
"""


@dataclass(frozen=True)
class Place:
    """A register and a lake."""

    name: str
    register: str
    lake: str


@dataclass(frozen=True)
class Cost:
    """Seconds."""

    ingest: float
    seal: float
    detect: float
    findings: list[Any]


@contextmanager
def places(folder: Path) -> Iterator[list[Place]]:
    """All there are, ready for use."""
    with ExitStack() as stack:
        found = [Place(FIRST, f"sqlite:///{folder}/a/register.db", f"{folder}/a/lake")]
        if (program := programs()) is not None:
            address = stack.enter_context(closing(Server(program, durable=True))).address
            found.append(Place("PostgreSQL and a folder", address, f"{folder}/b/lake"))
        os.environ.update(stack.enter_context(served_s3(folder / "s3.log")))
        from qalqan.lake.bucket import file_system

        file_system().mkdir("qalqan-bench")
        register = f"sqlite:///{folder}/c/register.db"
        found.append(Place("SQLite and a bucket (moto)", register, "s3://qalqan-bench/lake"))
        yield found


def measured(place: Place, keys: Keys, file: Path) -> Cost:
    """Ingest the file, seal single facts, ask a detector."""
    with closing(Database(place.register)) as database:
        database.migrate()
        centre = Centre(database, keys, place.lake)
        ingest, _ = timed(lambda: take_file(centre, "payment", file, source="bank"))
        one = pq.read_table(file).slice(0, SEALS)
        one = one.set_column(0, "id", pa.array([f"single{n}" for n in range(SEALS)]))

        def land_and_seal(number: int) -> None:
            take(centre, HandIn("payment", "bank", "one"), one.slice(number, 1))
            seal(database, place.lake)

        seals = [timed(lambda n=n: land_and_seal(n))[0] for n in range(SEALS)]  # type: ignore[misc]
    detector = registry.get(ASKED)
    with closing(DuckEngine(place.lake)) as engine:
        tables = {kind: engine.table(kind) for kind in detector.reads}
        detect, rows = timed(lambda: engine.run(detector.ask(tables)).to_pylist())
    found = sorted(rows, key=lambda row: (row["subject"], row["window_from_us"]))
    return Cost(ingest, median(seals), detect, found)


def plain_copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)
    sync([path for path in (target, *target.rglob("*")) if path.is_file()])


def moves(folder: Path, all_places: list[Place]) -> Iterator[tuple[str, float, float, int]]:
    """What was moved, seconds, seconds of a plain copy, and how many rows or facts there were."""
    first = all_places[0]
    with closing(Database(first.register)) as source:
        old = Path(str(source.engine.url.database))
        copied, _ = timed(lambda: plain_copy(old, folder / "register.copy"))
        servers = [
            place.register for place in all_places if place.register.startswith("postgresql")
        ]
        for server in servers:
            empty = Registers(folder).empty(server)
            with (
                closing(Database(empty)) as there,
                closing(Database(f"sqlite:///{folder}/back.db")) as back,
            ):
                seconds, counts = timed(lambda: register_moving.move(source, there))
                rows = sum(counts.values())
                yield "register to PostgreSQL", seconds, copied, rows
                seconds, again = timed(lambda: register_moving.move(there, back))
                if again != counts:
                    raise SystemExit("the register came back otherwise")
                yield "register back to SQLite", seconds, copied, rows
        copied, _ = timed(lambda: plain_copy(Path(first.lake), folder / "lake.copy"))
        lakes = (first.lake, "s3://qalqan-bench/moved", f"{folder}/lake.back")
        for here, there in pairwise(lakes):
            what = "lake to a bucket (moto)" if "://" in there else "lake back to a folder"
            seconds, moved = timed(
                lambda: lake_moving.move(source, here, there, lambda *_: None)  # noqa: B023
            )
            yield what, seconds, copied, sum(moved.rows.values())


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def tell(what: str, unit: str, place: Place, ours: float, first: float, n: int) -> None:
    print(
        json.dumps(
            {
                "name": f"{what}, {place.name}", "unit": unit, "ours": round(ours, 3),
                "peer": FIRST, "peer_value": round(first, 3), "ratio": round(ours / first, 2),
                "n": n, "notes": "one machine; equal findings; lower is better",
            }
        ),
        flush=True,
    )  # fmt: skip


def main(n: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, file = Path(name), Path(name) / "payments.parquet"
        os.environ["QALQAN_HOME"] = str(folder / "home")
        pq.write_table(duckdb.execute(MADE, {"n": n}).to_arrow_table(), file)
        keys = Keys.create(folder / "keys.json")
        with places(folder) as all_places:
            warm = Place("warm-up", f"sqlite:///{folder}/w/register.db", f"{folder}/w/lake")
            measured(warm, keys, file)
            costs = [(place, measured(place, keys, file)) for place in all_places]
            for what, seconds, copied, rows in moves(folder, all_places):
                row = {
                    "name": f"move of a {what}", "unit": "s", "ours": round(seconds, 2),
                    "peer": "plain copy of its files, synced", "peer_value": round(copied, 3),
                    "ratio": round(seconds / copied, 2), "n": rows,
                    "notes": "counted at both ends and brought to stable storage; lower is better",
                }  # fmt: skip
                print(json.dumps(row), flush=True)
    _, first = costs[0]
    for place, cost in costs[1:]:
        if cost.findings != first.findings:
            raise SystemExit(f"{place.name}: other findings")
        tell("ingest of a file of payments", "s", place, cost.ingest, first.ingest, n)
        tell("one fact landed and sealed (median)", "s", place, cost.seal, first.seal, SEALS)
        tell(f"{ASKED} on DuckDB (cold)", "s", place, cost.detect, first.detect, n)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] and sys.argv[1].isdigit() else PAYMENTS)
