"""Who is abroad, by columns: whose numbers they are, and what outlives new tables (REQ-45).

An operator's places are those that it told last, by list or by machine: new tables take from the
old ones what is newer than their lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qalqan.screening.calls.lookup import (
    MOBILE_NUMBERS,
    MOBILES,
    PLUS_7,
    THOUSAND,
    VALUE_BITS,
)
from qalqan.screening.calls.screen import Tables

Ints: TypeAlias = NDArray[np.int64]


class Owners:
    """Whose a number is."""

    def __init__(self, blocks: bytes | memoryview, ported: Ints, operators: Ints) -> None:
        order = np.argsort(ported)
        self._blocks = np.frombuffer(blocks, dtype=np.uint8)
        self._ported, self._operators = ported[order], operators[order]

    @classmethod
    def of_values(cls, blocks: bytes, values: Mapping[int, int]) -> Owners:
        """By a list of values (flags << 8 | operator it was ported to)."""
        numbers = np.fromiter(values.keys(), np.int64, len(values))
        return cls._of(blocks, numbers, np.fromiter(values.values(), np.int64, len(values)))

    @classmethod
    def of_tables(cls, tables: Tables) -> Owners:
        """By tables that stand."""
        words = np.frombuffer(tables.parts["words"], dtype=np.int64)
        words = words[words != 0]
        return cls._of(tables.parts["blocks"], words >> VALUE_BITS, words)

    @classmethod
    def _of(cls, blocks: bytes | memoryview, numbers: Ints, values: Ints) -> Owners:
        ported = (values & 255) != 0
        return cls(blocks, numbers[ported], values[ported] & 255)

    def of(self, numbers: Ints) -> Ints:
        """Operator of each number; 0: nobody's."""
        thousands = (numbers - PLUS_7) // THOUSAND
        known = (thousands >= 0) & (thousands < len(self._blocks))
        found = np.where(known, self._blocks[np.where(known, thousands, 0)], 0).astype(np.int64)
        if len(self._ported):
            at = np.minimum(np.searchsorted(self._ported, numbers), len(self._ported) - 1)
            found = np.where(self._ported[at] == numbers, self._operators[at], found)
        return found


def mobiles(numbers: Ints) -> NDArray[np.bool_]:
    """Which of the numbers have a place at all."""
    found: NDArray[np.bool_] = (numbers >= MOBILES) & (numbers < MOBILES + MOBILE_NUMBERS)
    return found


def abroad(tables: Tables) -> Ints:
    """Numbers whose home networks see them abroad."""
    words = np.frombuffer(tables.parts["abroad"], dtype="<u8")  # few of them say anything
    places = np.flatnonzero(words)
    bits = words[places, None].view(np.uint8)
    which, bit = np.nonzero(np.unpackbits(bits, axis=1, bitorder="little"))
    return MOBILES + places[which] * 64 + bit


class Places(NamedTuple):
    """Who is abroad, and as of when each operator told so."""

    abroad: list[int]
    fed_s: dict[int, int]
    """Operator → seconds."""


def carried(
    out: Path, codes: Mapping[str, int], owners: Owners, listed: Iterable[int],
    listed_s: Mapping[str, int],
) -> Places:  # fmt: skip
    """What the lists say, and where the tables that they replace know something newer, that."""
    fed_s = {codes[code]: at_s for code, at_s in listed_s.items()}
    numbers = np.fromiter(listed, np.int64)
    try:
        old = Tables(out)
    except (OSError, ValueError):
        return Places(numbers.tolist(), fed_s)
    newer = {}
    for code, operator in codes.items():
        at_s = old.parts["fed"][old.about["codes"].get(code, 0)]
        if at_s > fed_s.get(operator, 0):
            newer[operator] = at_s
    later = list(newer)
    before = abroad(old)
    kept = before[np.isin(owners.of(before), later)]
    mine = numbers[~np.isin(owners.of(numbers), later)]
    return Places([*mine.tolist(), *kept.tolist()], {**fed_s, **newer})
