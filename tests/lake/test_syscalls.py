"""The order in which sealing brings things to the disk, as the kernel saw it (strace): data file →
its folder → log entry → its folder → only then do the landing rows go (REQ-19; DESIGN section 4).

Power loss can't be had in a test; this is the next best thing. What a death by SIGKILL leaves
behind at each of these points is `test_death`'s to check.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import pytest
from sqlalchemy import select

from lake.test_death import payments
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.register.database import Database
from qalqan.register.orm import Landing
from qalqan.trust.keys import Keys

SEAL = """
import sys
from qalqan.lake.sealing import seal
from qalqan.register.database import Database
seal(Database(sys.argv[1]), sys.argv[2])
"""
TRACED = "trace=fsync,fdatasync,syncfs,rename,renameat,renameat2,link,linkat,mkdir,mkdirat"
LAKE = "srv/lake"
"""Neither it nor the folder above it is there before."""
SYNC = re.compile(r"(?:fsync|fdatasync|syncfs)\(\d+<([^>]*)>")
NAMED = re.compile(r'(?:rename|link)[a-z0-9]*\(.*"([^"]*)"')
"""The last path of a rename or link is the new name."""
MADE = re.compile(r'mkdir(?:at)?\(.*"([^"]*)"(?!.* = -1 )')
"""Another thread's call may part it from its result; what was there before says so."""


@dataclass(frozen=True)
class Event:
    """A path, relative to the home, that was synced, that got its name, or a new folder."""

    what: str
    path: str


def events_of(trace: str, home: Path) -> list[Event]:
    """What happened below `home`, in order."""
    found = []
    for line in trace.splitlines():
        for what, shape in (("sync", SYNC), ("name", NAMED), ("made", MADE)):
            if (seen := shape.search(line)) is not None:
                path = Path(seen[1])
                if path.is_relative_to(home):
                    found.append(Event(what, str(path.relative_to(home))))
    return found


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """One seal of facts of three days, under strace."""
    missing = _missing()
    if missing:
        if os.environ.get("CI") == "true" and missing == "strace":
            pytest.fail("the order of syscalls needs strace")
        pytest.skip(f"the order of syscalls needs {missing}")
    home = tmp_path_factory.mktemp("traced")
    register, trace = f"sqlite:///{home / 'register.db'}", home / "trace"
    with closing(Database(register)) as database:
        database.migrate()
        keys = Keys.create(home / "keys.json")
        centre = Centre(database, keys, str(home / LAKE))
        posted = HandIn("payment", "bank-a", "-")
        assert take(centre, posted, payments(30, "x")).accepted == 30
        watched = ["strace", "-f", "-y", "-s", "0", "-e", TRACED, "-o", str(trace)]
        run = [sys.executable, "-c", SEAL, register, str(home / LAKE)]
        subprocess.run([*watched, *run], check=True)
        with database.session() as session:
            assert session.scalars(select(Landing.id)).all() == []
    return events_of(trace.read_text(), home)


def _missing() -> str | None:
    if not shutil.which("strace"):
        return "strace"
    tried = subprocess.run(["strace", "-o", os.devnull, "true"], check=False, capture_output=True)
    return None if tried.returncode == 0 else "a kernel that lets a process be traced"


def places(events: list[Event], what: str, shape: str) -> list[int]:
    return [n for n, one in enumerate(events) if one.what == what and re.fullmatch(shape, one.path)]


def test_data_files_and_their_folders_come_before_the_log_names_them(traced: list[Event]) -> None:
    files = places(traced, "sync", LAKE + r"/payment/day=[^/]*/[^/]*\.parquet")
    days = places(traced, "sync", LAKE + r"/payment/day=[^/]*")
    (entry,) = places(traced, "name", LAKE + r"/payment/_delta_log/0*1\.json")
    above = min(places(traced, "sync", f"{LAKE}/payment"))
    assert len(files) == len(days) == 3
    assert max(files) < min(days) < max(days) < above < entry


def test_the_name_of_each_new_folder_comes_to_the_disk(traced: list[Event]) -> None:
    """The lake's own, and that of the folder above it, before the log names what lies in there;
    the log's before the register is told."""
    (entry,) = places(traced, "name", LAKE + r"/payment/_delta_log/0*1\.json")
    told = next(n for n in places(traced, "sync", r"register\.db-wal") if n > entry)
    made = {one.path: n for n, one in enumerate(traced) if one.what == "made"}
    days = [one for one in made if "/day=" in one]
    assert len(days) == 3
    assert {*made} == {"srv", LAKE, f"{LAKE}/payment", f"{LAKE}/payment/_delta_log", *days}
    for folder, at in made.items():
        above = str(Path(folder).parent)
        before = told if folder.endswith("_delta_log") else entry
        assert [n for n in places(traced, "sync", re.escape(above)) if at < n < before], folder


def test_the_log_entry_and_its_folder_come_before_the_register_is_told(traced: list[Event]) -> None:
    (entry,) = places(traced, "name", LAKE + r"/payment/_delta_log/0*1\.json")
    synced = places(traced, "sync", LAKE + r"/payment/_delta_log/0*1\.json")
    folders = [n for n in places(traced, "sync", f"{LAKE}/payment/_delta_log") if n > entry]
    assert entry < synced[0] < folders[0]
    written_down = [n for n in places(traced, "sync", r"register\.db-wal") if n > entry]
    assert written_down, "the landing rows went without a sync"
    assert folders[0] < written_down[0]


def test_the_register_knows_of_the_seal_before_the_log_does(traced: list[Event]) -> None:
    (entry,) = places(traced, "name", LAKE + r"/payment/_delta_log/0*1\.json")
    last_file = max(places(traced, "sync", LAKE + r"/payment/day=[^/]*/[^/]*\.parquet"))
    between = traced[last_file:entry]
    wal = Event("sync", "register.db-wal")
    before_log = list(takewhile(lambda one: "_delta_log" not in one.path, between))
    assert wal in before_log
