"""The log's hash tree as the register keeps it: tiles of 256 neighbours (C2SP tlog-tiles).

A run of the log rewrites the last tile of a level or two, and a proof reads a few, however long the
log is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from qalqan.register import dialect
from qalqan.register.orm import LogTile
from qalqan.trust import merkle

_TILES = cast(Table, LogTile.__table__)
HEIGHT = 8
WIDTH = 1 << HEIGHT
_HASH = 32


class Tree:
    """The tree within one transaction; `node` is what `trust.merkle` reads it by."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def node(self, level: int, place: int) -> bytes:
        """Root of a whole subtree; `IndexError` if the tree lacks it."""
        tile_level, within = divmod(level, HEIGHT)
        first = place << within
        hashes = self.tile(tile_level, first >> HEIGHT)
        start = first & (WIDTH - 1)
        found = hashes[start : start + (1 << within)]
        if len(found) != 1 << within:
            raise IndexError(f"the tree lacks node {level}/{place}")
        return merkle.root_of(found)

    def tile(self, level: int, place: int) -> list[bytes]:
        """The hashes of one tile; none if there is no such tile."""
        if (level, place) not in self._tiles:
            asked = select(LogTile.hashes).where(LogTile.level == level, LogTile.place == place)
            body = self._session.scalar(asked) or b""
            self._tiles[level, place] = split(body)
        return self._tiles[level, place]

    def append(self, size: int, leaves: Sequence[bytes]) -> None:
        """Add leaves to the tree of `size`; a write transaction that nobody else appends in."""
        level, count, new = 0, size, list(leaves)
        while new:
            above: list[bytes] = []
            while new:
                place, there = divmod(count, WIDTH)
                some, new = new[: WIDTH - there], new[WIDTH - there :]
                whole = [*self.tile(level, place)[:there], *some]
                self._keep(level, place, whole)
                count += len(some)
                if len(whole) == WIDTH:
                    above.append(merkle.root_of(whole))
            level, count, new = level + 1, size >> (HEIGHT * (level + 1)), above

    def _keep(self, level: int, place: int, hashes: list[bytes]) -> None:
        self._tiles[level, place] = hashes
        new = dialect.insert(self._session, _TILES).values(
            level=level, place=place, hashes=b"".join(hashes)
        )
        self._session.execute(
            new.on_conflict_do_update(
                index_elements=["level", "place"], set_={"hashes": new.excluded.hashes}
            )
        )


def split(body: bytes) -> list[bytes]:
    """A tile's hashes."""
    return [body[start : start + _HASH] for start in range(0, len(body), _HASH)]
