"""The index of payments as its readers have it: many of them, at any time (REQ-39, REQ-44).

A reader keeps its maps while the writer goes on, and takes the newer manifest when it is asked
next. Not shared between threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qalqan.trail.index import manifest, statements
from qalqan.trail.index.gather import Marks
from qalqan.trail.index.manifest import Lines, Manifest
from qalqan.trail.index.pool import Pool, Statements, View
from qalqan.trail.index.runfile import Damaged, Mapped

_TRIES = 20
"""Each time the writer must have replaced the manifest between two looks of ours."""


class Index:
    """All currencies of an index.

    Raises:
        Damaged: a file is not what the manifest says; the index has to be built anew.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = Manifest()
        self.marks = Marks()
        self._stamp: tuple[int, int, int] | None = None
        self._pools: dict[str, Pool] = {}
        self._read: dict[str, tuple[Statements, set[str]]] = {}
        self.look()

    def look(self) -> bool:
        """Take the newest manifest if it is another one; whether there is an index.

        Raises:
            Damaged: as above.
        """
        for _ in range(_TRIES):
            found = manifest.stamp(self.folder)
            if found is None or found == self._stamp:
                return found is not None
            try:
                self._take(manifest.read(self.folder) or Manifest())
            except FileNotFoundError:  # merged meanwhile: there is a newer manifest
                continue
            self._stamp = found
            return True
        raise Damaged("a file that the manifest names is missing")

    @property
    def seal(self) -> int:
        """Every fact up to this position of the log is there."""
        return self.manifest.seal

    def pool(self, currency: str) -> Pool:
        """A currency as it was at the last look; an empty one if there are no facts of it."""
        found = self._pools.get(currency)
        return found or Pool(currency, [], ([], []), Statements())

    def view(self, currency: str, floor_us: int, as_of_us: int, up_to_seal: int) -> View:
        """What a question may see of a currency's facts."""
        return View(self.pool(currency), self.marks, floor_us, as_of_us, up_to_seal)

    def check(self) -> None:
        """Read every file. Raises `Damaged`."""
        for pool in self._pools.values():
            for run in pool.runs:
                run.check()

    def _take(self, told: Manifest) -> None:
        pools = {name: self._pool(name, lines) for name, lines in told.currencies.items()}
        self.manifest, self._pools = told, pools

    def _pool(self, currency: str, lines: Lines) -> Pool:
        folder = self.folder / currency
        before = self._pools.get(currency)
        held: Mapping[str, Mapped] = {run.path.name: run for run in before.runs} if before else {}
        runs = [held.get(line["name"]) or opened(folder, line) for line in lines.runs]
        return Pool(
            currency, runs, (lines.banks, lines.countries), self._statements(currency, lines)
        )

    def _statements(self, currency: str, lines: Lines) -> Statements:
        """Those read before, and what is new; all of them anew once files were merged."""
        told, names = self._read.get(currency, (Statements(), set()))
        wanted = {str(line["name"]) for line in lines.statements}
        if not names <= wanted:
            told, names = Statements(), set()
        new = [line for line in lines.statements if line["name"] not in names]
        tables = [statements.read(self.folder / currency, line) for line in new]
        told.add(statements.told(tables))
        self._read[currency] = told, wanted
        return told


def opened(folder: Path, line: Mapping[str, Any]) -> Mapped:
    """The run of one line of the manifest. Raises `Damaged`, `FileNotFoundError`."""
    return Mapped(folder / str(line["name"]), int(line["size"]), int(line["crc"]))
