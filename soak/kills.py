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
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select

from qalqan import clock
from qalqan.backup import restoring, taking
from qalqan.cases.policy import install_default_policy
from qalqan.cases.reports import ReportIn, take_report
from qalqan.errors import Conflict, InputRejected, NotFound, Overfull, Unavailable
from qalqan.exchange import parquet_table
from qalqan.lake import sealing, shared
from qalqan.lake.engine import DuckEngine
from qalqan.lake.files import take_file
from qalqan.lake.shared import SharedCommits
from qalqan.lake.telling import Telling
from qalqan.register import jobs, orm, people
from qalqan.register.database import Database
from qalqan.register.orm import Batch, Landing, Seal
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work import loop

KILLS = 500
SHORTEST_S, LONGEST_S = 0.05, 6.0
AT_ONCE = 3
FILE_ROWS, PIECE = 4_500, 1_500
FINISH_S = 120
AT = 1_767_225_600_000_000  # 2026-01-01
VICTIM = "211:V1"


def payments(prefix: str, first: int, rows: int) -> pa.Table:
    """Numbered payments over three days."""
    numbers = range(first, first + rows)
    return pa.table(
        {
            "id": [f"{prefix}{n}" for n in numbers],
            "at_us": [AT + n % 3 * clock.DAY for n in numbers],
            "side": ["payer"] * rows,
            "payer_account": [f"AAA:{n % 97}" for n in numbers],
            "payee_account": [f"BBB:{n % 89}" for n in numbers],
            "amount": [100 + n for n in numbers],
            "currency": ["KZT"] * rows,
            "instrument": ["transfer"] * rows,
        }
    )


@dataclass(frozen=True)
class Home:
    """Where the campaign's centre lies; every child opens its own."""

    folder: Path

    @property
    def backup(self) -> Path:
        return self.folder.parent / "backup"

    @property
    def settings(self) -> Settings:
        return Settings(home=self.folder)

    def database(self) -> Database:
        return Database(self.settings.register_url)

    def keys(self) -> Keys:
        return Keys.load(self.settings.keys_file)


Say = Callable[[str], None]
"""Tell the parent what has just been acknowledged."""


def post(home: Home, say: Say, chance: random.Random) -> None:
    """Requests that share commits, single facts and small batches, some of them told twice."""

    def answered(outcomes: Sequence[tuple[Telling, Any]]) -> None:
        for telling, receipt in outcomes:
            if isinstance(receipt, Exception) or receipt.quarantined:
                say(f"odd {receipt!r}")
                continue
            for fact in telling.facts:
                say(f"facts p {fact['id'][1:]} 1")

    with closing(home.database()) as database:
        commits = SharedCommits(
            shared.Centre(database, home.keys(), home.settings.lake_root), answered
        )
        while True:
            rows = payments("p", chance.randrange(10**9), chance.choice((1, 1, 1, 30)))
            for _ in range(chance.choice((1, 1, 2))):
                try:
                    commits.put(Telling("payment", "bank", "AAA", rows.to_pylist()))
                except Overfull:  # told to come again later
                    time.sleep(0.5)
            time.sleep(0.003)


def files(home: Home, say: Say, chance: random.Random) -> None:
    """A long file; whoever comes after a killed one hands the same file in again."""
    with closing(home.database()) as database:
        while True:
            number = len(list(home.folder.glob("file-*.done")))
            path = home.folder / f"file-{number}.parquet"
            pq.write_table(payments("f", number * FILE_ROWS, FILE_ROWS), path)
            try:
                receipt = take_file(
                    database, home.keys(), home.settings.lake_root, "payment", path, source="bank"
                )
            except (Conflict, Unavailable):  # its lease ran out: hand it in again
                continue
            assert receipt.accepted + receipt.duplicate == FILE_ROWS
            say(f"facts f {number * FILE_ROWS} {FILE_ROWS}")
            path.with_suffix(".done").touch()


def report(home: Home, say: Say, chance: random.Random) -> None:
    """Victims; each report makes an order for the payer's bank."""
    with closing(home.database()) as database:
        while True:
            now = clock.now_us()
            body = ReportIn(
                methods=["28"], region="KZ-75", language="kk", victim_iin="900101300017",
                payer_account=VICTIM, payee_account="223:D1", amount=chance.randint(1, 10**9),
                crime_us=now - 2 * clock.HOUR, discovered_us=now - clock.HOUR, reported_us=now,
            )  # fmt: skip
            taken = take_report(database, home.keys(), body, "hotline")
            say(f"report {taken.report} {taken.case}")
            time.sleep(0.02)


def work(home: Home, say: Say, chance: random.Random) -> None:
    """A worker: sealing, upkeep, delivery, clocks."""
    with closing(home.database()) as database:
        loop.run(database, home.keys(), home.settings, threading.Event())


def back_up(home: Home, say: Say, chance: random.Random) -> None:
    """Backups, point after point."""
    with closing(home.database()) as database:
        while True:
            try:
                taken = taking.take(
                    database, home.keys(), home.settings, home.backup, with_keys=True
                )
            except (Conflict, Unavailable):  # upkeep runs, or its lease ran out
                time.sleep(0.05)
                continue
            say(f"point {taken.point.name}")
            time.sleep(0.2)


def restore(home: Home, say: Say, chance: random.Random) -> None:
    """The newest point made a home; whatever a killed one left under that name must be whole."""
    target = home.folder.parent / "restored"
    while True:
        if target.exists():
            say(f"restored {faults_of(Home(target))}")
            shutil.rmtree(target)
        try:
            restoring.restore(home.backup, target)
        except (NotFound, InputRejected):  # no point yet
            time.sleep(0.1)


def faults_of(home: Home) -> int:
    """In how many ways a home's books are wrong, once what was on its way is sealed."""
    with closing(home.database()) as database:
        sealing.seal(database, home.settings.lake_root)
        with database.session() as session:
            accepted = sum(session.scalars(select(Batch.accepted)))
            seals = session.scalars(select(Seal.seal).order_by(Seal.seal)).all()
    ids = ids_of(home)
    gaps = list(seals) != list(range(1, len(seals) + 1))
    return abs(accepted - len(ids)) + len(ids) - len(set(ids)) + gaps


def ids_of(home: Home) -> list[str]:
    """Of every payment in the lake."""
    engine = DuckEngine(home.settings.lake_root)
    found: list[str] = engine.run(engine.table("payment").select("id"))["id"].to_pylist()
    engine.close()
    return found


ROLES = (post, files, report, work, work, back_up, restore)


class Bank(BaseHTTPRequestHandler):
    """Writes down every order it is pushed, one JSON object a line."""

    book: Path

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.book.open("a") as file:
            file.write(json.dumps(body["order"]) + "\n")
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


def serve_bank(book: str) -> None:
    """The bank, a process of its own; prints its port."""
    Bank.book = Path(book)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bank)
    print(server.server_port, flush=True)
    server.serve_forever()


def prepare(home: Home, port: int) -> None:
    """A new centre with a bank that is pushed to and a hotline."""
    Keys.create(home.settings.keys_file)
    with closing(home.database()) as database:
        database.migrate()
        with database.write() as session:
            names = {"kk": "x", "ru": "x", "en": "x"}
            people.add_partner(session, "altyn", "bank", names, bank_code="211",
                               endpoint=f"http://127.0.0.1:{port}", delivery="push")  # fmt: skip
            people.add_partner(session, "hotline", "channel", names)
            install_default_policy(session, ["a", "b"])


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
            got.setdefault(_order_of(jws), set()).add(jws)
        reports = {line.split()[2] for line in self.said if line.startswith("report ")}
        asked = {order.case_id for order in orders}
        self.counts["reports acknowledged"] = len(reports)
        self.counts["orders"], self.counts["pushes"] = len(orders), len(lines)
        self.wrong("acknowledged reports without an order", len(reports - asked))
        self.wrong("orders that never reached the bank", len({o.id for o in orders} - set(got)))
        self.wrong("orders unknown to the register", len(set(got) - {o.id for o in orders}))
        self.wrong("orders that went out in two versions", sum(len(v) > 1 for v in got.values()))
        self.wrong("orders not noted as sent", sum(o.sent_us is None for o in orders))


def _order_of(jws: str) -> str:
    import base64

    body = jws.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["order"])


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
