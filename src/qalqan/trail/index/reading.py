"""Runs as compiled loops see them: a table of addresses, one line a run (REQ-39).

Any number of runs is one argument of one type, so kernels are compiled once and a call costs
nothing. Whoever holds a table must hold the runs it was made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import carray, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from qalqan.trail.index.kernels import inner
from qalqan.trail.index.runfile import Array, Mapped

WORDS, SEAL, UETR, END_TO_END, ID_AT, IDS = range(6)
OUT_CODES, OUT_FROM, OUT_SIEVE, OUT_LISTED, OUT_ACCOUNTS, OUT_SHIFT = range(6, 12)
IN_CODES, IN_FROM, IN_SIEVE, IN_LISTED, IN_ACCOUNTS, IN_SHIFT = range(12, 18)
IN_ROW, IN_AT, ROWS, INCOMING, MOST_SEAL, FIRST_US, LAST_US = range(18, 25)
ONE_SIDED, UNNAMED, HASH_HIGH, HASH_LOW, HASHED, NEW, WIDTH = range(25, 32)
OUT, IN = np.int64(OUT_CODES), np.int64(IN_CODES)
"""Where the directory of payers, or of payees, begins in a line."""
BY_PAYER, BY_PAYEE = np.int64(4), np.int64(1)
"""How many words of 64 bits the time of each payment lies behind that of the one before."""


def table_of(runs: Sequence[Mapped]) -> Array:
    """One line a run: addresses of its columns, and what is true of all its facts."""
    table = np.zeros((len(runs), WIDTH), np.int64)
    for line, run in zip(table, runs, strict=True):
        told = run.told
        for place, name in (
            (WORDS, "words"), (SEAL, "seal"), (UETR, "uetr"), (END_TO_END, "end_to_end"),
            (ID_AT, "id_at"), (IDS, "ids"), (IN_ROW, "in_row"), (IN_AT, "in_at"),
            (HASH_HIGH, "hash_high"), (HASH_LOW, "hash_low"), (HASHED, "hashed"),
        ):  # fmt: skip
            line[place] = _address(run[name])
        for side, name in ((OUT, "out"), (IN, "in")):
            codes, offsets, sieve = (run[f"{name}_{c}"] for c in ("codes", "from", "sieve"))
            line[side : side + 3] = _address(codes), _address(offsets), _address(sieve)
            shift = 64 - (len(sieve).bit_length() + 5) if len(sieve) else 0
            line[side + 3 : side + 6] = len(codes), len(offsets) - 1, shift
        line[NEW] = len(run["hashed"])
        line[ROWS : UNNAMED + 1] = (
            told["rows"], len(run["in_row"]), told["most_seal"], told["first_us"],
            told["last_us"], told["one_sided"], told["unnamed"],
        )  # fmt: skip
    return table


def _address(values: Array) -> int:
    return int(values.__array_interface__["data"][0]) if values.size else 0


@intrinsic
def _pointer(context: Any, address: Any) -> Any:
    def built(ctx: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], cgutils.voidptr_t)

    return types.voidptr(address), built


def _loaded(width: int) -> Any:
    """Reads the whole number of so many bits at an address + place."""

    def typed(context: Any, address: Any, place: Any) -> Any:
        def built(ctx: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = builder.inttoptr(args[0], ir.IntType(width).as_pointer())
            value = builder.load(builder.gep(pointer, [args[1]]))
            return value if width == 64 else builder.zext(value, ir.IntType(64))

        return types.int64(types.int64, types.int64), built

    return typed


word_at = intrinsic(_loaded(64))
"""The 64-bit number at an address + 8 · place."""
half_at = intrinsic(_loaded(32))
"""The number without sign of 32 bits at an address + 4 · place."""


@njit(cache=True, inline="always")
def column(table: Any, run: int, place: int, n: int, dtype: Any) -> Any:
    """A column of `n` values."""
    return carray(_pointer(table[run, place]), (n,), dtype)


@inner
def bare(numbers: Any) -> Any:
    """The same numbers without the count of those who hold them, which every call of a function
    that is handed them would else count up and down. Arguments of a loop that Python calls are
    kept by their caller; what a loop has made itself it must use once more after the last use of
    these, for nothing else keeps it."""
    return carray(_pointer(numbers.ctypes.data), numbers.shape, numbers.dtype)


@inner
def span(table: Any, run: int, side: int, code: int) -> Any:
    """First and last + 1 of an account's facts in this run, as payer (`OUT`) or payee (`IN`)."""
    listed, offsets = table[run, side + 3], table[run, side + 1]
    if code < 0:
        return 0, 0
    if listed == 0:
        if code >= table[run, side + 4]:
            return 0, 0
        return half_at(offsets, code), half_at(offsets, code + 1)
    hashed = (np.uint64(code) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(table[run, side + 5])
    sieve = np.uint64(word_at(table[run, side + 2], np.int64(hashed >> np.uint64(6))))
    if not (sieve >> (hashed & np.uint64(63))) & np.uint64(1):
        return 0, 0
    codes = table[run, side]
    low, high = 0, listed
    while low < high:
        middle = (low + high) >> 1
        if half_at(codes, middle) < code:
            low = middle + 1
        else:
            high = middle
    if low == listed or half_at(codes, low) != code:
        return 0, 0
    return half_at(offsets, low), half_at(offsets, low + 1)


@inner
def not_before(times: Any, width: int, low: int, high: int, at_us: int, first_us: int,
               last_us: int) -> int:  # fmt: skip
    """The first row of `low … high` that is not before this time; of the rows' times, the first
    lies at this address, the others each `width` words further.

    Begins where the row would be if the run's payments lay evenly between its first and last
    moment: of an account with thousands of them, a search by halves would touch a dozen pages.
    """
    guess: Any = 0
    if high - low > 16:
        share = (at_us - first_us) / (last_us - first_us + 1)
        guess = low + np.int64(share * (high - low))
        guess = min(max(guess, low), high - 1)
        step = 4
        if word_at(times, guess * width) < at_us:
            low = guess + 1
            while low + step < high and word_at(times, (low + step) * width) < at_us:
                low += step + 1
                step *= 2
            high = min(high, low + step)
        else:
            high = guess
            while high - step > low and word_at(times, (high - step) * width) >= at_us:
                high -= step
                step *= 2
            low = max(low, high - step)
    while low < high:
        middle = (low + high) >> 1
        if word_at(times, middle * width) < at_us:
            low = middle + 1
        else:
            high = middle
    return low
