"""Sends an edge's journals to the centre: `python3 ship.py DIRECTORY --centre URL --key FILE`.

It follows the files as they are written and tells what is new within about a second. How far each
file has been told stands in `shipped.db` beside them, and at the centre, whose word counts: what
was sent and not noted before a crash is sent again and counts once. A file whose chain of hashes
does not hold is told up to there and no further, the centre hears of it, and the exit code is 1.
While the centre does not answer, nothing is lost: the lines wait in their files.

The standard library alone. Ends with SIGTERM, or when all is told under `--once`.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

if __package__:
    from qalqan.edges.kamailio import centre_address, journal
    from qalqan.edges.kamailio.shipping import Piece, Place, Telling, read
else:  # beside an edge, where Qalqan is not installed
    import centre_address  # type: ignore[import-not-found,no-redef]
    import journal  # type: ignore[import-not-found,no-redef]
    from shipping import Piece, Place, Telling, read  # type: ignore[import-not-found,no-redef]

EVERY_S = 0.5
STATE_S = 10.0
"""A centre that hears nothing new of an edge hears that it is there."""
AGAIN_S = (1.0, 2.0, 5.0, 15.0)
"""Between attempts while the centre does not answer."""
_TIMEOUT_S = 30.0
_PLACES = "shipped.db"
_WRONG_LINE = 2
"""A chain is believed to be broken when it looks so for the second time."""


class Places:
    """How far each file has been told; as durable as SQLite makes it."""

    def __init__(self, folder: Path) -> None:
        self._kept = sqlite3.connect(folder / _PLACES)
        self._kept.execute("PRAGMA synchronous = FULL")
        self._kept.execute(
            "CREATE TABLE IF NOT EXISTS place"
            " (file TEXT PRIMARY KEY, at INTEGER, mark TEXT, over INTEGER)"
        )

    def of(self, file: str) -> Place:
        """Where a file goes on."""
        row = self._kept.execute("SELECT at, mark FROM place WHERE file = ?", (file,)).fetchone()
        return Place(*row) if row else Place()

    def over(self) -> set[str]:
        """Files of which everything has been told."""
        return {file for (file,) in self._kept.execute("SELECT file FROM place WHERE over")}

    def keep(self, file: str, place: Place, is_over: bool) -> None:
        """Note it."""
        with self._kept:
            self._kept.execute(
                "INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?)", (file, *place, is_over)
            )

    def forget(self, there: set[str]) -> None:
        """Files that somebody took away need no place."""
        gone = [file for file in self.over() if file not in there]
        with self._kept:
            self._kept.executemany("DELETE FROM place WHERE file = ?", [(file,) for file in gone])

    def close(self) -> None:
        """Let go of the file."""
        self._kept.close()


class Refused(Exception):
    """The centre takes nothing from us: the key, the name or what we send is wrong."""


class Centre:
    """Where journals go.

    Raises:
        ValueError, OSError: as `centre_address.read`.
    """

    def __init__(self, address: str, key: str, ca: Path | None = None) -> None:
        _, self._tls = centre_address.read(address, ca)
        self._url = address.rstrip("/") + "/v1/calls/journal"
        self._key = key

    def tell(self, body: dict[str, Any]) -> dict[str, Any]:
        """What the centre answers.

        Raises:
            Refused: it will not take it, however often. OSError: not now.
        """
        asked = urllib.request.Request(
            self._url,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"},
        )
        try:
            with urllib.request.urlopen(asked, timeout=_TIMEOUT_S, context=self._tls) as answer:
                told: dict[str, Any] = json.load(answer)
                return told
        except urllib.error.HTTPError as error:
            with closing(error):
                if error.code in (429, 500, 502, 503, 504):
                    raise
                said = error.read(400).decode(errors="replace")
                raise Refused(f"HTTP {error.code}: {said}") from None


class Shipping:
    """One edge's journals, followed."""

    def __init__(self, folder: Path, tables: Path, edge: str, centre: Centre) -> None:
        self.folder, self.edge, self.centre = folder, edge, centre
        self.places, self.telling = Places(folder), Telling(tables)
        self.broken: dict[str, str] = {}
        """File → where its chain does not hold."""
        self._wrong: dict[str, int] = {}
        self._told_s = float("-inf")

    def round(self) -> bool:
        """Tell what is new in all files; whether there was anything."""
        over, names = self.places.over(), sorted(p.name for p in self.folder.glob("*.events"))
        moved = False
        for name in names:
            if name not in over and name not in self.broken:
                moved |= self._follow(name)
        if not moved and time.monotonic() - self._told_s > STATE_S:
            self.places.forget(set(names))
            self._tell(None)
        return moved

    def _follow(self, name: str) -> bool:
        """Tell one more piece of a file."""
        before = self.places.of(name)
        try:
            piece = read(self.folder / name, before)
            told = self.telling.told(piece)
        except FileNotFoundError:
            return False
        except journal.Broken as error:
            return self._doubt(name, str(error))
        except (ValueError, TypeError, IndexError):  # a line of nonsense that has its hash
            return self._doubt(name, f"{name}: {before.end}")
        self._wrong.pop(name, None)
        if piece.place != before:
            self._settle(piece, self._tell(told))
            return True
        if piece.is_over:
            self.places.keep(name, before, True)
        return False

    def _settle(self, piece: Piece, answer: dict[str, Any]) -> None:
        """The centre's place is where the file goes on: it may know better than we."""
        place = Place(int(answer["end"]), str(answer["mark"]))
        self.places.keep(piece.file, place, piece.is_over and place == piece.place)

    def _doubt(self, name: str, where: str) -> bool:
        self._wrong[name] = self._wrong.get(name, 0) + 1
        if self._wrong[name] >= _WRONG_LINE:
            self.broken[name] = where
            print(f"broken: {where}", file=sys.stderr, flush=True)
            self._tell(None)
        return True

    def _tell(self, piece: dict[str, Any] | None) -> dict[str, Any]:
        state = self.telling.state(self.folder) | {"broken": sorted(self.broken.values())[:20]}
        answer = self.centre.tell({"edge": self.edge, "piece": piece, "state": state})
        self._told_s = time.monotonic()
        return answer

    def close(self) -> None:
        """End following."""
        self.places.close()


def follow(shipping: Shipping, once: bool, stopping: list[int]) -> int:
    """Until told to stop; with `once` until all is told. The exit code.

    Raises:
        Refused: the centre takes nothing from us.
    """
    failed = 0
    while not stopping:
        try:
            moved = shipping.round()
        except OSError as error:
            print(f"the centre does not answer: {error}", file=sys.stderr, flush=True)
            if once and failed == len(AGAIN_S):
                return 2
            time.sleep(AGAIN_S[min(failed, len(AGAIN_S) - 1)])
            failed += 1
            continue
        failed = 0
        if not moved and once:
            break
        if not moved:
            time.sleep(EVERY_S)
    return 1 if shipping.broken else 0


def ship(folder: Path, centre: Centre, name: str = "", once: bool = False) -> int:
    """Follow the journals of an edge's directory; the exit code.

    Raises:
        Refused: the centre takes nothing from us.
        OSError, ValueError: there is no edge in the directory.
    """
    edge = json.loads((folder / "edge.json").read_text(encoding="utf-8"))
    stopping: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: stopping.append(number))
    shipping = Shipping(
        folder / edge["journal"], folder / edge["tables"], name or os.uname().nodename[:40], centre
    )
    try:
        with closing(shipping):
            return follow(shipping, once, stopping)
    finally:
        signal.signal(signal.SIGTERM, before)


def main() -> int:
    """What stands on the command line, done."""
    asked = argparse.ArgumentParser(description="Send an edge's journals to the centre.")
    asked.add_argument("directory", type=Path)
    asked.add_argument("--centre", required=True, help="its address: https://centre.example")
    asked.add_argument("--key", required=True, type=Path, help="file with a key of facts:write")
    asked.add_argument("--name", default="", help="the edge's name; none: this machine's")
    asked.add_argument("--ca", type=Path, help="PEM file of who signed the centre's certificate")
    asked.add_argument("--once", action="store_true", help="end when all is told")
    given = asked.parse_args()
    try:
        centre = Centre(given.centre, given.key.read_text("ascii").strip(), given.ca)
        return ship(given.directory.absolute(), centre, given.name, given.once)
    except Refused as error:
        print(f"the centre refuses: {error}", file=sys.stderr)
    except (ValueError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
