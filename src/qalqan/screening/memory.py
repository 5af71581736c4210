"""What a screen remembers for weeks: compact columns by 63-bit key, for tens of millions of rows.

A base of sorted arrays that never change, and a dictionary of what came since; both are replaced
together when the dictionary is folded into a new base. One thread writes, any number read without
a lock. Keys are hashes: two things of one key are taken for one, which among 10⁸ rows happens to
one question in 10¹⁰ and then blurs an innocent count, never a list or a hold (those are by token).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa

from qalqan.errors import ContractBroken

Ints = np.ndarray[Any, np.dtype[np.int64]]
Column = np.ndarray[Any, np.dtype[Any]]
How = Literal["min", "max", "sum"]

_ALL = 2**64 - 1
_KEPT = 2**63 - 1
_ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
"""Odd multipliers (golden ratio; XXH64's second and third) that spread the bits of a pair."""
_FOLD_AT = 200_000


def key_of(text: str) -> int:
    """The key of a token or any other text."""
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") & _KEPT


def pair_of(one: int, other: int) -> int:
    """The key of an ordered pair of keys."""
    mixed = (one * _ODD[0] + other * _ODD[1]) & _ALL
    mixed = ((mixed ^ (mixed >> 29)) * _ODD[2]) & _ALL
    return (mixed ^ (mixed >> 32)) & _KEPT


def keys_of(column: pa.Array | pa.ChunkedArray) -> Ints:
    """Keys of a column without nulls; each distinct text is hashed once."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    coded = column.dictionary_encode()
    distinct = np.array([key_of(text) for text in coded.dictionary.to_pylist()], np.int64)
    keys: Ints = distinct[coded.indices.to_numpy(zero_copy_only=False)]
    return keys


def pairs_of(ones: Ints, others: Ints) -> Ints:
    """`pair_of`, a row each."""
    first, second, third = (np.uint64(odd) for odd in _ODD)
    mixed = ones.astype(np.uint64) * first + others.astype(np.uint64) * second
    mixed = (mixed ^ (mixed >> np.uint64(29))) * third
    keys: Ints = ((mixed ^ (mixed >> np.uint64(32))) & np.uint64(_KEPT)).astype(np.int64)
    return keys


@dataclass(frozen=True)
class Field:
    """A column of a table, and how two values of one key become one."""

    name: str
    dtype: str
    how: How


class _Kept(NamedTuple):
    keys: Ints
    columns: tuple[Column, ...]
    fresh: dict[int, list[Any]]


class Memory:
    """A table by key. Rows of one key are combined, column by column, as its fields say."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = tuple(fields)
        empty = tuple(np.empty(0, field.dtype) for field in self.fields)
        self._kept = _Kept(np.empty(0, np.int64), empty, {})

    def __len__(self) -> int:
        """Rows; one that is in both parts counts twice."""
        return len(self._kept.keys) + len(self._kept.fresh)

    def get(self, key: int) -> list[Any] | None:
        """The row of a key, its values in the order of the fields; None if there is none."""
        keys, columns, fresh = self._kept
        new = fresh.get(key)
        place = int(keys.searchsorted(key))
        if place == len(keys) or keys[place] != key:
            return new
        old = [column[place].item() for column in columns]
        return old if new is None else self._combined(old, new)

    def has(self, keys: Ints) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which of many keys have a row."""
        base, _, fresh = self._kept
        places = np.minimum(base.searchsorted(keys), max(len(base) - 1, 0))
        found = base[places] == keys if len(base) else np.zeros(len(keys), bool)
        if fresh and len(keys) < len(fresh):  # a second's facts: no search through all of them
            found |= np.fromiter((key in fresh for key in keys.tolist()), bool, len(keys))
        elif fresh:
            found |= np.isin(keys, np.fromiter(fresh, np.int64, len(fresh)))
        return found

    def add(self, key: int, values: Sequence[Any]) -> None:
        """Combine one row with what is there. The writing thread only."""
        fresh = self._kept.fresh
        old = fresh.get(key)
        fresh[key] = list(values) if old is None else self._combined(old, values)
        if len(fresh) >= _FOLD_AT:
            self.fold()

    def add_all(self, keys: Ints, columns: Sequence[Column]) -> None:
        """Combine many rows, of each key one or more, with what is there. The writing thread
        only."""
        self.fold()
        old = self._kept
        self._kept = self._merged(
            np.concatenate([old.keys, keys]),
            [np.concatenate(both) for both in zip(old.columns, columns, strict=True)],
        )

    def fold(self) -> None:
        """Fold what came since into the base."""
        keys, columns, fresh = self._kept
        if fresh:
            rows = list(zip(*fresh.values(), strict=True))
            new = [np.array(row, f.dtype) for row, f in zip(rows, self.fields, strict=True)]
            self._kept = self._merged(
                np.concatenate([keys, np.fromiter(fresh, np.int64, len(fresh))]),
                [np.concatenate(both) for both in zip(columns, new, strict=True)],
            )

    def forget(self, field: str, before: int) -> None:
        """Drop rows whose value in this column is less."""
        self.fold()
        keys, columns, _ = self._kept
        at = [one.name for one in self.fields].index(field)
        stays = columns[at] >= before
        if not stays.all():
            self._kept = _Kept(keys[stays], tuple(column[stays] for column in columns), {})

    def columns(self) -> tuple[Ints, Mapping[str, Column]]:
        """Keys, and the columns by name; folded first. The writing thread only."""
        self.fold()
        names = (field.name for field in self.fields)
        return self._kept.keys, dict(zip(names, self._kept.columns, strict=True))

    def to_bytes(self) -> bytes:
        """All rows, for a snapshot."""
        keys, columns = self.columns()
        into = io.BytesIO()
        for array in (keys, *columns.values()):
            np.save(into, array, allow_pickle=False)
        return into.getvalue()

    def read(self, body: bytes) -> None:
        """Be what such a snapshot says. Raises `ContractBroken` if it is of another shape."""
        source = io.BytesIO(body)
        try:
            arrays = [np.load(source, allow_pickle=False) for _ in range(1 + len(self.fields))]
        except (ValueError, EOFError, OSError) as error:
            raise ContractBroken("a screen's snapshot can't be read") from error
        shapes = [np.dtype(np.int64), *(np.dtype(field.dtype) for field in self.fields)]
        same = len({len(array) for array in arrays}) == 1
        if not same or [array.dtype for array in arrays] != shapes:
            raise ContractBroken("a screen's snapshot is of another shape")
        self._kept = _Kept(arrays[0], tuple(arrays[1:]), {})

    def _combined(self, old: Sequence[Any], new: Sequence[Any]) -> list[Any]:
        return [
            a + b if f.how == "sum" else (min(a, b) if f.how == "min" else max(a, b))
            for f, a, b in zip(self.fields, old, new, strict=True)
        ]

    def _merged(self, keys: Ints, columns: Sequence[Column]) -> _Kept:
        order = np.argsort(keys, kind="stable")  # two sorted runs: close to a merge
        sorted_keys = keys[order]
        firsts = np.flatnonzero(np.diff(sorted_keys, prepend=np.int64(-1)) != 0)
        found = tuple(
            _ONE_OF[field.how].reduceat(column[order], firsts).astype(field.dtype)
            if len(firsts)
            else column
            for field, column in zip(self.fields, columns, strict=True)
        )
        return _Kept(sorted_keys[firsts], found, {})


_ONE_OF: Mapping[How, Any] = {"min": np.minimum, "max": np.maximum, "sum": np.add}
