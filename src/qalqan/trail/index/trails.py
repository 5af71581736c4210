"""Trails over the index: the same answers as over the lake, a thousand times sooner (REQ-44).

The index is brought up to the asked position of the log first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from qalqan.trail.around import Around
from qalqan.trail.body import Trail
from qalqan.trail.index.answer import trail_of
from qalqan.trail.index.around import around
from qalqan.trail.index.store import Index
from qalqan.trail.index.walk import TooMuchMoney, walk
from qalqan.trail.semantics import Root, TrailPolicy

Refresh = Callable[[int | None], int]
"""Brings the index to a position of the log or beyond (None: the newest); tells which."""
Plain = Callable[[Sequence[Root], TrailPolicy, int, int, frozenset[str]], Trail]
"""Follows over the lake, where sums are of any size."""


class IndexedTrails:
    """One worker's trails; not shared between threads."""

    def __init__(self, folder: Path, refresh: Refresh, plain: Plain) -> None:
        self._folder = folder
        self._refresh = refresh
        self._plain = plain
        self._index: Index | None = None

    def follow(
        self,
        roots: Sequence[Root],
        policy: TrailPolicy,
        as_of_us: int,
        up_to_seal: int,
        home_banks: frozenset[str],
    ) -> Trail:
        """As `lake_walk.follow`.

        Raises:
            ValueError: no roots, or roots of several currencies.
            Unavailable: the index can't be brought up to that seal.
            Damaged: a file of it is not what it says; it has to be built anew.
        """
        index = self._at(up_to_seal)
        try:
            return followed(index, roots, policy, as_of_us, up_to_seal, home_banks)
        except TooMuchMoney:
            return self._plain(roots, policy, as_of_us, up_to_seal, home_banks)

    def around(self, trail: Trail) -> Around:
        """All that is told of the accounts that a trail follows, as known at its seal.

        Raises:
            Damaged: a file is not what was written.
            Unavailable: the index can't be brought up to that seal.
        """
        return around(self._at(trail.seal), trail)

    def _at(self, seal: int) -> Index:
        """The index, at this seal or beyond, and of the register's history."""
        self._refresh(seal)
        if self._index is None:
            self._index = Index(self._folder)
        self._index.look()
        return self._index


def followed(
    index: Index,
    roots: Sequence[Root],
    policy: TrailPolicy,
    as_of_us: int,
    up_to_seal: int,
    home_banks: frozenset[str],
) -> Trail:
    """As `lake_walk.follow`, over an index that holds all up to this seal.

    Raises:
        ValueError: no roots, or roots of several currencies.
        TooMuchMoney: more than 64 bits hold.
    """
    floor_us = min((root.at_us for root in roots), default=0) - policy.lookback_us
    currency = roots[0].currency if roots else ""
    source = index.view(currency, floor_us, as_of_us, up_to_seal)
    walked = walk(source, roots, policy, as_of_us, home_banks)
    return trail_of(walked, source, policy, as_of_us, up_to_seal)
