"""The edge's journal: one line a verdict, each holding the hash of the one before.

Every worker writes files of its own, so that no lock stands between calls. A line's last field is
SHA-256 over the last field of the line before and the line; whoever takes a line out or changes
one breaks the chain behind it. What could not be written is counted, and the count is the next
line that can. Until then it stands in the file `lost`, which is as long as it will ever be before
a disk is full: nothing is lost silently, a killed worker's count included.

    at_us, answer, rule, row, policy, tables, trunk, network, presented, callee, age_s, contract,
    call id, CSeq, hash                                 tab-separated; a file begins with `# …`
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from time import time_ns
from typing import NamedTuple

VERSION = "# qalqan-calls 1"
FIRST = "0" * 64
"""What stands for the hash before the first line of a file."""
LOST = "lost"
SLOTS = 64
"""Workers an edge may have, each with a count of its own."""
MOST_BYTES = 32 * 2**20
"""A file is closed when it is so long; the next one follows its last hash."""
_UNSAFE = str.maketrans({"\t": " ", "\n": " ", "\r": " "})


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
    cseq: str


class Broken(Exception):
    """A journal whose chain does not hold: file, number of the line."""


class Journal:
    """The journal of one worker of an edge."""

    def __init__(
        self, folder: str | os.PathLike[str], slot: int = 0, most_bytes: int = MOST_BYTES
    ) -> None:
        self._folder = Path(folder)
        self._slot = slot
        self._most = most_bytes
        self._last = FIRST
        self._file = -1
        self._written = 0
        self.lost = untold(self._folder, slot)
        """Verdicts that could not be written since the last line that could."""
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
        if self._file < 0 and not self._open():
            self.miss()
            return
        if self.lost:
            self._put(f"# lost {self.lost}", self._found_again)
        self._put(told, None)
        if self._written > self._most:
            self._close()

    def _put(self, told: str, then: Callable[[], None] | None) -> None:
        mark = sha256(f"{self._last}{told}".encode()).hexdigest()
        line = f"{told}\t{mark}\n".encode()
        try:
            done = os.write(self._file, line)
        except OSError:
            done = 0
        if done == len(line):
            self._last = mark
            self._written += done
            if then:
                then()
            return
        if then is None:
            self.miss()
        if done:  # half a line: a full disk. The file is closed where its last whole line ends.
            os.ftruncate(self._file, self._written)

    def _found_again(self) -> None:
        self._set_lost(0)

    def _open(self) -> bool:
        name = f"{time_ns():020d}-{os.getpid()}.events"
        draft = self._folder / f".{name}"
        head = f"{VERSION} after {self._last}\n".encode()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(
                draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o640
            )
            if os.write(self._file, head) < len(head):
                raise OSError("half a head")
            draft.rename(self._folder / name)
        except OSError:
            self._close()
            with suppress(OSError):
                draft.unlink()
            return False
        self._written = len(head)
        return True

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file = -1


def prepare(folder: Path) -> None:
    """Make a journal's folder and the file of its counts, if they are not there."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / LOST).exists():
        (folder / LOST).write_bytes(bytes(8 * SLOTS))


def untold(folder: Path, slot: int | None = None) -> int:
    """Verdicts counted as lost that no line tells yet: of one worker, or of all."""
    try:
        counts = struct.unpack(f"{SLOTS}q", (folder / LOST).read_bytes())
    except (OSError, struct.error):
        return 0
    return sum(counts) if slot is None else counts[slot]


def clean(text: str) -> str:
    """A header's text as a field: a caller writes no lines into a journal."""
    return text[:200].translate(_UNSAFE)


def lines(path: Path) -> Iterator[Line | int]:
    """The verdicts of a file in their order; a number stands for so many that were lost.

    A last line without its end was being written when the machine stopped, and is left out.

    Raises:
        Broken: the chain does not hold.
    """
    with path.open(encoding="utf-8", newline="\n") as file:
        head = file.readline()
        if not head.startswith(f"{VERSION} after "):
            raise Broken(f"{path.name}: 1")
        last = head.rsplit(" ", 1)[1].strip()
        for place, line in enumerate(file, start=2):
            if not line.endswith("\n"):
                return
            told, _, mark = line[:-1].rpartition("\t")
            if sha256(f"{last}{told}".encode()).hexdigest() != mark:
                raise Broken(f"{path.name}: {place}")
            last = mark
            if told.startswith("# lost "):
                yield int(told[7:])
            else:
                *numbers, call_id, cseq = told.split("\t")
                yield Line._make([*map(int, numbers), call_id, cseq])
