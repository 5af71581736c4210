"""Greedy pairs of many alike facts, nearest in time first, in nearly linear time; compiled.

Section 2 of `docs/reference/trail.md` sorts *all* candidate pairs, which for n payments of one
shop in one second would be n². Whether two sides may be one payment depends only on a few of
their fields, so candidates fall into *chains* in each of which every left side may be joined to
every right side (a side may stand in several chains). In one chain the nearest free pair always
stands at one moment or at two neighbouring ones, so only neighbours wait in the heap (REQ-39).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qalqan.trail.index.joins import (
    BY_ACCOUNTS,
    BY_REFERENCE,
    BY_UETR,
    FEW,
    FOREVER,
    alike,
    free_rows,
    pair_few,
    tell_partners,
    without_mates,
)
from qalqan.trail.index.kernels import inner, outer
from qalqan.trail.index.reading import bare
from qalqan.trail.index.rooted import near_roots, tell_roots
from qalqan.trail.index.rows import (
    ACCOUNTS,
    AT,
    ID_FROM,
    ID_TO,
    PAYEE,
    PAYER,
    ROOT_SIDE,
    ROWS,
    UETR,
    UETR_LOW,
    Gathered,
    lent,
)
from qalqan.trail.index.sorting import order_by, sort_by_id

_NONE, _GONE = -1, -2
"""Beside the numbers of sites: no neighbour, and taken out."""


@inner
def _chains(rows: Any, row: int, left: bool, step: int, found: Any) -> int:  # noqa: C901
    """Numbers of the chains that a side stands in, into `found`; how many."""
    payer, payee = rows[PAYER, row], rows[PAYEE, row]
    if step == BY_UETR:
        n = 0
        for account, kind in ((payer, 0), (payee, 1)):
            if account >= 0:
                found[n] = 2 * account + kind
                n += 1
        return n
    # no two different UETRs: left without × any right, left with × right without
    has_uetr = rows[UETR, row] != 0 or rows[UETR_LOW, row] != 0
    of_uetr = (has_uetr, has_uetr) if left else (False, not has_uetr)
    # no two different payees: left without × any, left with × right without, both with the same
    of_payee = (0, 0) if step == BY_ACCOUNTS else (1, 2 + payee)
    if step == BY_REFERENCE and payee < 0:
        of_payee = (0, 0) if left else (0, 1)
    elif step == BY_REFERENCE and not left:
        of_payee = (0, 2 + payee)
    n = 0
    for i in range(2):
        for j in range(2):
            if (i == 0 or of_payee[1] != of_payee[0]) and (j == 0 or of_uetr[1] != of_uetr[0]):
                found[n] = 2 * of_payee[i] + of_uetr[j]
                n += 1
    return n


@inner
def _before(heap: Any, i: int, j: int) -> Any:
    for field in range(3):
        if heap[field, i] != heap[field, j]:
            return bool(heap[field, i] < heap[field, j])
    return False


@inner
def _swap(heap: Any, i: int, j: int) -> None:
    for field in range(5):
        heap[field, i], heap[field, j] = heap[field, j], heap[field, i]


@inner
def _head(first: Any, last: Any, site: int, sides: Any, free: Any) -> Any:
    """Rank of the first free side of a site, -1 if none is left."""
    while first[site] < last[site]:
        rank = sides[first[site]]
        if free[rank]:
            return np.int64(rank)
        first[site] += 1
    return -1


@inner
def _is_empty(ends: Any, site: int, sides: Any, free: Any) -> Any:
    left = _head(ends[0], ends[1], site, sides, free)
    return left < 0 and _head(ends[2], ends[3], site, sides, free) < 0


@inner
def _closed_up(site: int, before: Any, after: Any, ends: Any, sides: Any, free: Any) -> Any:
    """Take an empty site and its empty neighbours out of the chain: who stands side by side now.

    Sites are emptied from other chains, too, without a word to this one.
    """
    one, other = before[site], after[site]
    before[site], after[site] = _GONE, _GONE
    while one >= 0 and _is_empty(ends, one, sides, free):
        further = before[one]
        before[one], after[one] = _GONE, _GONE
        one = further
    while other >= 0 and _is_empty(ends, other, sides, free):
        further = after[other]
        before[other], after[other] = _GONE, _GONE
        other = further
    if one >= 0:
        after[one] = other
    if other >= 0:
        before[other] = one
    return one, other


@inner
def _offer(
    a: int, b: int, at: Any, ends: Any, sides: Any, free: Any, window: int, heap: Any, size: int
) -> int:
    """Put the nearest free pair of two neighbouring sites on the heap, if there is one."""
    if a < 0 or b < 0 or at[b] - at[a] > window:
        return size
    best_left, best_right = -1, -1
    for here, there in ((a, b), (b, a)):
        left = _head(ends[0], ends[1], here, sides, free)
        right = _head(ends[2], ends[3], there, sides, free)
        if left < 0 or right < 0:
            continue
        if best_left < 0 or left < best_left or (left == best_left and right < best_right):
            best_left, best_right = left, right
    if best_left < 0:
        return size
    heap[0, size], heap[1, size], heap[2, size] = at[b] - at[a], best_left, best_right
    heap[3, size], heap[4, size] = a, b
    i = size
    while i > 0 and _before(heap, i, (i - 1) // 2):
        _swap(heap, i, (i - 1) // 2)
        i = (i - 1) // 2
    return size + 1


@inner
def _popped(heap: Any, size: int) -> int:
    """Move the least to the end; the new size."""
    size -= 1
    _swap(heap, 0, size)
    i = 0
    while True:
        least, child = i, 2 * i + 1
        for other in (child, child + 1):
            if other < size and _before(heap, other, least):
                least = other
        if least == i:
            return size
        _swap(heap, i, least)
        i = least


@inner
def _sites(rows: Any, ids: Any, lefts: Any, rights: Any, step: int) -> Any:  # noqa: C901
    """Ranked sides (lefts first, each by id), and the moments of all chains: chain, time, and
    where in `sides` their lefts and rights begin and end."""
    n_left, n = len(lefts), len(lefts) + len(rights)
    ranked = np.empty(n, np.int64)
    for i in range(n):
        ranked[i] = lefts[i] if i < n_left else rights[i - n_left]
    sort_by_id(ranked, 0, n_left, ids, rows[ID_FROM], rows[ID_TO])
    sort_by_id(ranked, n_left, n, ids, rows[ID_FROM], rows[ID_TO])
    entries = np.empty((3, 4 * n), np.int64)  # chain, time, rank
    found = np.empty(4, np.int64)
    m = np.int64(0)
    for rank in range(n):
        for i in range(_chains(rows, ranked[rank], rank < n_left, step, found)):
            entries[0, m], entries[1, m] = found[i], rows[AT, ranked[rank]]
            entries[2, m] = rank
            m += 1
    by_time = order_by(entries[1], m)
    chains = np.empty(m, np.int64)
    for i in range(m):
        chains[i] = entries[0, by_time[i]]
    by_chain = order_by(chains, m)
    sides = np.empty(m, np.int64)
    chain, at = np.empty(m, np.int64), np.empty(m, np.int64)
    ends = np.empty((4, m), np.int64)
    sites = 0
    for place in range(m):
        entry = by_time[by_chain[place]]
        rank = entries[2, entry]
        sides[place] = rank
        new = sites == 0 or chain[sites - 1] != entries[0, entry]
        if new or at[sites - 1] != entries[1, entry]:
            chain[sites], at[sites] = entries[0, entry], entries[1, entry]
            for end in range(4):
                ends[end, sites] = place
            sites += 1
        ends[3, sites - 1] = place + 1
        if rank < n_left:
            ends[1, sites - 1], ends[2, sites - 1] = place + 1, place + 1
    return ranked, sides, chain[:sites], at[:sites], ends


@inner
def pair_nearest(  # noqa: C901
    rows: Any, ids: Any, lefts: Any, rights: Any, step: int, window: int, mate: Any
) -> None:
    """Write into `mate` (row → row) the greedy pairs by (distance in time, left id, right id)."""
    ranked, sides, chain, at, ends = _sites(rows, ids, lefts, rights, step)
    sites = len(at)
    free = np.empty(len(ranked), np.bool_)
    for rank in range(len(ranked)):
        free[rank] = True
    before, after = np.empty(sites, np.int64), np.empty(sites, np.int64)
    heap = np.empty((5, 4 * sites + 16), np.int64)
    size = np.int64(0)
    for site in range(sites):
        before[site] = site - 1 if site > 0 and chain[site - 1] == chain[site] else _NONE
        after[site] = site + 1 if site + 1 < sites and chain[site + 1] == chain[site] else _NONE
    for site in range(sites):
        size = _offer(site, site, at, ends, sides, free, window, heap, size)
        size = _offer(site, after[site], at, ends, sides, free, window, heap, size)
    while size:
        size = _popped(heap, size)
        left, right, a, b = heap[1, size], heap[2, size], heap[3, size], heap[4, size]
        if free[left] and free[right] and (a == b or after[a] == b):
            mate[ranked[left]], mate[ranked[right]] = ranked[right], ranked[left]
            free[left], free[right] = False, False
        if a == b or after[a] == b:
            size = _offer(a, b, at, ends, sides, free, window, heap, size)
        for site in (a, b):
            if before[site] != _GONE and _is_empty(ends, site, sides, free):
                one, other = _closed_up(site, before, after, ends, sides, free)
                size = _offer(one, other, at, ends, sides, free, window, heap, size)


@inner
def _pair_many(
    rows: Any, ids: Any, lefts: Any, rights: Any, step: int, window: int, mate: Any, few: int
) -> None:
    found = alike(rows, lefts, rights, step)
    left, right = 0, 0
    for group in range(found.ends.shape[1]):
        some_left = found.lefts[left : found.ends[0, group]]
        some_right = found.rights[right : found.ends[1, group]]
        if len(some_left) * len(some_right) > few:
            apart = FOREVER if step == BY_UETR else window
            pair_nearest(rows, ids, some_left, some_right, step, apart, mate)
        else:
            pair_few(rows, ids, some_left, some_right, step, window, mate)
        left, right = found.ends[0, group], found.ends[1, group]


@outer
def join_many(held: Gathered, window: int, few: int = FEW) -> None:
    """As `joins.join_few`, however many are alike; compiled only when somebody needs it."""
    held = lent(held)
    n, rows = held.counts[ROWS], held.rows
    payer_side, payee_side = np.int64(0), np.int64(1)
    mates = without_mates(n)
    mate = bare(mates)
    for step in range(3):
        lefts = free_rows(rows, n, payer_side, mate)
        rights = free_rows(rows, n, payee_side, mate)
        _pair_many(rows, held.ids, lefts, rights, step, window, mate, few)
    tell_partners(rows, n, mates)
    told, were = near_roots(rows, n, held.counts[ACCOUNTS])
    mate = without_mates(len(were))
    root_side = np.int64(ROOT_SIDE)
    for step in range(0, 3, 2):
        lefts = free_rows(told, len(were), root_side, mate)
        rights = free_rows(told, len(were), payer_side, mate)
        _pair_many(told, held.ids, lefts, rights, step, window, mate, few)
    tell_roots(rows, were, mate)
