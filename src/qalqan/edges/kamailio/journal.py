"""The edge's journal: one line a verdict, each holding the hash of the one before.

Every worker writes files of its own, so that no lock stands between calls. A line's last field is
SHA-256 over the last field of the line before and the line; whoever takes a line out or changes
one breaks the chain behind it. What could not be written is counted, and the count is the next
line that can: nothing is lost silently.

    at_us, answer, rule, row, policy, tables, trunk, network, presented, callee, age_s, contract,
    call id, CSeq, hash                                 tab-separated; a file begins with `# …`
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from time import time_ns
from typing import NamedTuple

VERSION = "# qalqan-calls 1"
FIRST = "0" * 64
"""What stands for the hash before the first line of a file."""
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

    def __init__(self, folder: str | os.PathLike[str], most_bytes: int = MOST_BYTES) -> None:
        self._folder = Path(folder)
        self._most = most_bytes
        self._last = FIRST
        self._file = -1
        self._written = 0
        self.lost = 0
        """Verdicts that could not be written since the last line that could."""
        self._open()

    def note(self, told: str) -> None:
        """Write a line: the fields of `Line` joined by tabs, already free of other tabs."""
        if self._file < 0 and not self._open():
            self.lost += 1
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
            self.lost += 1
        if done:  # half a line: a full disk. The file is closed where its last whole line ends.
            os.ftruncate(self._file, self._written)

    def _found_again(self) -> None:
        self.lost = 0

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
