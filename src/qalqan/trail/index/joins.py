"""Facts joined one to one into transfers, compiled: section 2 of `docs/reference/trail.md`.

Equal to `qalqan.trail.transfers`, over rows instead of objects (REQ-39).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from qalqan.trail.index.kernels import NONE, inner, outer
from qalqan.trail.index.rooted import near_roots, tell_roots
from qalqan.trail.index.rows import (
    ACCOUNTS,
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
    ROOT_SIDE,
    ROWS,
    SECOND,
    SIDE,
    UETR,
    UETR_LOW,
    Gathered,
    lent,
)
from qalqan.trail.index.sorting import comes_before

BY_UETR, BY_REFERENCE, BY_ACCOUNTS = range(3)
"""The three steps of section 2."""

FEW = 64
"""So many candidate pairs are tried one with another."""

FOREVER = 1 << 62


@inner
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


@inner
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


@inner
def pair_few(  # noqa: C901
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


class Alike(NamedTuple):
    """Free rows of both sides that have the same key, group after group."""

    lefts: Any
    rights: Any
    ends: Any
    """(2, groups): where the rows of each group end."""


@inner
def _chained(
    rows: Any,
    sides: Any,
    step: int,
    slots: Any,
    keys: Any,
    groups: int,
    heads: Any,
    following: Any,
    most: int,
) -> int:
    """Chain the rows of each key; those of no known key only while fewer than `most` keys are
    known; how many are."""
    mask = len(slots) - 1
    for i in range(len(sides) - 1, -1, -1):
        a, b, c = _key(rows, sides[i], step)
        if c == 0:
            continue
        place = ((a * 31 + b) * 31 + c) * 0x9E3779B97F4A7C1 >> 20 & mask
        while True:
            group = slots[place] - 1
            if group < 0 or (keys[0, group] == a and keys[1, group] == b and keys[2, group] == c):
                break
            place = (place + 1) & mask
        if group < 0:
            if groups == most:
                continue
            group = groups
            keys[0, group], keys[1, group], keys[2, group] = a, b, c
            slots[place] = group + 1
            groups += 1
        following[i] = heads[group]
        heads[group] = i
    return groups


@inner
def alike(rows: Any, lefts: Any, rights: Any, step: int) -> Alike:
    """Groups of candidates of one step; rows that nobody may tell with are left out."""
    size = 16
    while size < 2 * len(rights):
        size *= 2
    slots, keys = np.zeros(size, np.int64), np.empty((3, len(rights)), np.int64)
    heads = np.empty((2, len(rights)), np.int64)
    for group in range(len(rights)):
        heads[0, group], heads[1, group] = -1, -1
    after_left, after_right = np.empty(len(lefts), np.int64), np.empty(len(rights), np.int64)
    most = len(rights)
    groups = _chained(rows, rights, step, slots, keys, NONE, heads[1], after_right, most)
    _chained(rows, lefts, step, slots, keys, groups, heads[0], after_left, groups)
    found_left, found_right = np.empty(len(lefts), np.int64), np.empty(len(rights), np.int64)
    ends = np.empty((2, groups), np.int64)
    n, m, both = 0, 0, 0
    for group in range(groups):
        if heads[0, group] < 0:
            continue
        i = heads[0, group]
        while i >= 0:
            found_left[n] = lefts[i]
            i, n = after_left[i], n + 1
        i = heads[1, group]
        while i >= 0:
            found_right[m] = rights[i]
            i, m = after_right[i], m + 1
        ends[0, both], ends[1, both] = n, m
        both += 1
    return Alike(found_left[:n], found_right[:m], ends[:, :both])


@inner
def _pair(
    rows: Any, ids: Any, lefts: Any, rights: Any, step: int, window: int, mate: Any, few: int
) -> bool:
    """One step of section 2 over free rows; False if some group is too large for it."""
    found = alike(rows, lefts, rights, step)
    left, right = 0, 0
    for group in range(found.ends.shape[1]):
        some_left = found.lefts[left : found.ends[0, group]]
        some_right = found.rights[right : found.ends[1, group]]
        if len(some_left) * len(some_right) > few:
            return False
        pair_few(rows, ids, some_left, some_right, step, window, mate)
        left, right = found.ends[0, group], found.ends[1, group]
    return True


@inner
def free_rows(rows: Any, n: int, side: int, mate: Any) -> Any:
    """Rows of one side that have no mate yet."""
    found = np.empty(n, np.int64)
    free = 0
    for row in range(n):
        if rows[SIDE, row] == side and mate[row] < 0:
            found[free] = row
            free += 1
    return found[:free]


@inner
def without_mates(n: int) -> Any:
    """Row → row for so many rows."""
    mate = np.empty(n, np.int64)
    for row in range(n):
        mate[row] = -1
    return mate


@inner
def tell_partners(rows: Any, n: int, mate: Any) -> None:
    """Write down who was joined: afterwards rows whose PARTNER is not `SECOND` are transfers."""
    for row in range(n):
        if rows[SIDE, row] < ROOT_SIDE:
            first = rows[SIDE, row] != 1
            rows[PARTNER, row] = mate[row] if mate[row] < 0 or first else SECOND


@outer
def join_few(held: Gathered, window: int, few: int) -> bool:
    """Join all facts, and roots to the transfers that tell them; False, and nothing written, if
    so many are alike that `nearest.join_many` has to do it."""
    held = lent(held)
    n, rows = held.counts[ROWS], held.rows
    payer_side, payee_side = np.int64(0), np.int64(1)
    if held.counts[ONE_SIDED]:
        mate = without_mates(n)
        for step in range(3):
            lefts = free_rows(rows, n, payer_side, mate)
            rights = free_rows(rows, n, payee_side, mate)
            if not _pair(rows, held.ids, lefts, rights, step, window, mate, few):
                return False
        tell_partners(rows, n, mate)
    told, were = near_roots(rows, n, held.counts[ACCOUNTS])
    mate = without_mates(len(were))
    root_side = np.int64(ROOT_SIDE)
    for step in range(0, 3, 2):
        lefts = free_rows(told, len(were), root_side, mate)
        rights = free_rows(told, len(were), payer_side, mate)
        if not _pair(told, held.ids, lefts, rights, step, window, mate, few):
            return False
    tell_roots(rows, were, mate)
    return True
