"""A question over today before and after compaction, and compaction beside Delta's own.

A day of `SEALS` small seals (payments, as sealing once a second leaves them) is asked for the
payments of single accounts and for a sum over all rows. Then two copies of the same table are
compacted: one by `qalqan` (sorted by account, synced, in one commit), one by deltalake's own
`optimize.compact`, which neither sorts nor syncs; both are asked the same again. All data are
simulated. `python bench/upkeep.py [SEALS]`.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from statistics import median

import pyarrow as pa
from deltalake import DeltaTable

from qalqan.lake.engine import DuckEngine, frozen_files
from qalqan.lake.sealing import MARK
from qalqan.lake.table import Log, write_files
from qalqan.lake.upkeep import keeping
from qalqan.lake.upkeep.compaction import NOW, compact
from qalqan.register.database import Database

ROWS_A_SEAL = 2_000
ACCOUNTS = 50_000
ASKED = 15
START_US = 1_767_225_600_000_000


def payments(seal: int, draw: random.Random) -> pa.Table:
    """Simulated payments of one second."""
    numbers = range(seal * ROWS_A_SEAL, (seal + 1) * ROWS_A_SEAL)
    accounts = [[f"account:{draw.randrange(ACCOUNTS):024x}" for _ in numbers] for _ in range(2)]
    return pa.table(
        {
            "id": [f"p{n}" for n in numbers],
            "source": ["bank-a"] * ROWS_A_SEAL,
            "at_us": [START_US + n * 40 for n in numbers],
            "side": ["both"] * ROWS_A_SEAL,
            "payer_account": accounts[0],
            "payer_bank": ["AAA"] * ROWS_A_SEAL,
            "payee_account": accounts[1],
            "payee_bank": ["BBB"] * ROWS_A_SEAL,
            "amount": [draw.randrange(100, 10_000_000) for _ in numbers],
            "currency": ["KZT"] * ROWS_A_SEAL,
            "instrument": ["transfer"] * ROWS_A_SEAL,
            "day": [date(2026, 1, 1)] * ROWS_A_SEAL,
        }
    )


def filled(root: str, seals: int) -> None:
    draw = random.Random(1)
    for seal in range(1, seals + 1):
        Log(root, "payment").commit(
            write_files(root, "payment", payments(seal, draw), seal), {MARK: seal}
        )


def one_account(engine: DuckEngine, account: str) -> int:
    table = engine.table("payment")
    return engine.run(table.filter(table.payer_account == account)).num_rows


def whole_day(engine: DuckEngine, _: str) -> int:
    table = engine.table("payment")
    return int(engine.run(table.agg(total=table.amount.sum()))["total"][0].as_py())


def asked(root: str, question: Callable[[DuckEngine, str], int]) -> tuple[float, list[int]]:
    """Median milliseconds, warm, and the answers."""
    draw = random.Random(2)
    accounts = [f"account:{draw.randrange(ACCOUNTS):024x}" for _ in range(ASKED)]
    took, answers = [], []
    with closing(DuckEngine(root)) as engine:
        question(engine, accounts[0])
        for account in accounts:
            start = time.perf_counter()
            answers.append(question(engine, account))
            took.append((time.perf_counter() - start) * 1000)
    return median(took), answers


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def ours(base: Path, root: str) -> float:
    with closing(Database(f"sqlite:///{base / 'register.db'}")) as database:
        database.migrate()
        with keeping(database) as held:
            return timed(lambda: compact(database, root, held, NOW, ("payment",)))


def line(name: str, unit: str, own: float, peer: str, value: float, n: int, notes: str) -> None:
    row = {
        "name": name, "unit": unit, "ours": round(own, 2), "peer": peer,
        "peer_value": round(value, 2), "ratio": round(own / value, 2), "n": n, "notes": notes,
    }  # fmt: skip
    print(json.dumps(row), flush=True)


def main(seals: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        small, own, theirs = (str(base / one) for one in ("small", "ours", "theirs"))
        filled(small, seals)
        for copy in (own, theirs):
            shutil.copytree(Path(small, "payment"), Path(copy, "payment"))
        took = ours(base, own)
        table = DeltaTable(str(Path(theirs, "payment")))
        line(
            "compacting a day", "s", took, "deltalake optimize.compact",
            timed(table.optimize.compact), seals * ROWS_A_SEAL,
            f"{seals} small files; ours sorts by account and syncs, the peer neither; simulated",
        )  # fmt: skip
        for question, what in ((one_account, "one account's payments"), (whole_day, "sum of all")):
            before, first = asked(small, question)
            after, second = asked(own, question)
            peer, third = asked(theirs, question)
            if not first == second == third:
                raise SystemExit("compaction changed an answer")
            files = len(frozen_files(own, "payment"))
            line(
                f"a day after compaction: {what}", "ms", after, "deltalake optimize.compact",
                peer, seals * ROWS_A_SEAL,
                f"{before:.1f} ms before, over {seals} small files; {files} after; warm; simulated",
            )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdecimal() else 500)
