"""500 × `kill -9` at random instants of landing, files, sealing, upkeep, delivery, backup
and restore; nothing acknowledged is lost, nothing counts twice (REQ-19, DESIGN section 7).

Children that are forked from one warm process do the product's own work on one home; each tells
through a pipe what was acknowledged to its caller, lives for a random moment and is killed. A bank
of the campaign's own writes down every order it is pushed. In the end a worker that nobody kills
finishes what is left, and the books are checked: facts against the acknowledgements, batches
against the lake, seals for gaps, orders against what the bank got.
`python soak/kills.py [KILLS] [SEED]`. Leases are shortened, so that a dead holder is followed at
once, and no job is parked for dying often: here every death is ours.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deaths.bank import order_of, serve_bank
from deaths.home import Home, ids_of, prepare
from deaths.roles import ROLES, work
from sqlalchemy import select

from qalqan.exchange import parquet_table
from qalqan.lake import sealing
from qalqan.register import jobs, orm
from qalqan.register.orm import Batch, Landing, Seal

KILLS = 500
SHORTEST_S, LONGEST_S = 0.05, 6.0
AT_ONCE = 3
PIECE = 1_500
FINISH_S = 120


def in_child(run: Callable[[], None]) -> int:
    """Fork; the child runs and ends."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        run()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


@dataclass
class Campaign:
    """Children, what they said, and how it came out."""

    home: Home
    chance: random.Random
    said: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def one(self) -> None:
        """A few children at once, each killed at its own moment."""
        alive = []
        for role in self.chance.sample(ROLES, AT_ONCE):
            reader, writer = os.pipe()
            child = in_child(self._lives(role, writer))
            os.close(writer)
            span = SHORTEST_S * (LONGEST_S / SHORTEST_S) ** self.chance.random()
            alive.append((time.monotonic() + span, child, reader, role.__name__))
        for until, child, reader, name in sorted(alive):
            time.sleep(max(0.0, until - time.monotonic()))
            self._kill(child, name)
            with os.fdopen(reader) as pipe:
                lines = pipe.read().splitlines(keepends=True)
            self.said += [line.rstrip("\n") for line in lines if line.endswith("\n")]

    def _lives(self, role: Callable[..., None], writer: int) -> Callable[[], None]:
        seed = self.chance.randrange(2**60)

        def run() -> None:
            role(self.home, lambda text: os.write(writer, f"{text}\n".encode()) and None,
                 random.Random(seed))  # fmt: skip

        return run

    def _kill(self, child: int, name: str) -> None:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            self.counts[f"killed while doing: {name}"] += 1
        else:
            self.counts["VIOLATION: gave up by itself: " + name] += 1

    def finish(self) -> None:
        """A worker that nobody kills, until nothing is left to do."""
        worker = in_child(lambda: work(self.home, lambda _: None, self.chance))
        until = time.monotonic() + FINISH_S
        try:
            while (
                time.monotonic() < until
                and subprocess.run(
                    [sys.executable, __file__, "left", str(self.home.folder)], check=False
                ).returncode
            ):
                time.sleep(0.5)
        finally:
            os.kill(worker, signal.SIGKILL)
            os.waitpid(worker, 0)

    def facts(self) -> set[str]:
        """Ids of all facts that were acknowledged."""
        found: set[str] = set()
        for line in self.said:
            what, *rest = line.split()
            if what == "facts":
                first, rows = int(rest[1]), int(rest[2])
                found |= {f"{rest[0]}{n}" for n in range(first, first + rows)}
        return found

    def wrong(self, what: str, n: int) -> None:
        if n:
            self.counts[f"VIOLATION: {what}"] += n

    def check(self, book: Path) -> None:
        """The books."""
        ids = ids_of(self.home)
        with closing(self.home.database()) as database, database.session() as session:
            batches = session.scalars(select(Batch)).all()
            seals = session.scalars(select(Seal.seal).order_by(Seal.seal)).all()
            landing = session.scalars(select(Landing.id)).all()
            orders = session.scalars(select(orm.Order)).all()
        known, said = set(ids), self.facts()
        restored = [int(line.split()[1]) for line in self.said if line.startswith("restored ")]
        self.counts["restored homes that were looked at"] = len(restored)
        self.wrong("restored homes that are wrong", sum(map(bool, restored)))
        self.counts["points backed up"] = sum(line.startswith("point ") for line in self.said)
        self.wrong("posts that failed", sum(line.startswith("odd ") for line in self.said))
        self.counts["facts acknowledged"], self.counts["facts in the lake"] = len(said), len(ids)
        self.wrong("acknowledged facts lost", len(said - known))
        self.wrong("facts counted twice", len(ids) - len(known))
        accepted = sum(b.accepted for b in batches)
        self.wrong("accepted by batches is not what is in the lake", abs(accepted - len(ids)))
        odd = sum(b.read != b.accepted + b.duplicate + b.quarantined for b in batches)
        self.wrong("batches that don't add up", odd)
        self.wrong("gaps in the seals", list(seals) != list(range(1, len(seals) + 1)))
        self.wrong("facts that never left landing", len(landing))
        self._check_orders(orders, book)

    def _check_orders(self, orders: Any, book: Path) -> None:
        got: dict[str, set[str]] = {}
        lines = book.read_text().splitlines() if book.exists() else []
        for jws in map(json.loads, lines):
            got.setdefault(order_of(jws), set()).add(jws)
        reports = {line.split()[2] for line in self.said if line.startswith("report ")}
        asked = {order.case_id for order in orders}
        self.counts["reports acknowledged"] = len(reports)
        self.counts["orders"], self.counts["pushes"] = len(orders), len(lines)
        self.wrong("acknowledged reports without an order", len(reports - asked))
        self.wrong("orders that never reached the bank", len({o.id for o in orders} - set(got)))
        self.wrong("orders unknown to the register", len(set(got) - {o.id for o in orders}))
        self.wrong("orders that went out in two versions", sum(len(v) > 1 for v in got.values()))
        self.wrong("orders not noted as sent", sum(o.sent_us is None for o in orders))


def left(home: Home) -> int:
    """Exit code: whether anything is still to be done."""
    with closing(home.database()) as database, database.session() as session:
        now = jobs.pending(session)
    return int(bool(now.due or now.leased or now.landing))


def main(kills: int, seed: int) -> int:
    """Run the campaign; the number of violations."""
    jobs.LEASE_S, jobs.MAX_ATTEMPTS, sealing.LEASE_S = 2, 10**6, 2.0
    parquet_table.BATCH_ROWS = PIECE
    with tempfile.TemporaryDirectory() as name:
        home, book = Home(Path(name) / "home"), Path(name) / "bank.jsonl"
        home.folder.mkdir()
        bank = subprocess.Popen(
            [sys.executable, __file__, "bank", str(book)], stdout=subprocess.PIPE, text=True
        )
        try:
            port = int(bank.stdout.readline())  # type: ignore[union-attr]
            os.waitpid(in_child(lambda: prepare(home, port)), 0)
            campaign = Campaign(home, random.Random(seed))
            done = 0
            while done < kills:
                campaign.one()
                done += AT_ONCE
                print(f"\r{done}/{kills}", end="", file=sys.stderr, flush=True)
            print(file=sys.stderr)
            campaign.finish()
            campaign.check(book)
        finally:
            bank.kill()
            bank.wait()
    for what, n in sorted(campaign.counts.items()):
        print(f"{n:8} {what}")
    return sum(n for what, n in campaign.counts.items() if what.startswith("VIOLATION"))


if __name__ == "__main__":
    if sys.argv[1:2] == ["bank"]:
        serve_bank(sys.argv[2])
    elif sys.argv[1:2] == ["left"]:
        sys.exit(left(Home(Path(sys.argv[2]))))
    else:
        numbers = [int(given) for given in sys.argv[1:3] if given.isdigit()]
        sys.exit(1 if main(*[*numbers, *(KILLS, 1)[len(numbers) :]]) else 0)
