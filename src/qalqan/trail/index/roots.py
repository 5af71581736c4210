"""The facts that may tell a root's own payment, where one bank tells both sides of all facts near
it (section 2 of `docs/reference/trail.md`, REQ-39).

A kernel longer than thirty lines: what its parts share would be passed about by the dozen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qalqan.trail.index.kernels import inner, outer
from qalqan.trail.index.reading import (
    BY_PAYEE,
    BY_PAYER,
    FIRST_US,
    IN,
    IN_AT,
    IN_ROW,
    LAST_US,
    ONE_SIDED,
    OUT,
    SEAL,
    UETR,
    WORDS,
    half_at,
    not_before,
    span,
    word_at,
)


@outer
def roots_at(  # noqa: C901
    table: Any, payers: Any, payees: Any, times: Any, sums: Any, uetrs: Any, match_us: int,
    floor_us: int, until_us: int, sealed: int,
) -> Any:  # fmt: skip
    """Facts that may tell a root's own payment: whether that is decided by them alone, then
    (root, step, distance in time, place) of each.

    A root without a UETR is told within the match window; further away, only facts that are told
    by one side could leave it open.
    """
    found: Any = np.empty((16, 4), np.int64)
    count, one_sided = 0, False
    for run in range(len(table)):
        one_sided |= table[run, ONE_SIDED] != 0
    for root in range(len(payers)):
        has_uetr = uetrs[root, 0] != 0 or uetrs[root, 1] != 0
        first_us, last_us = floor_us, until_us
        if not has_uetr and not one_sided:
            first_us = max(first_us, times[root] - match_us)
            last_us = min(last_us, times[root] + match_us)
        for run in range(len(table)):
            words, seals = table[run, WORDS], table[run, SEAL]
            rows, in_at = table[run, IN_ROW], table[run, IN_AT]
            if table[run, FIRST_US] > until_us or table[run, LAST_US] < floor_us:
                continue
            low, high = span(table, run, IN, payees[root])
            low = not_before(
                in_at, BY_PAYEE, low, high, first_us, table[run, FIRST_US], table[run, LAST_US]
            )
            for place in range(low, high):
                if word_at(in_at, place) > last_us:
                    break
                row = half_at(rows, place)
                here = words + 32 * row
                if word_at(seals, row) > sealed:
                    continue
                if word_at(here, 3) & 3 != 2:
                    return False, found[:0]
                payer = (word_at(here, 2) >> 32) & 0xFFFFFFFF
                if payer == payees[root]:
                    continue
                apart = abs(word_at(here, 0) - times[root])
                told, same = _uetr_of(table, run, row, uetrs[root])
                alike = payer == payers[root] and word_at(here, 1) == sums[root]
                alike &= apart <= match_us and not (told and has_uetr and not same)
                for step in range(2):
                    if (same, alike)[step]:
                        if count == len(found):
                            found = np.concatenate((found, np.empty((count, 4), np.int64)))
                        found[count, 0], found[count, 1] = root, step
                        found[count, 2], found[count, 3] = apart, run << 40 | row
                        count += 1
            if not has_uetr or payers[root] < 0:
                continue
            low, high = span(table, run, OUT, payers[root])
            low = not_before(
                words, BY_PAYER, low, high, floor_us, table[run, FIRST_US], table[run, LAST_US]
            )
            for row in range(low, high):
                here = words + 32 * row
                if word_at(here, 0) > until_us:
                    break
                payee = word_at(here, 2) & 0xFFFFFFFF
                if payee != payees[root] and word_at(seals, row) <= sealed:
                    _, same = _uetr_of(table, run, row, uetrs[root])
                    if same:  # known only once its payee, or this payer, is reached
                        return False, found[:0]
    return True, found[:count]


@inner
def _uetr_of(table: Any, run: int, row: int, asked: Any) -> Any:
    """Whether a fact has a UETR, and whether it is this one."""
    if not table[run, UETR]:
        return False, False
    high = np.uint64(word_at(table[run, UETR], 2 * row))
    low = np.uint64(word_at(table[run, UETR], 2 * row + 1))
    told = high != 0 or low != 0
    return told, told and high == asked[0] and low == asked[1]
