"""Lots of units in the books of accounts, and how they are taken and shared; compiled (section 5
of `docs/reference/trail.md`, REQ-39).

A lot holds few of a case's claims, so its units are a chain of *cells* in one pool, by claim.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from qalqan.trail.index.wide import apportion

TAINT_FIRST, LIFO, PRO_RATA, FIFO = range(4)
"""Positions in `semantics.RULES`."""

TOP, UNUSED, CELLS_LEFT, LOTS = range(4)
"""Fields of a pool's `state`: cells ever used, the chain of those given back, how many can still
be had; and the number of lots."""

BUNDLE, CARRIED = range(2)
"""Both sums of units in the making: what a payer gives at once, and what one payment carries."""


class Pool(NamedTuple):
    """Cells: claim, units, next cell or -1."""

    claim: Any
    units: Any
    after: Any
    state: Any


class Sums(NamedTuple):
    """Units by claim while they are summed up; room for sharing."""

    units: Any
    """(2, claims)."""
    listed: Any
    """(2, claims): which claims have units, in order."""
    own: Any
    n: Any
    weights: Any
    parts: Any
    rests: Any


class Books(NamedTuple):
    """The books of the followed accounts, and all lots."""

    oldest: Any
    newest: Any
    stolen: Any
    """Account → units of claims in its book."""
    lot_cells: Any
    lot_stolen: Any
    lot_own: Any
    older: Any
    newer: Any


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def put(pool: Pool, heads: Any, i: int, claim: int, units: int) -> None:
    """Add units to the chain heads[i], which stands in the order of claims."""
    before, cell = -1, heads[i]
    while cell >= 0 and pool.claim[cell] < claim:
        before, cell = cell, pool.after[cell]
    if cell >= 0 and pool.claim[cell] == claim:
        pool.units[cell] += units
        return
    new = pool.state[UNUSED]
    if new >= 0:
        pool.state[UNUSED] = pool.after[new]
    else:
        new = pool.state[TOP]
        pool.state[TOP] += 1
    pool.state[CELLS_LEFT] -= 1
    pool.claim[new], pool.units[new], pool.after[new] = claim, units, cell
    if before < 0:
        heads[i] = new
    else:
        pool.after[before] = new


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def swept(pool: Pool, heads: Any, i: int) -> None:
    """Give back the cells of heads[i] that hold nothing."""
    before, cell = -1, heads[i]
    while cell >= 0:
        following = pool.after[cell]
        if pool.units[cell] == 0:
            if before < 0:
                heads[i] = following
            else:
                pool.after[before] = following
            pool.after[cell] = pool.state[UNUSED]
            pool.state[UNUSED] = cell
            pool.state[CELLS_LEFT] += 1
        else:
            before = cell
        cell = following


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def gain(sums: Sums, which: int, claim: int, units: int) -> None:
    """Add units of a claim to one of the sums."""
    if units == 0:
        return
    if sums.units[which, claim] == 0:
        i = sums.n[which]
        while i > 0 and sums.listed[which, i - 1] > claim:
            sums.listed[which, i] = sums.listed[which, i - 1]
            i -= 1
        sums.listed[which, i] = claim
        sums.n[which] += 1
    sums.units[which, claim] += units


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def emptied(sums: Sums, which: int) -> None:
    """Start a sum anew."""
    for i in range(sums.n[which]):
        sums.units[which, sums.listed[which, i]] = 0
    sums.n[which] = 0
    sums.own[which] = 0


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def split_cells(
    pool: Pool, heads: Any, at: int, units: int, whole: int, own: int, mine: Any, sums: Sums,
    which: int,
) -> int:  # fmt: skip
    """Take units out of the chain heads[at] into a sum, in proportion to its cells (those of
    `mine`, if that is told) and to `own` units; returns how many of the own ones.

    `whole` is what all of them hold, `units` at most that.
    """
    n, cell = 0, heads[at]
    while cell >= 0:
        if len(mine) == 0 or mine[pool.claim[cell]]:
            sums.weights[n] = pool.units[cell]
            n += 1
        cell = pool.after[cell]
    sums.weights[n] = own
    if units == whole:
        for i in range(n + 1):
            sums.parts[i] = sums.weights[i]
    else:
        apportion(units, whole, n + 1, sums.weights, sums.parts, sums.rests)
    i, cell, some_empty = 0, heads[at], False
    while cell >= 0:
        if len(mine) == 0 or mine[pool.claim[cell]]:
            pool.units[cell] -= sums.parts[i]
            some_empty = some_empty or pool.units[cell] == 0
            gain(sums, which, pool.claim[cell], sums.parts[i])
            i += 1
        cell = pool.after[cell]
    if some_empty:
        swept(pool, heads, at)
    return np.int64(sums.parts[n])


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def _take_of_lot(
    pool: Pool, books: Books, account: int, lot: int, units: int, with_own: bool, all_: Any,
    sums: Sums,
) -> None:  # fmt: skip
    """Take units out of one lot into the bundle: of all in it, or of the stolen alone."""
    stolen = books.lot_stolen[lot]
    own = books.lot_own[lot] if with_own else 0
    if stolen == 0:
        from_own = units
    else:
        from_own = split_cells(
            pool, books.lot_cells, lot, units, stolen + own, own, all_, sums, BUNDLE
        )
    books.lot_own[lot] -= from_own
    books.lot_stolen[lot] -= units - from_own
    books.stolen[account] -= units - from_own
    sums.own[BUNDLE] += from_own


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def take(
    rule: int, pool: Pool, books: Books, account: int, units: int, all_: Any, sums: Sums
) -> None:
    """Take a sum out of an account's book by the rule: the bundle is of exactly this sum."""
    left = units
    if rule in (TAINT_FIRST, PRO_RATA):
        lot = books.oldest[account]
        there = books.lot_stolen[lot]
        if rule == PRO_RATA:
            there += books.lot_own[lot]
        part = min(left, there)
        if part:
            _take_of_lot(pool, books, account, lot, part, rule == PRO_RATA, all_, sums)
        left -= part
    while left and rule in (LIFO, FIFO):
        lot = books.newest[account] if rule == LIFO else books.oldest[account]
        if lot < 0:
            break
        there = books.lot_stolen[lot] + books.lot_own[lot]
        part = min(left, there)
        if part:
            _take_of_lot(pool, books, account, lot, part, True, all_, sums)
        left -= part
        if part == there:
            other = books.older[lot] if rule == LIFO else books.newer[lot]
            if rule == LIFO:
                books.newest[account] = other
            else:
                books.oldest[account] = other
            if other < 0:
                books.newest[account], books.oldest[account] = -1, -1
            elif rule == LIFO:
                books.newer[other] = -1
            else:
                books.older[other] = -1
    sums.own[BUNDLE] += left


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def take_of(
    rule: int, pool: Pool, books: Books, account: int, units: int, mine: Any, sums: Sums
) -> int:
    """Take units of these claims alone, at most so many, into what is carried; how many."""
    left, lot = units, books.newest[account] if rule == LIFO else books.oldest[account]
    while lot >= 0 and left and books.stolen[account]:
        there, cell = 0, books.lot_cells[lot]
        while cell >= 0:
            if mine[pool.claim[cell]]:
                there += pool.units[cell]
            cell = pool.after[cell]
        part = min(left, there)
        if part:
            split_cells(pool, books.lot_cells, lot, part, there, np.int64(0), mine, sums, CARRIED)
            books.lot_stolen[lot] -= part
            books.stolen[account] -= part
            left -= part
        lot = books.older[lot] if rule == LIFO else books.newer[lot]
    return units - left


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def take_own(rule: int, books: Books, account: int, units: int) -> None:
    """Own units leave with a root, as far as there are any."""
    left, lot = units, books.newest[account] if rule == LIFO else books.oldest[account]
    while lot >= 0 and left:
        part = min(left, books.lot_own[lot])
        books.lot_own[lot] -= part
        left -= part
        lot = books.older[lot] if rule == LIFO else books.newer[lot]


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def put_lot(
    rule: int, pool: Pool, books: Books, account: int, heads: Any, own: int, stolen: int
) -> None:
    """What arrived at once (cells of heads[account], and own units) is one lot of the book.

    Own money beside own money is one lot of own money, so that nobody's book grows without end.
    """
    lot = books.newest[account]
    pooled = rule in (TAINT_FIRST, PRO_RATA)
    if lot < 0 or not (pooled or (stolen == 0 and books.lot_stolen[lot] == 0)):
        lot = pool.state[LOTS]
        pool.state[LOTS] += 1
        books.lot_cells[lot], books.lot_stolen[lot], books.lot_own[lot] = -1, 0, 0
        books.older[lot], books.newer[lot] = books.newest[account], -1
        if books.newest[account] >= 0:
            books.newer[books.newest[account]] = lot
        else:
            books.oldest[account] = lot
        books.newest[account] = lot
    books.lot_stolen[lot] += stolen
    books.stolen[account] += stolen
    if rule != TAINT_FIRST:
        books.lot_own[lot] += own
    if books.lot_cells[lot] < 0:
        books.lot_cells[lot] = heads[account]
    else:
        cell = heads[account]
        while cell >= 0:
            put(pool, books.lot_cells, lot, pool.claim[cell], pool.units[cell])
            pool.units[cell] = 0
            cell = pool.after[cell]
        swept(pool, heads, account)
    heads[account] = -1
