"""A month of a nation's payments: trails over the index, reach beside DuckDB and SQLite.

Made up: 20 million payments of 1.5 million accounts over 30 days, a power law on both sides. The
last million is appended in small batches while another process follows money. The peers hold
whole numbers instead of tokens and are asked on the same seeds; all must reach the same payments,
or the script fails. A whole trail is reach, what sits where under four rules, and a hold plan; no
peer counts units.
`python bench/trace.py [DATA] [--payments N] [--accounts N] [--keep FOLDER]`: DATA is not used.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from qalqan.clock import DAY, HOUR
from qalqan.trail.index.columns import ROWS
from qalqan.trail.index.reach import Found, reach
from qalqan.trail.index.stands import stands
from qalqan.trail.index.store import Index
from qalqan.trail.index.trails import followed
from qalqan.trail.index.walk import walk
from qalqan.trail.index.warm import compile_all
from qalqan.trail.index.writing import Writer, writing
from qalqan.trail.plan import Line, Terms, plan
from qalqan.trail.policy import default
from qalqan.trail.semantics import Root

START_US = 20_000 * DAY
DAYS = 30
BATCH = 1_000_000
APPENDED = 20
"""The last payments, one in so many, are appended …"""
APPENDS = 100
"""… in so many batches."""
STARTS = 10
"""Processes that are started to ask one question each."""
POLICY = replace(default(), version="bench", max_hops=6)
BANKS = [f"B{number:02d}" for number in range(40)]
HOMES = frozenset(BANKS)
KINDS = np.array(["transfer", "card", "cash_out"])
CLASSES = ((100, 70, 140), (1_000, 700, 1_400), (10_000, 7_000, 14_000))
"""Payments reached: about so many, from … to."""
BUSY = 0.002
"""A busy account is one of so many of those that pay most."""
DRAWS = 40_000
PEER_SEEDS = 50
RECURSIVE_SEEDS = 5
"""DuckDB's recursive query takes long."""
OUR_SEEDS = 200
KNOWN_US = 72 * HOUR
"""What happened so long after the theft is known."""


def made_up(payments: int, accounts: int) -> dict[str, np.ndarray[Any, Any]]:
    """Payments as columns of numbers, in order of time."""
    random = np.random.default_rng(2_026)
    weight = (np.arange(accounts) + 38.0) ** -0.7
    ends = np.cumsum(weight / weight.sum())
    others = random.permutation(accounts).astype(np.int32)
    payer = np.searchsorted(ends, random.random(payments)).astype(np.int32)
    payee = others[np.searchsorted(ends, random.random(payments))]
    payee = np.where(payee == payer, (payee + 1) % accounts, payee).astype(np.int32)
    return {
        "at_us": np.sort(random.integers(0, DAYS * DAY // 1_000, payments)) * 1_000 + START_US,
        "payer": payer,
        "payee": payee,
        "amount": (np.exp(random.normal(13.0, 1.2, payments))).astype(np.int64) + 1,
        "kind": random.choice(3, payments, p=(0.87, 0.1, 0.03)).astype(np.int8),
    }


def tokens(accounts: int) -> pa.Array:
    """Account tokens as the vault makes them: 24 letters of base 32, and the last four digits."""
    random = np.random.default_rng(7)
    letters = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", np.uint8)
    text = np.empty((accounts, 33), np.uint8)
    text[:, :4] = np.frombuffer(b"acc_", np.uint8)
    text[:, 4:28] = letters[random.integers(0, 32, (accounts, 24))]
    text[:, 28] = ord("_")
    text[:, 29:] = random.integers(48, 58, (accounts, 4))
    offsets = np.arange(accounts + 1, dtype=np.int32) * 33
    return pa.StringArray.from_buffers(accounts, pa.py_buffer(offsets), pa.py_buffer(text))


def rows(data: dict[str, Any], names: pa.Array, first: int, last: int, seal: int) -> pa.Table:
    """Payments as rows of the lake."""
    n = last - first
    payer, payee = data["payer"][first:last], data["payee"][first:last]
    banks = pa.array(BANKS)
    none = pa.nulls(n, pa.string())
    told = {
        "id": pa.array(np.arange(first, last)).cast(pa.string()),
        "source": pa.array(["made-up"]).take(pa.array(np.zeros(n, np.int8))),
        "seal": pa.array(np.full(n, seal)),
        "at_us": pa.array(data["at_us"][first:last]),
        "side": pa.array(["both"]).take(pa.array(np.zeros(n, np.int8))),
        "payer_account": names.take(pa.array(payer)),
        "payer_bank": banks.take(pa.array(payer % len(BANKS))),
        "payee_account": names.take(pa.array(payee)),
        "payee_bank": banks.take(pa.array(payee % len(BANKS))),
        "amount": pa.array(data["amount"][first:last]),
        "instrument": pa.array(KINDS).take(pa.array(data["kind"][first:last])),
        "uetr": none,
        "end_to_end_id": none,
        "payee_country": none,
        "currency": pa.array(["KZT"]).take(pa.array(np.zeros(n, np.int8))),
    }
    return pa.table({name: told[name] for name in ROWS})


def build(folder: Path, data: dict[str, Any], names: pa.Array, payments: int) -> float:
    """The index of the first payments; seconds."""
    writer, spent = Writer(folder), 0.0
    with writing(folder):
        writer.begin(anew=True)
        for seal, first in enumerate(range(0, payments, BATCH), 1):
            table = rows(data, names, first, min(first + BATCH, payments), seal)
            began = time.perf_counter()
            writer.take(table)
            spent += time.perf_counter() - began
        began = time.perf_counter()
        writer.publish(seal, {})
    return spent + time.perf_counter() - began


def append(folder: Path, data: dict[str, Any], names: pa.Array, first: int) -> float:
    """The rest, each batch seen by readers before the next; seconds."""
    ends = np.linspace(first, len(data["at_us"]), APPENDS + 1).astype(int).tolist()
    seal = Index(folder).seal
    batches = [
        rows(data, names, low, high, seal + number)
        for number, (low, high) in enumerate(pairwise(ends), 1)
    ]
    writer = Writer(folder)
    began = time.perf_counter()
    for batch in batches:
        with writing(folder):
            writer.begin()
            writer.take(batch)
            seal += 1
            writer.publish(seal, {})
    return time.perf_counter() - began


@dataclass(frozen=True)
class Asked:
    """A root, and its numbers in the peers' tables."""

    root: Root
    id: int
    payee: int
    at_us: int
    least: int
    until_us: int


class Duck:
    """DuckDB over a table in memory, sorted by payer and time."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.con = duckdb.connect(config={"threads": 2})
        told = pa.table({**data, "id": np.arange(len(data["at_us"]))})
        self.con.register("told", told)
        self.con.execute("CREATE TABLE paid AS SELECT * FROM told ORDER BY payer, at_us")
        self.con.unregister("told")

    def hops(self, root: Asked) -> dict[int, int]:
        """One join a hop; what was reached before is left out."""
        con, until = self.con, root.until_us
        con.execute("CREATE OR REPLACE TEMP TABLE seen AS SELECT ?::BIGINT id, 0 hop", [root.id])
        con.execute(
            "CREATE OR REPLACE TEMP TABLE front AS SELECT ?::INTEGER account, ?::BIGINT at_us",
            [root.payee, root.at_us],
        )
        for hop in range(2, POLICY.max_hops + 2):
            con.execute(
                "CREATE OR REPLACE TEMP TABLE found AS SELECT DISTINCT paid.id, paid.payee, "
                "paid.at_us, paid.kind FROM paid JOIN front ON paid.payer = front.account AND "
                f"paid.at_us BETWEEN front.at_us AND front.at_us + {POLICY.window_us} "
                f"WHERE paid.at_us <= {until} AND amount >= {root.least} "
                "AND paid.id NOT IN (SELECT id FROM seen)"
            )
            con.execute(f"INSERT INTO seen SELECT id, {hop} FROM found")
            con.execute(
                "CREATE OR REPLACE TEMP TABLE front AS "
                "SELECT payee account, at_us FROM found WHERE kind = 0"
            )
        return dict(con.execute("SELECT id, hop FROM seen WHERE hop > 0").fetchall())

    def recursive(self, root: Asked) -> dict[int, int]:
        """One recursive query."""
        return dict(
            self.con.execute(
                f"""
                WITH RECURSIVE walk AS (
                  SELECT ?::BIGINT id, ?::INTEGER payee, ?::BIGINT at_us, 0::TINYINT kind, 1 hop
                  UNION
                  SELECT paid.id, paid.payee, paid.at_us, paid.kind, hop + 1 FROM walk JOIN paid
                    ON paid.payer = walk.payee
                    AND paid.at_us BETWEEN walk.at_us AND walk.at_us + {POLICY.window_us}
                  WHERE hop <= {POLICY.max_hops} AND walk.kind = 0 AND paid.at_us <= {root.until_us}
                    AND amount >= {root.least} AND paid.id <> {root.id}
                ) SELECT id, min(hop) FROM walk WHERE hop > 1 GROUP BY id
                """,
                [root.id, root.payee, root.at_us],
            ).fetchall()
        )


class Lite:
    """SQLite with payments clustered by payer and time, walked from Python."""

    def __init__(self, path: Path, data: dict[str, Any]) -> None:
        path.unlink(missing_ok=True)
        self.con = sqlite3.connect(path)
        self.con.execute("PRAGMA journal_mode=OFF")
        self.con.execute("PRAGMA synchronous=OFF")
        self.con.execute("PRAGMA cache_size=-262144")
        self.con.execute("PRAGMA mmap_size=4294967296")
        self.con.execute(
            "CREATE TABLE paid (payer INT, at_us INT, id INT, payee INT, amount INT, kind INT, "
            "PRIMARY KEY (payer, at_us, id)) WITHOUT ROWID"
        )
        order = np.lexsort((data["at_us"], data["payer"]))
        for first in range(0, len(order), BATCH):
            some = order[first : first + BATCH]
            columns = [data[c][some].tolist() for c in ("payee", "amount", "kind")]
            keys = data["payer"][some].tolist(), data["at_us"][some].tolist(), some.tolist()
            self.con.executemany(
                "INSERT INTO paid VALUES (?, ?, ?, ?, ?, ?)", zip(*keys, *columns, strict=True)
            )
        self.con.commit()

    def reach(self, root: Asked) -> dict[int, int]:
        """Breadth first."""
        seen: dict[int, int] = {root.id: 0}
        frontier = [(root.payee, root.at_us)]
        for hop in range(2, POLICY.max_hops + 2):
            found = []
            for account, at_us in frontier:
                for id, payee, at, kind in self.con.execute(
                    "SELECT id, payee, at_us, kind FROM paid WHERE payer = ? AND at_us BETWEEN ? "
                    "AND ? AND amount >= ?",
                    (account, at_us, min(at_us + POLICY.window_us, root.until_us), root.least),
                ):
                    if id not in seen:
                        seen[id] = hop
                        if kind == 0:
                            found.append((payee, at))
            frontier = found
        del seen[root.id]
        return seen


def show(name: str, unit: str, ours: float, peer: str, value: float | None, n: int, notes: str,
         quicker: bool = True) -> None:  # fmt: skip
    """One line of the table; the ratio is how many times the peer's ours is better."""
    ratio = None
    if value is not None and ours:
        ratio = round(value / ours if quicker else ours / value, 1)
    row = {"name": name, "unit": unit, "ours": round(ours, 4), "peer": peer,
           "peer_value": value if value is None else round(value, 3), "ratio": ratio, "n": n,
           "notes": notes}  # fmt: skip
    print(json.dumps(row, ensure_ascii=False), flush=True)


def asked(data: dict[str, Any], names: pa.Array, id: int) -> Asked:
    """The question that begins with this payment."""
    at_us, amount = int(data["at_us"][id]), int(data["amount"][id])
    payer, payee = int(data["payer"][id]), int(data["payee"][id])
    root = Root(
        f"made-up:{id}", "R", names[payer].as_py(), names[payee].as_py(),
        BANKS[payee % len(BANKS)], amount, "KZT", at_us,
    )  # fmt: skip
    least = -(-POLICY.min_share_ppm * amount // 1_000_000)
    return Asked(root, id, payee, at_us, least, at_us + KNOWN_US)


def reached(index: Index, one: Asked) -> Found:
    """Reach over the index."""
    view = index.view("KZT", one.at_us - POLICY.lookback_us, one.until_us, index.seal)
    return reach(view, [one.root], POLICY, HOMES)


def drawn(index: Index, data: dict[str, Any], names: pa.Array) -> dict[int, list[Asked]]:
    """Questions of each class, from all over the month, the same ones each time. A thief whose
    money goes a thousand ways has paid a busy account: half of the draws are of those."""
    random = np.random.default_rng(11)
    first, last = np.searchsorted(
        data["at_us"], [START_US + POLICY.lookback_us, START_US + DAYS * DAY - KNOWN_US]
    )
    busy = np.flatnonzero(data["payee"][first:last] < BUSY * len(names)) + first
    found: dict[int, list[Asked]] = {size: [] for size, _, _ in CLASSES}
    every = random.integers(first, last, DRAWS)
    for id in np.stack((every, random.choice(busy, DRAWS)), 1).ravel().tolist():
        if data["kind"][id] != 0:
            continue
        one = asked(data, names, id)
        n = len(reached(index, one))
        for size, least, most in CLASSES:
            if least <= n <= most and len(found[size]) < OUR_SEEDS:
                found[size].append(one)
        if all(len(some) >= OUR_SEEDS for some in found.values()):
            break
    return found


def timed(work: Callable[[Asked], Any], some: Sequence[Asked]) -> tuple[list[float], list[Any]]:
    """Milliseconds of each, and the answers."""
    spent, answers = [], []
    for one in some:
        start = time.perf_counter()
        answers.append(work(one))
        spent.append((time.perf_counter() - start) * 1000)
    return spent, answers


def plain(found: Found) -> dict[int, int]:
    """Hops by the peers' numbers."""
    return {int(id.partition(":")[2]): hop for id, hop in found.hops.items()}


def compare(index: Index, duck: Duck, lite: Lite, some: dict[int, list[Asked]], title: str) -> None:
    """Reach alone, ours and theirs on the same seeds."""
    for size, questions in some.items():
        for peer, work, n in (
            ("DuckDB, a join a hop", duck.hops, PEER_SEEDS // 2),
            ("DuckDB, recursive", duck.recursive, RECURSIVE_SEEDS),
            ("SQLite, clustered key", lite.reach, PEER_SEEDS),
        ):
            few = questions[:n]
            if not few:
                continue
            timed(partial(reached, index), few)
            ours, found = timed(partial(reached, index), few)
            answers = [plain(one) for one in found]
            if work == lite.reach:
                timed(work, few)
            spent, theirs = timed(work, few)
            if theirs != answers:
                raise SystemExit(f"{peer} reaches other payments")
            notes = f"{title}; median of {len(few)} seeds that reach about {size} payments, 6 hops"
            show("trail reach (warm)", "ms", median(ours), peer, median(spent), len(few), notes)


def traced(index: Index, one: Asked) -> list[Line]:
    """A whole trail: reach, attribution under four rules, the hold plan."""
    view = index.view("KZT", one.at_us - POLICY.lookback_us, one.until_us, index.seal)
    reach(view, [one.root], POLICY, HOMES)
    walked = walk(view, [one.root], POLICY, one.until_us, HOMES)
    return plan(stands(walked, view, POLICY.rule, one.until_us), Terms(one.until_us))


def written_down(index: Index, one: Asked) -> Any:
    """The trail as it is stored and shown, with names of all its accounts and payments."""
    return followed(index, [one.root], POLICY, one.until_us, index.seal, HOMES)


def whole(index: Index, questions: list[Asked], size: int, title: str) -> None:
    """Reach, and what follows: median and 95th percentile."""
    for name, work in (
        ("reach", reached), ("reach, four rules and hold plan", traced),
        ("four rules, as it is stored", written_down),
    ):  # fmt: skip
        timed(partial(work, index), questions)  # every seed once before: warm
        spent, _ = timed(partial(work, index), questions)
        notes = (
            f"{title}; seeds that reach about {size} payments, 6 hops, 72 h; no peer counts units"
        )
        show(f"trail {name} p50 (warm)", "ms", median(spent), "", None, len(spent), notes)
        most = float(np.percentile(spent, 95))
        show(f"trail {name} p95 (warm)", "ms", most, "", None, len(spent), notes)


def tracing(folder: Path, questions: list[Asked], told: Connection) -> None:
    """Follow money, taking each new manifest, until told to stop: seconds and how many trails."""
    index, spent, count = Index(folder), 0.0, 0
    traced(index, questions[0])
    told.send("ready")
    while not told.poll():
        began = time.perf_counter()
        index.look()
        traced(index, questions[count % len(questions)])
        spent += time.perf_counter() - began
        count += 1
    told.send((spent, count))


def first_trail(folder: Path, one: Asked, told: Connection) -> None:
    """A fresh process: loops loaded, then the index opened and one question asked."""
    began = time.perf_counter()
    compile_all()
    loaded = time.perf_counter()
    traced(Index(folder), one)
    asked = time.perf_counter()
    with open("/proc/self/status", encoding="ascii") as status:
        own = next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))
    told.send(((loaded - began) * 1000, (asked - loaded) * 1000, own / 1000))


def beside(work: Any, *args: Any) -> tuple[Any, Connection]:
    """A process of its own that does this, and our end of a line to it."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=work, args=(*args, theirs))
    process.start()
    theirs.close()
    return process, ours


def appended(
    folder: Path, data: dict[str, Any], names: pa.Array, first: int, some: list[Asked], title: str
) -> None:
    """How quickly facts are taken in while another process follows money."""
    process, line = beside(tracing, folder, some)
    line.recv()
    spent = append(folder, data, names, first)
    line.send("enough")
    seconds, count = line.recv()
    process.join()
    n = len(data["at_us"]) - first
    notes = f"{title}; {APPENDS} batches, each published; another process traces meanwhile"
    show("payments appended while tracing", "payments/s", n / spent, "", None, n, notes)
    notes = f"{title}; while payments are appended; the newest manifest is taken each time"
    show("trail while appending, mean", "ms", seconds / count * 1000, "", None, count, notes)


def started(folder: Path, questions: list[Asked], size: int, title: str) -> None:
    """The first question of a fresh process."""
    told = []
    for one in questions[:STARTS]:
        process, line = beside(first_trail, folder, one)
        told.append(line.recv())
        process.join()
    loading, asking, own = (median(column) for column in zip(*told, strict=True))
    notes = f"{title}; fresh processes; seeds that reach about {size} payments"
    show(
        "trail's loops loaded", "ms", loading, "", None, len(told), f"{notes}; before anybody asks"
    )
    show("trail (first after start)", "ms", asking, "", None, len(told), f"{notes}; index opened")
    show("memory of a process that traces", "MB", own, "", None, len(told),
         f"{notes}; its own, without the files it maps")  # fmt: skip


def size_of(folder: Path) -> float:
    """Bytes of a folder's files."""
    return float(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?")
    parser.add_argument("--payments", type=int, default=20_000_000)
    parser.add_argument("--accounts", type=int, default=1_500_000)
    parser.add_argument("--keep", type=Path)
    told = parser.parse_args()
    compile_all()
    with tempfile.TemporaryDirectory() as name:
        folder = told.keep or Path(name)
        data, names = made_up(told.payments, told.accounts), tokens(told.accounts)
        title = f"{told.payments / 1e6:g} M made-up payments of {told.accounts / 1e6:g} M accounts"
        first = told.payments - told.payments // APPENDED
        if not (folder / "index" / "manifest.json").exists():
            spent = build(folder / "index", data, names, first)
            show("index built", "payments/s", first / spent, "", None, first, title)
            index = Index(folder / "index")
            early = [some for of in drawn(index, data, names).values() for some in of[:50]]
            appended(folder / "index", data, names, first, early, title)
        index = Index(folder / "index")
        show("index on disk", "bytes a payment", size_of(folder / "index") / told.payments, "",
             None, told.payments, title)  # fmt: skip
        some = drawn(index, data, names)
        for size, questions in some.items():
            if questions:
                whole(index, questions, size, title)
        busiest = 1_000 if some[1_000] else 100
        started(folder / "index", some[busiest], busiest, title)
        compare(index, Duck(data), Lite(folder / "lite.db", data), some, title)


if __name__ == "__main__":
    main()
