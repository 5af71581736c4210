"""A journal's lines on their way to the centre: what is told singly, and what is counted (REQ-45).

What was refused, withheld or labelled goes singly, each under the hash of its line. What passed
is counted by hour, trunk and rule: at 5,000 calls a second it would be 430 million facts a day, of
calls that operators' records tell anyway; its counts are some hundred rows, and exact. What goes
singly is counted as well, so that all figures rest on one place. The standard library alone: it
runs beside an edge.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

if __package__:
    from qalqan.edges.kamailio import journal
    from qalqan.screening.calls import decisions, row, rules, screen
else:  # beside an edge, where Qalqan is not installed
    import journal  # type: ignore[import-not-found,no-redef]
    from calls import decisions, row, rules, screen  # type: ignore[import-not-found,no-redef]

MOST_BYTES = 2**19
"""Of a journal, read and told at once: what this process holds of it."""
HOUR_US = 3_600 * 1_000_000
LONGEST_TRUNK = 60
_CLASSES = ("international", "domestic", "voip", "unknown")
_LEAST_LONG = 1_000_000
"""Numbers of seven digits and more have a country code (`numbers.SHORTEST`)."""

Key = tuple[int, str, str, str]
"""Hour, trunk, answer, rule. Answers: pass, label, withhold, refuse; undecided (passed, since
there were no tables); lost (decided, but not written); shadow (the rule would have held);
complaint (a callee refused a call that was let through as unwanted, 607)."""


class Place(NamedTuple):
    """How far a file has been told: bytes, and the hash of the last line there."""

    end: int = 0
    mark: str = ""


class Piece(NamedTuple):
    """Whole lines of one file behind a place, their chain checked."""

    file: str
    begin: int
    place: Place
    """Behind the last of them."""
    lines: list[tuple[str, str]]
    """What each tells, and its hash."""
    is_over: bool
    """Nothing will be written behind it."""


def read(path: Path, place: Place) -> Piece:
    """The lines that stand behind a place, up to one where the chain does not hold.

    Raises:
        journal.Broken: it does not hold in the first of them. A line that is being written at
            this moment may look so: who reads believes it when it does so again.
        OSError: the file can't be read.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(place.end)
        body = file.read(MOST_BYTES)
    written = body.partition(b"\0")[0]
    whole = written[: written.rfind(b"\n") + 1]
    mark, lines, at = place.mark, list[tuple[str, str]](), place.end
    for line in whole.splitlines(keepends=True):
        try:
            told, mark = _checked(path.name, at, line, mark)
        except journal.Broken:
            if at == place.end:
                raise
            break
        if told:
            lines.append((told, mark))
        at += len(line)
    return Piece(path.name, place.end, Place(at, mark), lines, at == size)


def _checked(name: str, at: int, line: bytes, last: str) -> tuple[str, str]:
    """What a line tells, nothing if it is the file's head, and its hash."""
    if at == 0:
        head = line.decode("ascii", "replace")
        if not head.startswith(f"{journal.VERSION} after "):
            raise journal.Broken(f"{name}: 0")
        return "", head.rsplit(" ", 1)[1].strip()
    told, _, mark = line[:-1].rpartition(b"\t")
    if sha256(last.encode() + told).hexdigest().encode() != mark:
        raise journal.Broken(f"{name}: {at}")
    return told.decode("utf-8", "replace"), mark.decode()


class Telling:
    """Turns lines into what the centre is told, by the tables that decided them."""

    def __init__(self, tables: Path) -> None:
        self._path = tables
        self.tables: screen.Tables | None = None
        self._names: dict[int, list[str]] = {}
        """Version of tables → names of its trunks."""
        self.look()

    def look(self) -> None:
        """Open the tables that stand there now, if they are others or were not there."""
        if self.tables is not None and not self.tables.retired[0]:
            return
        try:
            self.tables = screen.Tables(self._path)
        except (OSError, ValueError):
            return
        about = self.tables.about
        self._names[about["version"]] = about["trunks"]

    def trunk(self, line: journal.Line) -> str:
        """Its trunk's name; its number where the tables of that time are gone."""
        if not line.tables or not line.trunk:
            return ""
        if line.tables not in self._names:
            self.look()
        names = self._names.get(line.tables, [])
        return names[line.trunk][:LONGEST_TRUNK] if line.trunk < len(names) else f"#{line.trunk}"

    def state(self, folder: Path) -> dict[str, Any]:
        """How the edge is: what it lost and no line tells yet, its tables, the age of what
        operators told of their subscribers' places, whose its trunks are."""
        self.look()
        state: dict[str, Any] = {"untold": journal.untold(folder)}
        if self.tables is None:
            return state
        about, fed = self.tables.about, self.tables.parts["fed"]
        whose = {place: code for code, place in about["codes"].items()}
        trunks = zip(about["trunks"], about["operators"], strict=True)
        return state | {
            "tables": about["version"], "policy": about["policy"],
            "places": {code: fed[place] for code, place in about["codes"].items() if fed[place]},
            "trunks": {name[:LONGEST_TRUNK]: whose.get(one, "") for name, one in trunks if name},
        }  # fmt: skip

    def told(self, piece: Piece) -> dict[str, Any]:
        """A piece as the centre takes it."""
        lines = [(journal.read(told), mark) for told, mark in piece.lines]
        verdicts = [
            self._verdict(line, mark)
            for line, mark in lines
            if isinstance(line, journal.Line) and line.answer and line.tables
        ]
        counts = self._counts([line for line, _ in lines], _hour_of(piece.file))
        return {
            "file": piece.file, "begin": piece.begin, "end": piece.place.end,
            "mark": piece.place.mark, "verdicts": verdicts,
            "counts": [[*key, n] for key, n in sorted(counts.items())],
        }  # fmt: skip

    def _counts(
        self, lines: Iterable[journal.Line | journal.Complaint | int | None], hour: int
    ) -> Counter[Key]:
        """What was lost counts in the hour of the verdict behind it; at first, in the file's."""
        counts, lost, complained = Counter[Key](), 0, dict[str, int]()
        for line in lines:
            if isinstance(line, int):
                lost += line
            elif isinstance(line, journal.Complaint):
                complained[line.call_id] = _hour(line.at_us)
            elif line is not None:
                hour = _hour(line.at_us)
                counts[hour, "", "lost", ""] += lost
                lost = 0
                counts.update(self._counted(line, hour))
        counts[hour, "", "lost", ""] += lost
        counts.update((at, "", "complaint", "") for at in complained.values())
        return +counts

    def _counted(self, line: journal.Line, hour: int) -> Iterator[Key]:
        trunk = self.trunk(line)
        if not line.tables:
            yield hour, trunk, "undecided", ""
            return
        yield hour, trunk, rules.Answer(line.answer).name.lower(), decisions.code_of(line.rule)
        if self.tables is not None and self.tables.about["policy"] == line.policy:
            for code in self.tables.shadows(line.row):
                yield hour, trunk, "shadow", code

    def _verdict(self, line: journal.Line, mark: str) -> dict[str, Any]:
        numbers = {"caller": line.network or line.presented, "callee": line.callee}
        if line.presented != line.network and line.network:
            numbers["presented"] = line.presented
        return {
            "id": mark, "at_us": line.at_us, "trunk": self.trunk(line),
            "trunk_class": _CLASSES[row.unpack(line.row).trunk],
            "verdict": rules.Answer(line.answer).name.lower(),
            "rule": decisions.code_of(line.rule), "policy": line.policy,
        } | {name: _text(number) for name, number in numbers.items() if number > 0}  # fmt: skip


def _text(number: int) -> str:
    return f"+{number}" if number >= _LEAST_LONG else str(number)


def _hour_of(name: str) -> int:
    """When a file was begun, by its name."""
    try:
        at_us = int(name.partition("-")[0]) // 1_000
    except ValueError:
        return 0
    return _hour(at_us)


def _hour(at_us: int) -> int:
    return at_us - at_us % HOUR_US
