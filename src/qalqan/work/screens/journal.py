"""What a screen answered, on the disk before anybody is told: one line a question.

A line is a checksum and JSON: the question (tokens only), the row that the rules looked at, the
verdict. From it a restarted owner knows what it was asked lately and gives the same answer again;
and anybody can decide each question anew and must come to the same verdict (`replayed`).
Segments are dropped by age.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from qalqan.lake.storage import sync
from qalqan.screening import loans, payments
from qalqan.screening.asked import Asked, LoanAsked, PaymentAsked
from qalqan.screening.policy import ScreenPolicy
from qalqan.screening.verdict import Answer, Verdict, decide

SEGMENT_BYTES = 64 * 2**20
_NAME = re.compile(r"journal-(\d{12})\.jsonl")

Seen = payments.PaymentSeen | loans.LoanSeen


class Entry(NamedTuple):
    """One question and what became of it."""

    asked: Asked
    seen: Seen
    verdict: Verdict


class Journal:
    """The journal of one owner; one thread writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        numbers = [number for number, _ in segments(folder)]
        self._number = max(numbers, default=0)
        self._file = -1
        self._bytes = 0
        self._open_next()

    def append(self, lines: Sequence[bytes]) -> None:
        """Write lines and bring them to the disk. Raises `OSError`; the lines don't count then."""
        body = b"".join(lines)
        written = 0
        try:
            while written < len(body):
                written += os.write(self._file, body[written:])
            os.fdatasync(self._file)
        except OSError:
            os.ftruncate(self._file, self._bytes)
            raise
        self._bytes += len(body)
        if self._bytes >= SEGMENT_BYTES:
            with suppress(OSError):  # these lines are safe: this segment grows, the next turn tries
                self._open_next()

    def drop_before(self, wall_s: float) -> int:
        """Remove segments last written before this wall time; how many."""
        old = [
            path
            for number, path in segments(self._folder)
            if number < self._number and path.stat().st_mtime < wall_s
        ]
        for path in old:
            path.unlink()
        return len(old)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def _open_next(self) -> None:
        """Each start writes a segment of its own: a torn end stays where it is. The file before is
        let go only once there is a next one: its number would soon be another file's."""
        path = self._folder / f"journal-{self._number + 1:012d}.jsonl"
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            sync([self._folder])
        except OSError:
            os.close(opened)
            path.unlink(missing_ok=True)
            raise
        if self._file >= 0:
            os.close(self._file)
        self._file, self._number, self._bytes = opened, self._number + 1, 0


def line(entry: Entry) -> bytes:
    """An entry as it is written."""
    kind = "payment" if isinstance(entry.asked, PaymentAsked) else "loan"
    body = to_json([kind, entry.asked, entry.seen, entry.verdict])
    return b"%08x %b\n" % (zlib.crc32(body), body)


def segments(folder: Path) -> list[tuple[int, Path]]:
    """Segments by number, the oldest first."""
    found = ((_NAME.fullmatch(path.name), path) for path in folder.glob("journal-*.jsonl"))
    return sorted((int(name[1]), path) for name, path in found if name is not None)


def entries(folder: Path, first: int = 0) -> Iterator[Entry]:
    """Whole entries from a segment on, the oldest first. A line that was cut off by a crash ends
    its segment: nobody was told of it."""
    for number, path in segments(folder):
        if number >= first:
            yield from _whole(path)


def first_needed(folder: Path, windows_us: int, answers_us: int, answers_bytes: int) -> int:
    """The segment from which a journal must be read to know every question asked since
    `windows_us`, and the answers since `answers_us` or, if they are fewer, in the last bytes."""
    read = 0
    for number, path in reversed(segments(folder)):
        read += path.stat().st_size
        began = next((entry.verdict.at_us for entry in _whole(path)), None)
        enough = began is not None and (began < answers_us or read >= answers_bytes)
        if began is not None and began < windows_us and enough:
            return number
    return 0


def _whole(path: Path) -> Iterator[Entry]:
    with path.open("rb") as file:
        for text in file:
            mark, _, body = text.rstrip(b"\n").partition(b" ")
            if not text.endswith(b"\n") or mark != b"%08x" % zlib.crc32(body):
                return
            yield _entry(from_json(body))


def _entry(told: list[Any]) -> Entry:
    kind, asked, seen, verdict = told
    if kind == "payment":
        return Entry(PaymentAsked(*asked), payments.PaymentSeen(*seen), verdict_of(verdict))
    return Entry(LoanAsked(*asked), loans.LoanSeen(*seen), verdict_of(verdict))


def verdict_of(told: Sequence[Any]) -> Verdict:
    """A verdict from its JSON."""
    answer, rules, shadow, grounds, *rest = told
    return Verdict(Answer(answer), tuple(rules), tuple(shadow), tuple(grounds), *rest)


def decided(seen: Seen, policy: ScreenPolicy, at_us: int) -> Verdict:
    """The verdict on a row: a function of its arguments alone."""
    if isinstance(seen, payments.PaymentSeen):
        return decide(payments.RULES, seen, policy.payments, at_us)
    return decide(loans.RULES, seen, policy.loans, at_us)


def replayed(found: Iterable[Entry], policies: dict[int, ScreenPolicy]) -> tuple[int, list[Entry]]:
    """How many entries were decided anew, and those whose verdict came out different."""
    count, different = 0, []
    for entry in found:
        count += 1
        was = entry.verdict
        policy = policies.get(was.policy)  # a register put back may not know it
        if policy is None or decided(entry.seen, policy, was.at_us) != was:
            different.append(entry)
    return count, different
