"""Trails over a lake of payments, beside the same frontier walk as recursive SQL and in networkx.

Reach: every transfer that stolen money could have gone through, by the trail's definition
(arrivals, window, hops, minimum share). DuckDB answers it with one recursive query over the same
Parquet files and days; networkx walks a graph that it holds in memory, loaded beforehand. All
three must find the same transfers, or the script fails. Attribution (`follow`: who holds what
under four rules, to the unit) has no peer; the recursive SQL stands beside it for scale.
`python bench/walk.py [DATA]`: as for `ingest.py`, AMLSim's transfers or made-up ones.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import mean, median
from typing import Any

import duckdb
import networkx as nx

from ingest import MAPPING, amlsim
from qalqan.clock import DAY
from qalqan.exchange import mapping
from qalqan.lake.engine import DUCKDB_MEMORY, DUCKDB_THREADS, DuckEngine, frozen_files
from qalqan.lake.files import take_file
from qalqan.lake.hand_in import Centre
from qalqan.register.database import Database
from qalqan.trail import follow, reach, starts
from qalqan.trail.policy import default
from qalqan.trail.semantics import Root
from qalqan.trust.keys import Keys

QUESTIONS = 20
KNOWN_US = 60 * DAY
"""What happened so long after the theft is known."""
POLICY = replace(default(), version="bench", window_us=20 * DAY, max_hops=5)
"""A payment of AMLSim has a day, no time of day: its chains take days a hop."""

WALK = f"""
WITH RECURSIVE known AS (
  SELECT id, at_us, payer_account AS payer, payee_account AS payee FROM payments
  WHERE day BETWEEN make_timestamp($at)::DATE AND make_timestamp($until)::DATE
    AND at_us BETWEEN $at AND $until AND payer_account <> payee_account AND id <> $root
    AND amount * 1000000 >= {POLICY.min_share_ppm} * $amount AND instrument = 'transfer'
), walk AS (
  SELECT $root AS id, $at AS at_us, $payee AS payee, 1 AS hop
  UNION
  SELECT known.id, known.at_us, known.payee, hop + 1
  FROM walk JOIN known ON known.payer = walk.payee
    AND known.at_us BETWEEN walk.at_us AND walk.at_us + {POLICY.window_us}
  WHERE hop <= {POLICY.max_hops}
)
SELECT id, min(hop) FROM walk WHERE id <> $root GROUP BY id
"""

Hops = dict[str, int]


def lake_of(folder: Path, path: Path) -> str:
    """The file's payments in a lake."""
    with closing(Database(f"sqlite:///{folder / 'register.db'}")) as database:
        database.migrate()
        rules = mapping.load(MAPPING.read_text("utf-8"))
        lake = str(folder / "lake")
        take_file(Centre(database, Keys.new(), lake), "payment", path, mapping=rules)
    return lake


def questions(engine: DuckEngine, lake: str) -> list[Root]:
    """Payments from all over the period, the same ones each time."""
    files = frozen_files(lake, "payment")
    drawn = duckdb.execute(
        "SELECT source || ':' || id FROM read_parquet($files, hive_partitioning=true) "
        "WHERE amount > 0 AND payer_account <> payee_account AND payee_account IN "
        "(SELECT payer_account FROM read_parquet($files)) "
        f"ORDER BY hash(id) LIMIT {QUESTIONS}",
        {"files": files},
    ).fetchall()
    facts = starts.by_ids(engine, [name for (name,) in drawn])
    return [starts.roots(told, POLICY.match_window_us)[0] for told in facts.values()]


class Sql:
    """DuckDB over the lake's own files."""

    def __init__(self, lake: str) -> None:
        self.con = duckdb.connect(config={"threads": DUCKDB_THREADS, "memory_limit": DUCKDB_MEMORY})
        files = frozen_files(lake, "payment")
        self.con.read_parquet(files, hive_partitioning=True).create_view("payments")

    def reach(self, root: Root) -> Hops:
        asked = {
            "root": root.id.partition(":")[2], "at": root.at_us, "until": root.at_us + KNOWN_US,
            "payee": root.payee, "amount": root.amount,
        }  # fmt: skip
        return dict(self.con.execute(WALK, asked).fetchall())


class Graph:
    """networkx with every payment as an edge."""

    def __init__(self, sql: Sql) -> None:
        self.graph = nx.MultiDiGraph()
        rows = sql.con.execute(
            "SELECT payer_account, payee_account, id, at_us, amount FROM payments "
            "WHERE payer_account <> payee_account AND instrument = 'transfer'"
        )
        while block := rows.fetchmany(100_000):
            self.graph.add_edges_from(
                (payer, payee, id, {"at": at, "amount": amount})
                for payer, payee, id, at, amount in block
            )

    def reach(self, root: Root) -> Hops:
        hops: Hops = {}
        least, until = POLICY.min_share_ppm * root.amount, root.at_us + KNOWN_US
        own = root.id.partition(":")[2]
        waiting = deque([(root.payee, root.at_us, 1)])
        while waiting:
            account, came_us, hop = waiting.popleft()
            if hop > POLICY.max_hops or account not in self.graph:
                continue
            last = min(came_us + POLICY.window_us, until)
            for _, payee, id, told in self.graph.out_edges(account, keys=True, data=True):
                if id in hops or id == own or not came_us <= told["at"] <= last:
                    continue
                if told["amount"] * 1_000_000 >= least:
                    hops[id] = hop + 1
                    waiting.append((payee, told["at"], hop + 1))
        return hops


def timed(work: Callable[[Root], Any], roots: list[Root]) -> tuple[float, float, list[Any]]:
    """First answer and median of the others, milliseconds; and the answers."""
    spent, answers = [], []
    for root in roots:
        start = time.perf_counter()
        answers.append(work(root))
        spent.append((time.perf_counter() - start) * 1000)
    return spent[0], median(spent[1:]), answers


def show(name: str, ours: float, beside: str, other: float, n: int, notes: str) -> None:
    """One line of the table."""
    row = {
        "name": name, "unit": "ms", "ours": round(ours, 1), "peer": beside,
        "peer_value": round(other, 1), "ratio": round(ours / other, 2), "n": n, "notes": notes,
    }  # fmt: skip
    print(json.dumps(row, ensure_ascii=False), flush=True)


def main(given: list[str]) -> None:
    """Ours, then the peers, in one process on the same files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        case = amlsim(folder, Path(given[0]) if given else None)
        path, title = case.path, case.title
        lake = lake_of(folder, path)
        engine, sql = DuckEngine(lake), Sql(lake)
        roots = questions(engine, lake)
        first, warm, found = timed(
            lambda root: reach(engine, [root], POLICY, root.at_us + KNOWN_US), roots
        )
        sql_first, sql_warm, theirs = timed(sql.reach, roots)
        _, followed, trails = timed(
            lambda root: follow(engine, [root], POLICY, root.at_us + KNOWN_US), roots
        )
        start = time.perf_counter()
        graph = Graph(sql)
        load_s = time.perf_counter() - start
        _, graph_warm, walked = timed(graph.reach, roots)
        engine.close()
    plain = [{id.partition(":")[2]: hop for id, hop in hops.items()} for hops in found]
    if not plain == theirs == walked:
        raise SystemExit("answers differ")
    reached = mean(len(hops) for hops in plain)
    accounts = mean(len(trail.hops) for trail in trails)
    notes = f"{title}; median of {len(roots)} questions, on average {reached:.0f} transfers reached"
    by_sql = "recursive SQL, DuckDB, same files"
    show("trail reach (first)", first, by_sql, sql_first, 1, f"{title}; engine just opened")
    show("trail reach (warm)", warm, by_sql, sql_warm, len(roots), notes)
    in_memory = f"{notes}; the peer holds the graph in memory, {load_s:.0f} s to load"
    show("trail reach (warm)", warm, "networkx", graph_warm, len(roots), in_memory)
    more = (
        f"{title}; four rules to the unit, {accounts:.0f} accounts followed; the peer only reaches"
    )
    show("trail follow (warm)", followed, by_sql, sql_warm, len(roots), more)


if __name__ == "__main__":
    main(sys.argv[1:])
