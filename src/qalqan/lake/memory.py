"""What one hand-in has worked out already: the same accounts come in every batch of it.

Values themselves are not kept: a value is known by its keyed fingerprint, in a hash table of
numpy columns, beside its token and whether the vault has it. About 90 bytes a value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa

from qalqan.trust import tokens
from qalqan.trust.fingerprints import Fingerprints, fingerprinter
from qalqan.trust.keys import Keys

MOST = 2_500_000
"""Values of a class that are remembered; then it starts afresh."""

_FEW = 200
"""Fewer values are worked out anew: that costs less than looking them up."""

_PIECE = 100_000

Places = np.ndarray[Any, np.dtype[Any]]


class Memory:
    """Tokens of one hand-in, by class."""

    def __init__(self) -> None:
        self._classes: dict[str, _Tokens] = {}

    def tokenised(self, keys: Keys, klass: str, values: pa.DictionaryArray) -> pa.DictionaryArray:
        """Canonical values as the tokens of their class."""
        made = self.tokens(keys, klass, values.dictionary)
        return pa.DictionaryArray.from_arrays(values.indices, made)

    def tokens(self, keys: Keys, klass: str, values: pa.Array) -> pa.Array:
        """Tokens of distinct canonical values."""
        if len(values) < _FEW:
            return pa.array(tokens.token_list(keys, klass, values.to_pylist()), pa.string())
        return self._of(klass).made(keys, klass, values)

    def unkept(self, keys: Keys, klass: str, values: pa.Array) -> Unkept:
        """Those of distinct values that this hand-in has not brought to the vault yet."""
        if len(values) < _FEW:
            return Unkept(values, self.tokens(keys, klass, values))
        return self._of(klass).unkept(keys, klass, values)

    def _of(self, klass: str) -> _Tokens:
        return self._classes.setdefault(klass, _Tokens())


@dataclass(frozen=True)
class Unkept:
    """What the vault must get, and its tokens."""

    values: pa.Array
    made: pa.Array
    remember: Callable[[], None] = lambda: None
    """To be called once they are in the vault, and that is committed."""


class _Tokens:
    """One class. A batch is checked in one thread while another one is written."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._forget()

    def _forget(self) -> None:
        self._table = _Table()
        self._made = np.zeros(0, f"S{tokens.LONGEST}")
        self._kept = np.zeros(0, bool)

    def made(self, keys: Keys, klass: str, values: pa.Array) -> pa.Array:
        prints = _prints(keys, values)
        with self._lock:
            places = self._places(keys, klass, values, prints)
            return _texts(self._made[places])

    def unkept(self, keys: Keys, klass: str, values: pa.Array) -> Unkept:
        prints = _prints(keys, values)
        with self._lock:
            places = self._places(keys, klass, values, prints)
            new, table = ~self._kept[places], self._table
            places = places[new]

            def remember() -> None:
                with self._lock:
                    if self._table is table:  # else everything was forgotten meanwhile
                        self._kept[places] = True

            return Unkept(values.filter(pa.array(new)), _texts(self._made[places]), remember)

    def _places(self, keys: Keys, klass: str, values: pa.Array, prints: Fingerprints) -> Places:
        if len(self._table) > MOST:
            self._forget()
        places = self._table.find(prints)
        new = np.flatnonzero(places < 0)
        if len(new):
            places[new] = self._table.add(prints[new])
            fresh = tokens.token_list(keys, klass, values.take(pa.array(new)).to_pylist())
            self._made = _with_room(self._made, len(self._table))
            self._kept = _with_room(self._kept, len(self._table))
            self._made[places[new]] = np.array(fresh, self._made.dtype)
        return places


def _texts(made: Places) -> pa.Array:
    return pa.array(made).cast(pa.string())


def _with_room(held: Places, size: int) -> Places:
    """The same column with room for so many rows, the new ones nought; it grows by a third at
    least, so that a long file's does not copy it for each batch."""
    if size <= len(held):
        return held
    grown = np.zeros((max(size, len(held) * 4 // 3), *held.shape[1:]), held.dtype)
    grown[: len(held)] = held
    return grown


def _prints(keys: Keys, values: pa.Array) -> Fingerprints:
    return fingerprinter(keys.token_key("document")).texts("remembered", values)


def _equal(some: Fingerprints, others: Fingerprints) -> Any:
    return (some[:, 0] == others[:, 0]) & (some[:, 1] == others[:, 1])


class _Table:
    """Fingerprint → its number, counted from nought; open addressing, all rows at once."""

    def __init__(self) -> None:
        self._count = 0
        self._prints = np.zeros((0, 2), "<u8")
        self._slots = np.full(1 << 12, -1, np.int32)

    def __len__(self) -> int:
        return self._count

    def find(self, prints: Fingerprints) -> Places:
        """Numbers of the fingerprints, -1 where there is none."""
        found = np.full(len(prints), -1, np.int64)
        rows, slots = np.arange(len(prints)), self._home(prints)
        while len(rows):
            held = self._slots[slots]
            there = held >= 0
            rows, slots, held = rows[there], slots[there], held[there]
            same = _equal(self._prints.take(held, axis=0), prints.take(rows, axis=0))
            found[rows[same]] = held[same]
            rows, slots = rows[~same], self._next(slots[~same])
        return found

    def add(self, prints: Fingerprints) -> Places:
        """Give numbers to fingerprints that are not there; one that comes twice has two, of
        which `find` knows the first."""
        first, self._count = self._count, self._count + len(prints)
        self._prints = _with_room(self._prints, self._count)
        self._prints[first : self._count] = prints
        if 2 * self._count > len(self._slots):
            self._slots = np.full(1 << (2 * self._count).bit_length(), -1, np.int32)
            for start in range(0, first, _PIECE):
                self._place(np.arange(start, min(start + _PIECE, first)))
        self._place(np.arange(first, self._count))
        return np.arange(first, self._count)

    def _place(self, numbers: Places) -> None:
        slots = self._home(self._prints[numbers])
        while len(numbers):
            free = self._slots[slots] < 0
            self._slots[slots[free][::-1]] = numbers[free][::-1]  # of several the first stays
            left = self._slots[slots] != numbers
            numbers, slots = numbers[left], self._next(slots[left])

    def _home(self, prints: Fingerprints) -> Places:
        return (prints[:, 0] & np.uint64(len(self._slots) - 1)).astype(np.int64)

    def _next(self, slots: Places) -> Places:
        return (slots + 1) & (len(self._slots) - 1)
