"""Facts joined one to one into transfers, compiled: section 2 of `docs/reference/trail.md`.

Equal to `qalqan.trail.transfers`, over rows instead of objects (REQ-39).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from qalqan.trail.index.nearest import BY_ACCOUNTS, BY_REFERENCE, BY_UETR, pair_nearest
from qalqan.trail.index.rows import (
    ALONE,
    AMOUNT,
    AT,
    END,
    END_LOW,
    ID_FROM,
    ID_TO,
    ONE_SIDED,
    PARTNER,
    PAYEE,
    PAYER,
    SECOND,
    SIDE,
    UETR,
    UETR_LOW,
    Gathered,
)
from qalqan.trail.index.sorting import comes_before

FEW = 64
"""So many candidate pairs are tried one with another."""

_FOREVER = 1 << 62


@njit(cache=True, error_model="numpy")
def _key(rows: Any, row: int, step: int) -> Any:
    """What both sides must have in common; the last part is 0 where there is nothing."""
    if step == BY_UETR:
        told = rows[UETR, row] != 0 or rows[UETR_LOW, row] != 0
        return rows[UETR, row], rows[UETR_LOW, row], np.int64(told)
    if step == BY_REFERENCE:
        told = rows[END, row] != 0 or rows[END_LOW, row] != 0
        return rows[END, row], rows[END_LOW, row], (rows[PAYER, row] + 1) * told
    told = rows[PAYER, row] >= 0 and rows[PAYEE, row] >= 0
    return rows[PAYER, row], rows[PAYEE, row], rows[AMOUNT, row] * told


@njit(cache=True, error_model="numpy")
def may_be_one(rows: Any, p: int, q: int, step: int, window: int) -> bool:
    """Whether two rows of the same key may tell one payment."""
    same_payee = rows[PAYEE, p] == rows[PAYEE, q]
    if step == BY_UETR:
        same_payer = rows[PAYER, p] >= 0 and rows[PAYER, p] == rows[PAYER, q]
        return bool(same_payer or (same_payee and rows[PAYEE, p] >= 0))
    if abs(rows[AT, p] - rows[AT, q]) > window:
        return False
    of_p = rows[UETR, p] != 0 or rows[UETR_LOW, p] != 0
    of_q = rows[UETR, q] != 0 or rows[UETR_LOW, q] != 0
    same = rows[UETR, p] == rows[UETR, q] and rows[UETR_LOW, p] == rows[UETR_LOW, q]
    if of_p and of_q and not same:
        return False
    return bool(step == BY_ACCOUNTS or same_payee or rows[PAYEE, p] < 0 or rows[PAYEE, q] < 0)


@njit(cache=True, error_model="numpy")
def _pair_few(
    rows: Any, ids: Any, lefts: Any, rights: Any, step: int, window: int, mate: Any
) -> None:
    """Greedy pairs of few: the best of all free candidates, again and again."""
    while True:
        best_p, best_q, distance = -1, -1, np.int64(0)
        for p in lefts:
            for q in rights:
                if mate[p] >= 0 or mate[q] >= 0 or not may_be_one(rows, p, q, step, window):
                    continue
                apart = abs(rows[AT, p] - rows[AT, q])
                if best_p >= 0 and apart > distance:
                    continue
                if best_p >= 0 and apart == distance:
                    a, b = (p, best_p) if p != best_p else (q, best_q)
                    if not comes_before(
                        ids, rows[ID_FROM, a], rows[ID_TO, a], rows[ID_FROM, b], rows[ID_TO, b]
                    ):
                        continue
                best_p, best_q, distance = p, q, apart
        if best_p < 0:
            return
        mate[best_p], mate[best_q] = best_q, best_p


@njit(cache=True, error_model="numpy")
def _grouped(
    rows: Any,
    sides: Any,
    step: int,
    slots: Any,
    keys: Any,
    groups: int,
    heads: Any,
    following: Any,
    new: bool,
) -> int:
    """Chain the free rows of each key; those of no known key only if `new`; how many keys."""
    mask = len(slots) - 1
    for i in range(len(sides) - 1, -1, -1):
        row = sides[i]
        a, b, c = _key(rows, row, step)
        if c == 0:
            continue
        place = ((a * 31 + b) * 31 + c) * 0x9E3779B97F4A7C1 >> 20 & mask
        while True:
            group = slots[place] - 1
            if group < 0 or (keys[0, group] == a and keys[1, group] == b and keys[2, group] == c):
                break
            place = (place + 1) & mask
        if group < 0:
            if not new:
                continue
            group = groups
            keys[0, group], keys[1, group], keys[2, group] = a, b, c
            slots[place] = group + 1
            groups += 1
        following[i] = heads[group]
        heads[group] = i
    return groups


@njit(cache=True, error_model="numpy")
def _listed(sides: Any, first: int, following: Any, room: Any) -> int:
    n = 0
    while first >= 0:
        room[n] = sides[first]
        first = following[first]
        n += 1
    return n


@njit(cache=True, error_model="numpy")
def pair(
    rows: Any, ids: Any, lefts: Any, rights: Any, step: int, window: int, mate: Any, few: int
) -> None:
    """One step of section 2 over free rows: write the pairs into `mate` (row → row)."""
    size = 16
    while size < 2 * len(rights):
        size *= 2
    slots, keys = np.zeros(size, np.int64), np.empty((3, len(rights)), np.int64)
    heads = np.full((2, len(rights)), -1, np.int64)
    after_left, after_right = np.empty(len(lefts), np.int64), np.empty(len(rights), np.int64)
    groups = _grouped(rows, rights, step, slots, keys, 0, heads[1], after_right, True)
    _grouped(rows, lefts, step, slots, keys, groups, heads[0], after_left, False)
    some_left, some_right = np.empty(len(lefts), np.int64), np.empty(len(rights), np.int64)
    if step == BY_UETR:
        window = _FOREVER
    for group in range(groups):
        if heads[0, group] < 0:
            continue
        n = _listed(lefts, heads[0, group], after_left, some_left)
        m = _listed(rights, heads[1, group], after_right, some_right)
        if n * m <= few:
            _pair_few(rows, ids, some_left[:n], some_right[:m], step, window, mate)
        else:
            pair_nearest(rows, ids, some_left[:n], some_right[:m], step, window, mate)


@njit(cache=True, error_model="numpy")
def _free(rows: Any, first: int, last: int, side: int, mate: Any) -> Any:
    found = np.empty(last - first, np.int64)
    n = 0
    for row in range(first, last):
        if rows[SIDE, row] == side and mate[row] < 0:
            found[n] = row
            n += 1
    return found[:n]


@njit(cache=True, error_model="numpy")
def join(held: Gathered, n_roots: int, window: int, few: int) -> None:
    """Write each fact's partner: afterwards rows whose PARTNER is not `SECOND` are transfers."""
    n = held.counts[0]
    rows = held.rows
    if held.counts[ONE_SIDED] == 0:
        return
    mate = np.full(n, -1, np.int64)
    for step in (BY_UETR, BY_REFERENCE, BY_ACCOUNTS):
        lefts, rights = _free(rows, n_roots, n, 0, mate), _free(rows, n_roots, n, 1, mate)
        if len(lefts) and len(rights):
            pair(rows, held.ids, lefts, rights, step, window, mate, few)
    for row in range(n_roots, n):
        if mate[row] < 0:
            rows[PARTNER, row] = ALONE
        else:
            rows[PARTNER, row] = mate[row] if rows[SIDE, row] == 0 else SECOND
