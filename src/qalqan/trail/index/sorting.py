"""Sorting of row numbers by whole numbers and by ids, in linear or nearly linear time; compiled.

Numba's own sorts take seconds to compile and compare through an index; keys here are times and
small numbers, for which counting digits is faster (Knuth, The Art of Computer Programming 3,
5.2.5).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qalqan.trail.index.kernels import inner

_BITS = 11
_FEW = 48
"""Up to here insertion is faster than counting."""


@inner
def order_by(keys: Any, n: int) -> Any:  # noqa: C901
    """Positions of the first n keys (not negative) in their order; equal ones stay in theirs."""
    order = np.empty(n, np.int64)
    for i in range(n):
        order[i] = i
    if n <= _FEW:
        for i in range(1, n):
            row, key, j = order[i], keys[order[i]], i - 1
            while j >= 0 and keys[order[j]] > key:
                order[j + 1] = order[j]
                j -= 1
            order[j + 1] = row
        return order
    least, most = keys[0], keys[0]
    for i in range(n):
        least, most = min(least, keys[i]), max(most, keys[i])
    spare = np.empty(n, np.int64)
    starts = np.empty((1 << _BITS) + 1, np.int64)
    shift = 0
    while shift < 63 and (most - least) >> shift > 0:
        for digit in range(len(starts)):
            starts[digit] = 0
        for i in range(n):
            starts[(((keys[i] - least) >> shift) & ((1 << _BITS) - 1)) + 1] += 1
        for digit in range(1 << _BITS):
            starts[digit + 1] += starts[digit]
        for i in range(n):
            digit = ((keys[order[i]] - least) >> shift) & ((1 << _BITS) - 1)
            spare[starts[digit]] = order[i]
            starts[digit] += 1
        order, spare = spare, order
        shift += _BITS
    return order


@inner
def comes_before(ids: Any, from_a: int, to_a: int, from_b: int, to_b: int) -> bool:
    """Whether the text a stands before the text b, byte by byte."""
    common = min(to_a - from_a, to_b - from_b)
    for i in range(common):
        if ids[from_a + i] != ids[from_b + i]:
            return bool(ids[from_a + i] < ids[from_b + i])
    return to_a - from_a < to_b - from_b


@inner
def sort_by_id(rows: Any, first: int, last: int, ids: Any, id_from: Any, id_to: Any) -> None:  # noqa: C901
    """Put rows[first:last] in the order of their texts (merging runs of doubled length)."""
    n = last - first
    if n < 2:
        return
    source, target = np.empty(n, np.int64), np.empty(n, np.int64)
    for i in range(n):
        source[i] = rows[first + i]
    width = 1
    while width < n:
        for low in range(0, n, 2 * width):
            middle, high = min(low + width, n), min(low + 2 * width, n)
            i, j = low, middle
            for place in range(low, high):
                take_left = j >= high
                if not take_left and i < middle:
                    a, b = source[i], source[j]
                    take_left = not comes_before(ids, id_from[b], id_to[b], id_from[a], id_to[a])
                if take_left:
                    target[place] = source[i]
                    i += 1
                else:
                    target[place] = source[j]
                    j += 1
        source, target = target, source
        width *= 2
    for i in range(n):
        rows[first + i] = source[i]
