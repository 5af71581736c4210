"""The disk fills up at random points of landing, files, sealing; then there is room again.

Each round leaves a little room in a small file system of our own, works until something says that
there is none left, and checks: the error names the full disk, what was acknowledged before is in
the lake once there is room, and what was refused can be handed in again and counts once (REQ-19).
`python soak/disk_full.py [ROUNDS]`; it mounts a tmpfs in a mount namespace that ends with it.
"""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv

from qalqan.errors import QalqanError, Unavailable
from qalqan.exchange import csv_table
from qalqan.lake import sealing
from qalqan.lake.engine import DuckEngine
from qalqan.lake.files import take_file
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.lake.sealing import seal
from qalqan.register.database import Database
from qalqan.text.failure import failure
from qalqan.trust.keys import Keys

ROUNDS = 50
SIZE_MB = 192
LEAST_FREE, MOST_FREE = 8 << 10, 6 << 20
STEPS_A_ROUND = 40
AT = 1_767_225_600_000_000  # 2026-01-01
INSIDE = "QALQAN_SOAK_INSIDE"


def inside_a_namespace() -> None:
    """Start this script once more where it may mount; ends the process that asked."""
    private = ["unshare", "--mount"]
    if os.geteuid() != 0:
        private += ["--user", "--map-root-user"]
    run = [*private, sys.executable, *sys.argv]
    sys.exit(subprocess.run(run, env={**os.environ, INSIDE: "1"}, check=False).returncode)


def payments(first: int, rows: int) -> pa.Table:
    """Numbered payments over four days."""
    numbers = range(first, first + rows)
    return pa.table(
        {
            "id": [f"n{n}" for n in numbers],
            "at_us": [AT + n % 4 * 86_400_000_000 for n in numbers],
            "side": ["payer"] * rows,
            "payer_account": [f"AAA:{n % 977}" for n in numbers],
            "payee_account": [f"BBB:{n % 1013}" for n in numbers],
            "amount": [100 + n for n in numbers],
            "currency": ["KZT"] * rows,
            "instrument": ["transfer"] * rows,
        }
    )


class Campaign:
    """One home on the small disk, and what it acknowledged."""

    def __init__(self, disk: Path, outside: Path, seed: int) -> None:
        self.disk, self.outside = disk, outside
        self.chance = random.Random(seed)
        self.database = Database(f"sqlite:///{disk / 'register.db'}")
        self.database.migrate()
        self.lake = str(disk / "lake")
        self.centre = Centre(self.database, Keys.create(disk / "keys.json"), self.lake)
        self.next = 0
        self.acknowledged = 0
        self.refused: list[tuple[int, int]] = []
        self.counts: Counter[str] = Counter()

    def post(self, first: int, rows: int) -> None:
        receipt = take(self.centre, HandIn("payment", "bank", "post"), payments(first, rows))
        assert receipt.read == receipt.accepted + receipt.duplicate == rows
        self.acknowledged += receipt.accepted

    def file(self, first: int, rows: int) -> None:
        path = self.outside / f"{first}.csv"
        pacsv.write_csv(payments(first, rows), path)
        before = self.known()
        try:
            receipt = take_file(self.centre, "payment", path, source="bank")
            assert receipt.read == receipt.accepted + receipt.duplicate == rows
        finally:
            path.unlink()
            self.acknowledged += self.known() - before  # batches that counted before it broke off

    def known(self) -> int:
        """Facts that the register says it has accepted."""
        from sqlalchemy import func, select

        from qalqan.register.orm import Batch

        with self.database.session() as session:
            return session.scalar(select(func.sum(Batch.accepted))) or 0

    def seal(self) -> None:
        seal(self.database, self.lake)

    def step(self) -> None:
        """One random piece of work; what it was to take is remembered if it fails."""
        kind = self.chance.choice(("post", "post", "seal", "file"))
        if kind == "seal":
            self.seal()
            return
        rows = self.chance.choice((1, 20, 400)) if kind == "post" else 9_000
        first, self.next = self.next, self.next + rows
        work = self.post if kind == "post" else self.file
        try:
            work(first, rows)
        except BaseException:
            self.refused.append((first, rows))
            raise

    def round(self) -> None:
        """Fill up, work until it is told, make room, go on."""
        filler = self.disk / "filler"
        stat = os.statvfs(self.disk)
        free = stat.f_bavail * stat.f_frsize
        keep = int(LEAST_FREE * (MOST_FREE / LEAST_FREE) ** self.chance.random())
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, free - keep))
        told = None
        for _ in range(STEPS_A_ROUND):
            try:
                self.step()
            except (QalqanError, OSError) as error:
                told = error
                break
        filler.unlink()
        self.judge(told)
        self.seal()
        for first, rows in self.refused:
            self.post(first, rows)
        self.refused.clear()
        self.seal()
        self.check()

    def judge(self, told: QalqanError | OSError | None) -> None:
        """Whether the error says what is the matter."""
        if told is None:
            self.counts["rounds in which everything fitted"] += 1
            return
        self.counts[f"told: {failure(told, 'en')[:90]}"] += 1
        full = isinstance(told, OSError) and told.errno in (errno.ENOSPC, errno.EDQUOT)
        full = full or (isinstance(told, Unavailable) and told.code == "os.full")
        if not full:
            self.counts["VIOLATION: another error than a full disk"] += 1

    def check(self) -> None:
        """Everything acknowledged is in the lake, once."""
        engine = DuckEngine(self.lake)
        ids = engine.run(engine.table("payment").select("id"))["id"].to_pylist()
        engine.close()
        if len(ids) != len(set(ids)):
            self.counts["VIOLATION: counted twice"] += len(ids) - len(set(ids))
        if set(ids) != {f"n{n}" for n in range(self.next)}:
            self.counts["VIOLATION: lost or not taken"] += abs(self.next - len(set(ids)))
        if self.acknowledged != len(ids):
            self.counts["VIOLATION: acknowledged is not what is there"] += 1


def main(rounds: int, seed: int = 1) -> int:
    """Run the campaign; the number of violations."""
    sealing.LEASE_S = 5.0
    csv_table._BLOCK = 256 << 10  # several batches a file
    with tempfile.TemporaryDirectory() as name:
        disk, outside = Path(name) / "disk", Path(name) / "outside"
        disk.mkdir()
        outside.mkdir()
        mount: Callable[..., object] = subprocess.run
        mount(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "qalqan", disk], check=True)
        try:
            campaign = Campaign(disk, outside, seed)
            with closing(campaign.database):
                for number in range(rounds):
                    campaign.round()
                    print(f"\r{number + 1}/{rounds}", end="", file=sys.stderr, flush=True)
        finally:
            subprocess.run(["umount", disk], check=True)
    print(file=sys.stderr)
    print(f"{rounds} times full, {campaign.next} facts, {campaign.acknowledged} acknowledged")
    for what, times in sorted(campaign.counts.items()):
        print(f"{times:6} {what}")
    return sum(n for what, n in campaign.counts.items() if what.startswith("VIOLATION"))


if __name__ == "__main__":
    if not os.environ.get(INSIDE):
        inside_a_namespace()
    asked = sys.argv[1] if sys.argv[1:] and sys.argv[1].isdigit() else ROUNDS
    sys.exit(1 if main(int(asked)) else 0)
