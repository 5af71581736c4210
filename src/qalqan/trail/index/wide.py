"""Exact sharing of sums whose products need 128 bits; compiled (section 0 of
`docs/reference/trail.md`, REQ-39).

A sum may be 10^15 units and a share is sum · weight / whole, so products reach 10^33. They are
formed and divided in two halves of 64 bits: Knuth, The Art of Computer Programming 2, 4.3.1,
algorithm D for two digits of 32 bits (as in Warren, Hacker's Delight, 9-4).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qalqan.trail.index.kernels import inner, outer
from qalqan.trail.index.sorting import order_by

_32 = np.uint64(32)
_64 = np.uint64(64)
_ONE = np.uint64(1)
_LOW = np.uint64(0xFFFFFFFF)
_DIGIT = np.uint64(1 << 32)
_TOP = np.uint64(1 << 63)
_PLAIN = 9.0e18
"""Products below this fit 63 bits, whatever doubles round."""
_FEW = 1024
"""Up to so many comparisons the largest remainders are looked for one by one."""


@inner
def product(a: Any, b: Any) -> Any:
    """Both halves, high and low, of a product of two uint64."""
    a1, a0, b1, b0 = a >> _32, a & _LOW, b >> _32, b & _LOW
    low = a0 * b0
    middle = a1 * b0 + (low >> _32)
    other = a0 * b1 + (middle & _LOW)
    return a1 * b1 + (middle >> _32) + (other >> _32), (other << _32) | (low & _LOW)


@inner
def _digit(high: Any, next_digit: Any, v1: Any, v0: Any) -> Any:
    """One digit of a quotient by the normalised divisor v1·2^32 + v0."""
    q = high // v1
    rest = high - q * v1
    while q >= _DIGIT or q * v0 > ((rest << _32) | next_digit):
        q -= _ONE
        rest += v1
        if rest >= _DIGIT:
            break
    return q


@outer
def scaled(total: int, weight: int, whole: int) -> Any:
    """(total · weight) // whole and its remainder; 0 ≤ total, weight ≤ whole < 2^62."""
    if float(total) * float(weight) < _PLAIN:
        exact = total * weight
        q = exact // whole
        return q, exact - q * whole
    high, low = product(np.uint64(total), np.uint64(weight))
    v = np.uint64(whole)
    shift = np.uint64(0)
    while v & _TOP == 0:
        v <<= _ONE
        shift += _ONE
    if shift:
        high = (high << shift) | (low >> (_64 - shift))
        low <<= shift
    v1, v0 = v >> _32, v & _LOW
    q1 = _digit(high, low >> _32, v1, v0)
    rest = (high << _32) + (low >> _32) - q1 * v
    q0 = _digit(rest, low & _LOW, v1, v0)
    left = ((rest << _32) + (low & _LOW) - q0 * v) >> shift
    return np.int64((q1 << _32) + q0), np.int64(left)


@outer
def apportion(  # noqa: C901
    words: Any, total: int, whole: int, n: int, weights: int, parts: int, rests: int
) -> None:
    """`model.money.apportion` of `total` by n weights, which sum to `whole`, into n parts; all
    stand in `words` from these places on, `rests` is room for n more. 0 ≤ total ≤ whole."""
    if total >= whole:
        for i in range(n):
            words[parts + i] = words[weights + i]
        return
    left = total
    for i in range(n):
        words[parts + i], words[rests + i] = scaled(total, words[weights + i], whole)
        left -= words[parts + i]
    if left * n <= _FEW:
        for _ in range(left):
            best = 0
            for i in range(1, n):
                if words[rests + i] > words[rests + best]:
                    best = i
            words[parts + best] += 1
            words[rests + best] = -1
        return
    for i in range(n):
        words[rests + i] = whole - words[rests + i]
    by_rest = order_by(words[rests : rests + n], n)
    for i in range(left):
        words[parts + by_rest[i]] += 1
