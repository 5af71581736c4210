"""Those who work on the centre until they are killed; each does the product's own work."""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import pyarrow.parquet as pq

from deaths.home import Home, faults_of, payments
from qalqan import clock
from qalqan.backup import restoring, taking
from qalqan.cases.reports import ReportIn, take_report
from qalqan.errors import Conflict, InputRejected, NotFound, Overfull, Unavailable
from qalqan.lake.files import take_file
from qalqan.lake.hand_in import Centre
from qalqan.lake.shared import SharedCommits
from qalqan.lake.telling import Telling
from qalqan.work import loop

FILE_ROWS = 4_500
VICTIM = "211:V1"

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
        commits = SharedCommits(Centre(database, home.keys(), home.settings.lake_root), answered)
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
        centre = Centre(database, home.keys(), home.settings.lake_root)
        while True:
            number = len(list(home.folder.glob("file-*.done")))
            path = home.folder / f"file-{number}.parquet"
            pq.write_table(payments("f", number * FILE_ROWS, FILE_ROWS), path)
            try:
                receipt = take_file(centre, "payment", path, source="bank")
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
                how = taking.Manner(with_keys=True)
                taken = taking.take(database, home.keys(), home.settings, home.backup, how)
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
            # Elsewhere: a death amid the deletion would look like a bad restore, and two lakes
            # under one name, one after the other, are one to a process that knows the first.
            looked_at = target.with_name(f"seen-{chance.randrange(10**12)}")
            target.rename(looked_at)
            say(f"restored {faults_of(Home(looked_at))}")
            shutil.rmtree(looked_at)
        try:
            restoring.restore(home.backup, target)
        except (NotFound, InputRejected):  # no point yet
            time.sleep(0.1)


ROLES = (post, files, report, work, work, back_up, restore)
