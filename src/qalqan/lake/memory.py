"""What one hand-in has worked out already: the same accounts come in every batch of it.

Values themselves are not kept: a value is known by its keyed fingerprint, in a hash table of
numpy columns, beside its token and whether the vault has it. About 90 bytes a value.
"""

from __future__ import annotations

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

    def unkept(self, keys: Keys, klass: str, values: pa.Array) -> tuple[pa.Array, pa.Array]:
        """Values that this hand-in has not brought to the vault yet, and their tokens."""
        if len(values) < _FEW:
            return values, self.tokens(keys, klass, values)
        return self._of(klass).unkept(keys, klass, values)

    def keep(self, keys: Keys, klass: str, values: pa.Array) -> None:
        """Remember what is in the vault, once that is committed."""
        if len(values) >= _FEW:
            self._of(klass).keep(keys, values)

    def _of(self, klass: str) -> _Tokens:
        return self._classes.setdefault(klass, _Tokens())


class _Tokens:
    """One class. A batch is checked in one thread while another one is written."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._forget()

    def _forget(self) -> None:
        self._table = _Table()
        self._made = pa.array([], pa.string())
        self._kept = np.zeros(0, bool)

    def made(self, keys: Keys, klass: str, values: pa.Array) -> pa.Array:
        prints = _prints(keys, values)
        with self._lock:
            places = self._places(keys, klass, values, prints)
            return self._made.take(pa.array(places))

    def unkept(self, keys: Keys, klass: str, values: pa.Array) -> tuple[pa.Array, pa.Array]:
        prints = _prints(keys, values)
        with self._lock:
            places = self._places(keys, klass, values, prints)
            new = ~self._kept[places]
            return values.filter(pa.array(new)), self._made.take(pa.array(places[new]))

    def keep(self, keys: Keys, values: pa.Array) -> None:
        prints = _prints(keys, values)
        with self._lock:
            places = self._table.find(prints)
            self._kept[places[places >= 0]] = True

    def _places(self, keys: Keys, klass: str, values: pa.Array, prints: Fingerprints) -> Places:
        if len(self._made) > MOST:
            self._forget()
        places = self._table.find(prints)
        new = np.flatnonzero(places < 0)
        if len(new):
            places[new] = self._table.add(prints[new])
            fresh = tokens.token_list(keys, klass, values.take(pa.array(new)).to_pylist())
            self._made = pa.concat_arrays([self._made, pa.array(fresh, pa.string())])
            self._kept = np.concatenate([self._kept, np.zeros(len(new), bool)])
        return places


def _prints(keys: Keys, values: pa.Array) -> Fingerprints:
    return fingerprinter(keys.token_key("document")).texts("remembered", values)


def _equal(some: Fingerprints, others: Fingerprints) -> Any:
    return (some[:, 0] == others[:, 0]) & (some[:, 1] == others[:, 1])


class _Table:
    """Fingerprint → its number, counted from nought; open addressing, all rows at once."""

    def __init__(self) -> None:
        self._prints = np.zeros((0, 2), "<u8")
        self._slots = np.full(1 << 12, -1, np.int32)

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
        first = len(self._prints)
        self._prints = np.concatenate([self._prints, prints])
        if 2 * len(self._prints) > len(self._slots):
            size = 1 << (2 * len(self._prints)).bit_length()
            self._slots = np.full(size, -1, np.int32)
            for start in range(0, first, _PIECE):
                self._place(np.arange(start, min(start + _PIECE, first)))
        self._place(np.arange(first, len(self._prints)))
        return np.arange(first, len(self._prints))

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
