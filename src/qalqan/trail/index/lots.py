"""Lots of units in the books of accounts, and how they are taken and shared; compiled (section 5
of `docs/reference/trail.md`, REQ-39).

All that a rule keeps lies in one array of *words*, and a record is named by its place there (0:
none): a compiled function that is handed one array is several times faster than one that is
handed twenty. A lot holds few of a case's claims, so its units are a chain of *cells*, by claim.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qalqan.trail.index.kernels import NONE, inner
from qalqan.trail.index.wide import apportion

TAINT_FIRST, LIFO, PRO_RATA, FIFO = range(4)
"""Positions in `semantics.RULES`."""

TOP, UNUSED, RECEIVERS, OFFERS, CLAIMS, BUNDLE, CARRIED, ROOM = range(1, 9)
"""The first words: where free space begins; chain of cells given back; chains of accounts at which
something arrives, and that were offered units; how many claims; the two sums in the making (what a
payer gives at once, what one payment carries); room for sharing."""

CLAIM, UNITS, AFTER = range(3)
"""Words of a cell."""
CELL = 3

CELLS, STOLEN, OWN, OLDER, NEWER = range(5)
"""Words of a lot: its chain of cells, units of claims and own units in it, its neighbours."""
LOT = 5

(
    OLDEST, NEWEST, BOOKED, FIRST_US, LAST_US, RECEIVED, COMING, COMING_OWN, COMING_STOLEN, WAITING,
    FLOW, HOP, NUMBER,
) = range(13)  # fmt: skip
"""Words of a followed account: its lots, and units of claims in all of them; when stolen units
arrived first and last (-1: never); chain of what it received, and of what arrives at once; whether
it waits for that, and the next who waits; its flows while its book is not open (-1: it has no
opening balance); its hop and its number."""
ACCOUNT = 13

N, SUM_OWN, LISTED = range(3)
"""Words of a sum: how many claims have units in it, own units; then which claims, in order; then
units by claim."""


@inner
def new_cell(words: Any, claim: int, units: int, after: int) -> Any:
    """A cell; callers have seen to it that there is space."""
    cell = words[UNUSED]
    if cell:
        words[UNUSED] = words[cell + AFTER]
    else:
        cell = words[TOP]
        words[TOP] += CELL
    words[cell + CLAIM], words[cell + UNITS], words[cell + AFTER] = claim, units, after
    return np.int64(cell)


@inner
def put(words: Any, head: int, claim: int, units: int) -> None:
    """Add units to the chain whose first cell is told at `head`, in the order of claims."""
    place = head
    cell = words[place]
    while cell and words[cell + CLAIM] < claim:
        place = cell + AFTER
        cell = words[place]
    if cell and words[cell + CLAIM] == claim:
        words[cell + UNITS] += units
    else:
        words[place] = new_cell(words, claim, units, cell)


@inner
def sweep(words: Any, head: int) -> None:
    """Give back the cells of a chain that hold nothing."""
    place = head
    cell = words[place]
    while cell:
        after = words[cell + AFTER]
        if words[cell + UNITS] == 0:
            words[place] = after
            words[cell + AFTER], words[UNUSED] = words[UNUSED], cell
        else:
            place = cell + AFTER
        cell = after


@inner
def gain(words: Any, total: int, claim: int, units: int) -> None:
    """Add units of a claim to one of the sums."""
    if units == 0:
        return
    by_claim = total + LISTED + words[CLAIMS]
    if words[by_claim + claim] == 0:
        i = total + LISTED + words[total + N]
        while i > total + LISTED and words[i - 1] > claim:
            words[i] = words[i - 1]
            i -= 1
        words[i] = claim
        words[total + N] += 1
    words[by_claim + claim] += units


@inner
def empty(words: Any, total: int) -> None:
    """Start a sum anew."""
    by_claim = total + LISTED + words[CLAIMS]
    for i in range(words[total + N]):
        words[by_claim + words[total + LISTED + i]] = 0
    words[total + N], words[total + SUM_OWN] = 0, 0


@inner
def split(words: Any, head: int, units: int, whole: int, own: int, mine: int, total: int) -> Any:
    """Take units out of a chain into a sum, in proportion to its cells (those of the claims marked
    from `mine` on, if that is told) and to `own` units; returns how many of the own ones.

    `whole` is what all of them hold, `units` at most that.
    """
    n, cell = 0, words[head]
    weights = words[ROOM]
    while cell:
        if mine == 0 or words[mine + words[cell + CLAIM]]:
            words[weights + n] = words[cell + UNITS]
            n += 1
        cell = words[cell + AFTER]
    words[weights + n] = own
    parts = weights + words[CLAIMS] + 1
    apportion(words, units, whole, n + 1, weights, parts, parts + words[CLAIMS] + 1)
    part, cell, some_empty = parts, words[head], False
    while cell:
        if mine == 0 or words[mine + words[cell + CLAIM]]:
            words[cell + UNITS] -= words[part]
            some_empty = some_empty or words[cell + UNITS] == 0
            gain(words, total, words[cell + CLAIM], words[part])
            part += 1
        cell = words[cell + AFTER]
    if some_empty:
        sweep(words, head)
    return np.int64(words[part])


@inner
def take(words: Any, rule: int, account: int, units: int) -> None:
    """Take a sum out of an account's book by the rule: the bundle is of exactly this sum."""
    left = units
    bundle = words[BUNDLE]
    end = NEWEST if rule == LIFO else OLDEST
    while left:
        lot = words[account + end]
        if lot == 0:
            break
        stolen, own = words[lot + STOLEN], words[lot + OWN]
        if rule == TAINT_FIRST:
            own = 0
        part: Any = min(left, stolen + own)
        from_own = part
        if stolen and part:
            from_own = split(words, lot + CELLS, part, stolen + own, own, NONE, bundle)
        words[lot + OWN] -= from_own
        words[lot + STOLEN] -= part - from_own
        words[account + BOOKED] -= part - from_own
        words[bundle + SUM_OWN] += from_own
        left -= part
        if rule in (TAINT_FIRST, PRO_RATA):
            break
        if part == stolen + own:
            other = words[lot + (OLDER if rule == LIFO else NEWER)]
            words[account + end] = other
            if other == 0:
                words[account + OLDEST], words[account + NEWEST] = 0, 0
            else:
                words[other + (NEWER if rule == LIFO else OLDER)] = 0
    words[bundle + SUM_OWN] += left


@inner
def take_of(words: Any, rule: int, account: int, units: int, mine: int) -> int:
    """Take units of the claims marked from `mine` on alone, at most so many, into what is carried;
    how many."""
    left = units
    lot = words[account + (NEWEST if rule == LIFO else OLDEST)]
    while lot and left and words[account + BOOKED]:
        cell, there = words[lot + CELLS], np.int64(0)
        while cell:
            if words[mine + words[cell + CLAIM]]:
                there += words[cell + UNITS]
            cell = words[cell + AFTER]
        part: Any = min(left, there)
        if part:
            split(words, lot + CELLS, part, there, NONE, mine, words[CARRIED])
            words[lot + STOLEN] -= part
            words[account + BOOKED] -= part
            left -= part
        lot = words[lot + (OLDER if rule == LIFO else NEWER)]
    return units - left


@inner
def take_own(words: Any, rule: int, account: int, units: int) -> None:
    """Own units leave with a root, as far as there are any."""
    left = units
    lot = words[account + (NEWEST if rule == LIFO else OLDEST)]
    while lot and left:
        part = min(left, words[lot + OWN])
        words[lot + OWN] -= part
        left -= part
        lot = words[lot + (OLDER if rule == LIFO else NEWER)]


@inner
def put_lot(words: Any, rule: int, account: int, cells: int, own: int, stolen: int) -> None:
    """What arrived at once, a chain of cells and own units, is one lot of the book.

    Own money beside own money is one lot of own money, so that nobody's book grows without end.
    """
    lot = words[account + NEWEST]
    pooled = rule in (TAINT_FIRST, PRO_RATA)
    if lot == 0 or not (pooled or (stolen == 0 and words[lot + STOLEN] == 0)):
        before, lot = lot, words[TOP]
        words[TOP] += LOT
        words[lot + CELLS], words[lot + STOLEN], words[lot + OWN] = 0, 0, 0
        words[lot + OLDER], words[lot + NEWER] = before, 0
        words[before + NEWER if before else account + OLDEST] = lot
        words[account + NEWEST] = lot
    words[lot + STOLEN] += stolen
    words[account + BOOKED] += stolen
    if rule != TAINT_FIRST:
        words[lot + OWN] += own
    if words[lot + CELLS] == 0:
        words[lot + CELLS] = cells
        return
    while cells:
        put(words, lot + CELLS, words[cells + CLAIM], words[cells + UNITS])
        after = words[cells + AFTER]
        words[cells + AFTER], words[UNUSED] = words[UNUSED], cells
        cells = after
