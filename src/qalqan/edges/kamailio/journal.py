"""The edge's journal: one line a verdict, each holding the hash of the one before.

Every worker writes files of its own, so that no lock stands between calls. A file is mapped, with
its room taken beforehand: a verdict costs no system call, outlives its worker's end, and meets no
full disk. What stands behind the last line is zeros. A line's last field is
SHA-256 over the last field of the line before and the line; whoever takes a line out or changes
one breaks the chain behind it. What could not be written is counted, and the count is the next
line that can. Until then it stands in the file `lost`, which is as long as it will ever be before
a disk is full: nothing is lost silently, a killed worker's count included.

    at_us, answer, rule, row, policy, tables, trunk, network, presented, callee, age_s, contract,
    call id[, asked], hash                              tab-separated; a file begins with `# …`
    # complaint, at_us, caller, callee, call id, hash   a callee refused the call as unwanted (607)
    # lost N, hash                                      so many verdicts could not be written
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from time import monotonic, time_ns
from typing import NamedTuple

VERSION = "# qalqan-calls 1"
FIRST = "0" * 64
"""What stands for the hash before the first line of a file."""
LOST = "lost"
SLOTS = 64
"""Workers an edge may have, each with a count of its own."""
MOST_BYTES = 4 * 2**20
"""Room of a file; the next one follows its last hash."""
_AGAIN_S = 1.0
"""How soon room is asked for again where there was none."""
_LOOK_S = 1.0
"""How often a worker looks whether its file is still there."""
_MOST_TEXT = 200
MOST_LOST = 2**40
"""An edge has no more to lose; what says so was written by somebody else."""
_LOST, _COMPLAINT = "# lost ", "# complaint\t"


class Line(NamedTuple):
    """One verdict as it stands in a journal."""

    at_us: int
    answer: int
    rule: int
    row: int
    policy: int
    tables: int
    trunk: int
    network: int
    presented: int
    callee: int
    age_s: int
    contract: int
    call_id: str
    asked: str = ""
    """What asking about the call brought, as words with their outcomes (`place=abroad`,
    `signed=stale`); empty where nobody was asked."""


_NUMBERS = Line._fields.index("call_id")


class Complaint(NamedTuple):
    """A callee's 607 (RFC 8197) to a call that this edge let through. The verdict on the call has
    the same call id; a reply that was sent again may stand twice, written by two workers."""

    at_us: int
    caller: int
    """From and To as `numbers.number` reads them; the caller of a call whose number was withheld
    is 0, and stands in its verdict."""
    callee: int
    call_id: str


class Broken(Exception):
    """A journal whose chain does not hold: file, and number of the line, or of the byte at which it
    begins where a file is read in pieces (`shipping`)."""


class Journal:
    """The journal of one worker of an edge."""

    def __init__(
        self, folder: str | os.PathLike[str], slot: int = 0, most_bytes: int = MOST_BYTES
    ) -> None:
        self._folder = Path(folder)
        self._slot = slot
        self._most = most_bytes
        self._last = FIRST.encode()
        self._map: mmap.mmap | None = None
        self._at = 0
        self._asked_s = -_AGAIN_S
        self._seen_s, self._since = monotonic(), 0
        self.lost = untold(self._folder, slot)
        """Verdicts that could not be written since the last line that could."""
        tidy(self._folder)
        self._open()

    def miss(self) -> None:
        """Count a verdict that is not written."""
        self._set_lost(self.lost + 1)

    def _set_lost(self, count: int) -> None:
        self.lost = count
        with suppress(OSError):
            file = os.open(self._folder / LOST, os.O_WRONLY | os.O_CLOEXEC)
            try:
                os.pwrite(file, struct.pack("q", count), 8 * self._slot)
            finally:
                os.close(file)

    def note(self, told: str) -> None:
        """Write a line: the fields of `Line` joined by tabs, already free of other tabs."""
        now_s = monotonic()
        if now_s - self._seen_s >= _LOOK_S:
            self._look(now_s)
        if self.lost and self._put(f"{_LOST}{self.lost}".encode()):
            self._set_lost(0)
        if not self._put(told.encode()):
            self.miss()

    def _put(self, told: bytes) -> bool:
        mark = sha256(self._last + told).hexdigest().encode()
        line = b"%b\t%b\n" % (told, mark)
        end = self._at + len(line)
        if self._map is None or end > self._most:
            return self._next() and self._put(told)
        self._map[self._at : end] = line
        self._at, self._last = end, mark
        self._since += 1
        return True

    def _look(self, now_s: float) -> None:
        """A file that somebody took away under us holds nothing any more: what was written there
        since it was last seen counts as lost, and the next line begins another one."""
        if self._map is not None and not os.path.exists(self._path):
            self._map.close()
            self._map = None
            self._set_lost(self.lost + self._since)
        self._seen_s, self._since = now_s, 0

    def _next(self) -> bool:
        """Go over to a new file, if there is room for one."""
        self.close()
        return monotonic() - self._asked_s >= _AGAIN_S and self._open()

    def close(self) -> None:
        """Give back the room that was not needed."""
        if self._map is not None:
            self._map.close()
            os.truncate(self._path, self._at)
        self._map = None

    def _open(self) -> bool:
        name = f"{time_ns():020d}-{os.getpid()}.events"
        self._path, draft = self._folder / name, self._folder / f".{name}"
        head = f"{VERSION} after {self._last.decode()}\n".encode()
        file = -1
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
            os.posix_fallocate(file, 0, self._most)
            self._map = mmap.mmap(file, self._most)
            self._map[: len(head)] = head
            draft.rename(self._path)
        except OSError:
            self._map, self._asked_s = None, monotonic()
            with suppress(OSError):
                draft.unlink()
            return False
        finally:
            if file >= 0:
                os.close(file)
        self._at = len(head)
        return True


def tidy(folder: Path) -> None:
    """Give back the room that killed workers left, and what they never finished."""
    for path in [*folder.glob("*.events"), *folder.glob(".*.events")]:
        pid = path.stem.rpartition("-")[2]
        with suppress(OSError, ValueError):
            if Path(f"/proc/{pid}").exists():
                continue
            if path.name.startswith("."):
                path.unlink()
                continue
            body = path.read_bytes()
            if body.endswith(b"\0"):
                os.truncate(path, len(body.rstrip(b"\0")))


def prepare(folder: Path) -> None:
    """Make a journal's folder and the file of its counts, if they are not there."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / LOST).exists():
        (folder / LOST).write_bytes(bytes(8 * SLOTS))


def files(folder: Path) -> list[Path]:
    """The journals of a folder in the order of their beginning, without those still being made."""
    return sorted(path for path in folder.glob("*.events") if not path.name.startswith("."))


def untold(folder: Path, slot: int | None = None) -> int:
    """Verdicts counted as lost that no line tells yet: of one worker, or of all."""
    try:
        counts = struct.unpack(f"{SLOTS}q", (folder / LOST).read_bytes())
    except (OSError, struct.error):
        return 0
    return sum(counts) if slot is None else counts[slot]


def clean(text: str) -> str:
    """A header's text as a field: a caller writes no lines into a journal, nor the zeros that stand
    behind its last one."""
    if len(text) <= _MOST_TEXT and text.isprintable():
        return text
    return "".join(one if one.isprintable() else " " for one in text[:_MOST_TEXT])


def complaint(told: Complaint) -> str:
    """The line of a complaint, for `Journal.note`."""
    return f"{_COMPLAINT}{told.at_us}\t{told.caller}\t{told.callee}\t{clean(told.call_id)}"


def lines(path: Path) -> Iterator[Line | Complaint | int]:
    """The verdicts and complaints of a file in their order; a number stands for so many verdicts
    that were lost.

    A last line without its end was being written when its worker was killed, and is left out.

    Raises:
        Broken: the chain does not hold.
    """
    with path.open(encoding="utf-8", newline="\n") as file:
        head = file.readline()
        if not head.startswith(f"{VERSION} after "):
            raise Broken(f"{path.name}: 1")
        last = head.rsplit(" ", 1)[1].strip()
        for place, line in enumerate(file, start=2):
            if not line.endswith("\n") or line.startswith("\0"):
                return
            told, _, mark = line[:-1].rpartition("\t")
            if sha256(f"{last}{told}".encode()).hexdigest() != mark:
                raise Broken(f"{path.name}: {place}")
            last = mark
            if (found := read(told)) is not None:
                yield found


def read(told: str) -> Line | Complaint | int | None:
    """What a line tells, its hash taken off; None if it is a note of a later version.

    Raises:
        ValueError, TypeError: it is no line of a journal.
    """
    if told.startswith(_LOST):
        lost = int(told[len(_LOST) :])
        if not 0 < lost <= MOST_LOST:
            raise ValueError("no count of verdicts")
        return lost
    if told.startswith(_COMPLAINT):
        at_us, caller, callee, call_id = told[len(_COMPLAINT) :].split("\t")
        return Complaint(int(at_us), int(caller), int(callee), call_id)
    if told.startswith("#"):
        return None
    fields = told.split("\t")
    return Line(*map(int, fields[:_NUMBERS]), *fields[_NUMBERS:])  # type: ignore[arg-type]
