"""Does the register still say what its log committed to? Every row and every tile is read anew and
compared with the signed checkpoints; the first thing that differs has a name (REQ-18).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan.errors import ContractBroken, NotAllowed
from qalqan.register import log_rows
from qalqan.register.log_rows import Logged
from qalqan.register.log_tree import HEIGHT, WIDTH, split
from qalqan.register.orm import LogCheckpoint, LogTile
from qalqan.trust import checkpoints, merkle
from qalqan.trust.checkpoints import Checkpoint
from qalqan.trust.keys import Keys

MOST_MISSING = 1_000
"""Rows at the log's end that are named when they are gone: a forged size may be any."""

Told = Callable[[int], None]
"""Told how many rows more were looked at."""


@dataclass(frozen=True)
class Difference:
    """Something that is not as it was committed to: `kind` a code of the catalogue (`record.…`),
    `what` which row, as `audit 17`."""

    kind: str
    what: str


class LogCheck:
    """One look at the log, within one read."""

    def __init__(self, session: Session, keys: Keys, known: Sequence[Checkpoint]) -> None:
        self._session, self._keys, self._known = session, keys, known
        self._verifier = checkpoints.verify_key(keys.log_key.public_key())
        self._rows = list(session.scalars(select(LogCheckpoint).order_by(LogCheckpoint.size)))
        self.size = self._rows[-1].size if self._rows else 0
        self._growing = merkle.Growing()
        self._roots = {0: merkle.EMPTY}
        self._sizes = {row.size for row in self._rows} | {each.size for each in known}
        self._suspects: list[str] = []
        """Rows that are not what the tree's leaf says: one of the two was changed."""
        self._tile_roots: list[bytes] = []

    def differences(self, told: Told = lambda _: None) -> Iterator[Difference]:
        """All that differs, rows first."""
        yield from self._leaves(told)
        rows_are_right = bool(self._rows) and self._growing.root() == self._rows[-1].root
        kind = "tree.changed" if rows_are_right else "row.changed"
        yield from (Difference(kind, name) for name in self._suspects)
        yield from self._upper_tiles()
        yield from self._checkpoints()

    def _leaves(self, told: Told) -> Iterator[Difference]:
        """Rows in the order of their places, beside the tiles of leaves."""
        stored: list[bytes] = []
        for logged in self._in_order():
            seq = self._growing.size
            if seq % WIDTH == 0:
                stored = self._tile(0, seq // WIDTH)
                told(min(WIDTH, self.size - seq))
                if len(stored) == WIDTH:
                    self._tile_roots.append(merkle.root_of(stored))
            there = stored[seq % WIDTH] if seq % WIDTH < len(stored) else b""
            if isinstance(logged, Difference):
                yield logged
                if seq < self.size and logged.kind == "row.missing":
                    self._grow(there)
                continue
            leaf = self._leaf(seq, logged)
            if leaf != there:
                self._suspects.append(logged.name)
            self._grow(leaf)

    def _leaf(self, seq: int, logged: Logged) -> bytes:
        try:
            return log_rows.leaf(self._keys.log_blind, seq, logged)
        except (ValueError, TypeError):  # a value of a kind that no row of ours has
            return merkle.EMPTY

    def _in_order(self) -> Iterator[Logged | Difference]:
        """Every place of the log once: its row, or that it has none; and rows that have no
        place in it."""
        last = -1
        for logged in log_rows.placed(self._session):
            seq = log_rows.place_of(logged.row)
            if seq >= self.size or seq <= last:
                yield Difference("row.inserted", logged.name)
                continue
            yield from (Difference("row.missing", f"log {lost}") for lost in range(last + 1, seq))
            yield logged
            last = seq
        end = min(self.size, last + 1 + MOST_MISSING)
        yield from (Difference("row.missing", f"log {lost}") for lost in range(last + 1, end))

    def _grow(self, leaf: bytes) -> None:
        self._growing.add(leaf)
        if self._growing.size in self._sizes:
            self._roots[self._growing.size] = self._growing.root()

    def _tile(self, level: int, place: int) -> list[bytes]:
        asked = select(LogTile.hashes).where(LogTile.level == level, LogTile.place == place)
        return split(self._session.scalar(asked) or b"")

    def _upper_tiles(self) -> Iterator[Difference]:
        """Tiles above the leaves: each hash is the root of a whole tile below."""
        below, level, tiles = self._tile_roots, 1, -(-self.size // WIDTH)
        while self.size >> (HEIGHT * level):
            roots = []
            for place in range(-(-len(below) // WIDTH)):
                stored = self._tile(level, place)
                if stored != below[place * WIDTH : (place + 1) * WIDTH]:
                    yield Difference("tree.changed", f"tile {level}/{place}")
                if len(stored) == WIDTH:
                    roots.append(merkle.root_of(stored))
                tiles += 1
            below, level = roots, level + 1
        if (self._session.scalar(select(func.count()).select_from(LogTile)) or 0) != tiles:
            yield Difference("tree.changed", "tiles")

    def _checkpoints(self) -> Iterator[Difference]:
        for row in self._rows:
            name = f"checkpoint {row.size}"
            try:
                signed = checkpoints.read(row.note, self._verifier)
            except (NotAllowed, ContractBroken):
                yield Difference("checkpoint.changed", name)
                continue
            if (signed.size, signed.root, signed.at_us) != (row.size, row.root, row.at_us):
                yield Difference("checkpoint.changed", name)
            elif self._roots.get(signed.size) != signed.root:
                yield Difference("checkpoint.other", name)
        for each in self._known:
            if each.size > self.size:
                yield Difference("checkpoint.ahead", f"checkpoint {each.size}")
            elif self._roots.get(each.size) != each.root:
                yield Difference("checkpoint.other", f"checkpoint {each.size}")
