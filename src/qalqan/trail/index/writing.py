"""The one writer of an index: takes in what was sealed, merges runs, builds all anew (REQ-39).

Whoever dies in between leaves the manifest of before, and files that nobody names.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qalqan.errors import Unavailable
from qalqan.lake.storage import sync
from qalqan.trail.index import manifest, run, statements
from qalqan.trail.index.columns import Encoder
from qalqan.trail.index.manifest import Lines, Manifest
from qalqan.trail.index.run import Tokens
from qalqan.trail.index.store import opened

LEVEL = 4
"""So many runs of about one size are merged into one: a fact is rewritten once a level, and a
question looks at no more than three runs a level."""
LEAST = 4_096
"""Runs smaller than this are of one level."""
MOST_PENDING = 64
"""So many runs wait for the one merge that ends a rebuilding."""
MOST_STATEMENT_FILES = 16
_CURRENCY = re.compile(r"[A-Z0-9]{2,8}", re.ASCII)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """The right to write an index; the system takes it from a dead writer.

    Raises:
        Unavailable: another process has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise Unavailable("another process writes the index", "index.busy") from busy
        yield
    finally:
        os.close(handle)


class Writer:
    """What the writer knows of an index; kept between its turns, each of them within `writing`.

    Raises:
        Damaged: a file is not what the manifest says.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = Manifest()
        self._encoders: dict[str, Encoder] = {}
        self._stamp: tuple[int, int, int] | None = None
        self._anew = False

    def begin(self, anew: bool = False) -> None:
        """A turn: look whether somebody else wrote meanwhile. Anew: from nothing; readers go on
        with what there is until it is published."""
        self._anew = anew
        if anew:
            count = self._next_free()
            self.manifest, self._encoders, self._stamp = Manifest(next=count), {}, None
            return
        stamp = manifest.stamp(self.folder)
        if stamp is None or stamp != self._stamp:
            self.manifest = manifest.read(self.folder) or Manifest()
            self._encoders, self._stamp = {}, stamp
            self._sweep()

    def take(self, payments: pa.Table) -> None:
        """Facts (`columns.ROWS`) that are not in the index; seen once they are published."""
        for currency in pc.unique(payments["currency"]).to_pylist():
            rows = payments.filter(pc.equal(payments["currency"], currency))
            lines, encoder = self._lines(currency), self._encoder(currency)
            first = encoder.accounts.count
            facts, texts = encoder.columns(rows)
            tokens = Tokens(first, texts, encoder.accounts.since(first))
            lines.runs.append(run.of_batch(self._path(currency, "run"), facts, tokens))
            lines.banks, lines.countries = list(encoder.banks), list(encoder.countries)
            if not self._anew:
                self._level(currency, lines)
            elif len(lines.runs) >= MOST_PENDING:
                self._merge(currency, lines, 0)

    def take_statements(self, rows: pa.Table) -> None:
        """Complete statements and notices (`statements.COLUMNS`) that are not in the index."""
        for currency in pc.unique(rows["currency"]).to_pylist():
            lines = self._lines(currency)
            table = rows.filter(pc.equal(rows["currency"], currency))
            if len(lines.statements) >= MOST_STATEMENT_FILES:
                folder = self.folder / currency
                before = [statements.read(folder, line) for line in lines.statements]
                table, lines.statements = pa.concat_tables([*before, table]), []
            path = self._path(currency, "arrow")
            lines.statements.append(statements.write(path, table))

    def publish(self, seal: int, fits: dict[str, Any]) -> None:
        """From now on readers see all that was taken in, as the log's facts up to `seal`."""
        if self._anew:
            for currency, lines in self.manifest.currencies.items():
                self._merge(currency, lines, 0)
        self.manifest.seal, self.manifest.fits = seal, fits
        for currency in self.manifest.currencies:
            sync([self.folder / currency])
        manifest.replace(self.folder, self.manifest)
        self._stamp, self._anew = manifest.stamp(self.folder), False
        self._sweep()

    def _level(self, currency: str, lines: Lines) -> None:
        """Merge the newest runs while there are enough of one level."""
        while lines.runs:
            newest = _level_of(lines.runs[-1]["rows"])
            sizes = [_level_of(line["rows"]) for line in reversed(lines.runs)]
            similar = next((n for n, size in enumerate(sizes) if size > newest), len(sizes))
            if similar < LEVEL:
                return
            self._merge(currency, lines, len(lines.runs) - similar)

    def _merge(self, currency: str, lines: Lines, first: int) -> None:
        if len(lines.runs) - first > 1:
            folder = self.folder / currency
            runs = [opened(folder, line) for line in lines.runs[first:]]
            merged = run.merged(self._path(currency, "run"), runs)
            lines.runs[first:] = [merged]

    def _lines(self, currency: str) -> Lines:
        if not _CURRENCY.fullmatch(currency):
            raise ValueError(f"{currency!r} is no currency")
        (self.folder / currency).mkdir(parents=True, exist_ok=True)
        return self.manifest.currencies.setdefault(currency, Lines())

    def _encoder(self, currency: str) -> Encoder:
        found = self._encoders.get(currency)
        if found is None:
            lines = self._lines(currency)
            found = self._encoders[currency] = Encoder()
            found.banks, found.countries = list(lines.banks), list(lines.countries) or ["KZ"]
            for line in lines.runs:
                mapped = opened(self.folder / currency, line)
                found.accounts.of(run.hashes_by_number(mapped))
        return found

    def _path(self, currency: str, ending: str) -> Path:
        number = self.manifest.next
        self.manifest.next += 1
        return self.folder / currency / f"{number:010d}.{ending}"

    def _next_free(self) -> int:
        """A number above those of all files that lie there, whoever made them."""
        numbers = [int(path.stem) for path in self._files() if path.stem.isdecimal()]
        return max(numbers, default=0) + 1

    def _files(self) -> list[Path]:
        return [path for path in self.folder.glob("*/*") if path.suffix in _ENDINGS]

    def _sweep(self) -> None:
        """Remove files that the manifest does not name; who has them open keeps them."""
        named = {
            self.folder / currency / name
            for currency, lines in self.manifest.currencies.items()
            for name in lines.names
        }
        for path in self._files():
            if path not in named:
                path.unlink(missing_ok=True)


_ENDINGS = (".run", ".arrow", ".part")


def _level_of(rows: int) -> int:
    level = 0
    while rows > LEAST:
        rows //= LEVEL
        level += 1
    return level
