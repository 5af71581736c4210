"""How many units of each claim sit where, under one rule; compiled (sections 3, 5 and 6 of
`docs/reference/trail.md`, REQ-39, REQ-92).

Equal to `qalqan.trail.attribution` to the unit, over words instead of objects (see `lots`).

A kernel longer than thirty lines: what its parts share would be passed about by the dozen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qalqan.trail.index.giving import (
    AMOUNT,
    AT_US,
    DUE_US,
    ENDING,
    LEG,
    MOVE,
    PAYEE,
    PAYER,
    UNDOES,
    UNDONE,
    give,
    undo,
)
from qalqan.trail.index.kernels import NONE, inner
from qalqan.trail.index.lots import (
    AFTER,
    BOOKED,
    CELL,
    CLAIM,
    CLAIMS,
    COMING,
    COMING_OWN,
    COMING_STOLEN,
    FIRST_US,
    FLOW,
    LAST_US,
    NUMBER,
    RECEIVED,
    RECEIVERS,
    TAINT_FIRST,
    TOP,
    UNITS,
    WAITING,
    new_cell,
    put,
    put_lot,
    take_own,
)
from qalqan.trail.index.moves import (
    ACCOUNT_NO,
    BEST,
    FROM_US,
    HAS_OPENING,
    HERE,
    OPENING,
    TO_US,
)
from qalqan.trail.index.order import (
    LEAVES,
    R_ARRIVED,
    R_LEFT,
    R_PAID,
    R_SUM,
    ROOT_ARRIVES,
    ROOT_LEAVES,
)


@inner
def _note(words: Any, account: int, now: int, units: int) -> None:
    """Keep what an opening balance has to be corrected by."""
    if words[account + FLOW] >= 0 and words[account + FIRST_US] < 0:
        words[account + FLOW] = new_cell(words, now, units, words[account + FLOW])


@inner
def _balance_before(
    words: Any, account: int, now: int, floor_us: int, statements: Any, followed: Any
) -> Any:
    """Own money at the first stolen unit, as far as a statement tells; else 0."""
    best = -1
    for s in range(statements.shape[1]):
        if (
            followed[statements[ACCOUNT_NO, s]] == words[account + NUMBER]
            and statements[HAS_OPENING, s]
            and floor_us <= statements[FROM_US, s] <= now <= statements[TO_US, s]
            and (best < 0 or statements[BEST, s] < statements[BEST, best])
        ):
            best = s
    if best < 0:
        return np.int64(0)
    units, flow = statements[OPENING, best], words[account + FLOW]
    while flow:
        if words[flow + CLAIM] >= statements[FROM_US, best]:
            units += words[flow + UNITS]
        flow = words[flow + AFTER]
    return max(np.int64(0), units)


@inner
def _receive(
    words: Any, rule: int, now: int, floor_us: int, statements: Any, followed: Any, spare: int
) -> bool:
    """What arrives at one account at once is one lot; the first stolen one opens its book. False
    if space has run out."""
    account = words[RECEIVERS]
    while account > 0:
        if words[TOP] + spare > len(words):
            return False
        own, stolen = words[account + COMING_OWN], words[account + COMING_STOLEN]
        cells = words[account + COMING]
        if stolen:
            if words[account + FIRST_US] < 0:
                opening = np.int64(0)
                if words[account + FLOW] >= 0:
                    opening = _balance_before(words, account, now, floor_us, statements, followed)
                words[account + FIRST_US] = now
                put_lot(words, rule, account, NONE, opening, NONE)
            words[account + LAST_US] = now
        if words[account + FIRST_US] >= 0:
            put_lot(words, rule, account, cells, own, stolen)
        else:
            _note(words, account, now, own)
        words[account + COMING_OWN], words[account + COMING_STOLEN] = 0, 0
        words[account + COMING] = 0
        following = words[account + WAITING]
        words[account + WAITING] = 0
        account = following
    words[RECEIVERS] = -1
    return True


@inner
def _comes(words: Any, account: int, own: int, stolen: int) -> None:
    """Something arrives at a followed account at this instant."""
    words[account + COMING_OWN] += own
    words[account + COMING_STOLEN] += stolen
    if words[account + WAITING] == 0:
        words[account + WAITING] = words[RECEIVERS]
        words[RECEIVERS] = account


@inner
def _arrive(words: Any, rule: int, move: int) -> None:
    """A payment arrives: what it carried, what it took back as a refund, the rest own money, at
    which taint-first never looks."""
    account, stolen = words[move + PAYEE], np.int64(0)
    if words[move + ENDING] == HERE:
        cell = words[move + LEG]
        while cell:
            put(words, account + RECEIVED, words[cell + CLAIM], words[cell + UNITS])
            put(words, account + COMING, words[cell + CLAIM], words[cell + UNITS])
            stolen += words[cell + UNITS]
            cell = words[cell + AFTER]
    cell = words[move + UNDONE]
    while cell:
        put(words, account + COMING, words[cell + CLAIM], words[cell + UNITS])
        stolen += words[cell + UNITS]
        cell = words[cell + AFTER]
    if stolen or rule != TAINT_FIRST:
        _comes(words, account, words[move + AMOUNT] - stolen, stolen)


@inner
def settle(  # noqa: C901
    words: Any, rule: int, entries: Any, roots: Any, root_places: Any, moves: int, floor_us: int,
    window_us: int, statements: Any, followed: Any,
) -> bool:  # fmt: skip
    """Settle everything in order under one rule; False if space has run out.

    Longer than other functions: it is the loop that all time goes into.
    """
    i, spare = NONE, 8 * CELL * (words[CLAIMS] + 4)
    while i < len(entries):
        number, kind, ends = entries[i] >> 3, entries[i] >> 1 & 3, entries[i] & 1
        if words[TOP] + spare > len(words):
            return False
        if kind == ROOT_LEAVES:
            payer = root_places[0, number]
            if payer:
                _note(words, payer, roots[R_LEFT, number], -roots[R_PAID, number])
                if words[payer + FIRST_US] >= 0 and rule != TAINT_FIRST:
                    take_own(words, rule, payer, roots[R_PAID, number])
            i += 1
            continue
        if kind != LEAVES:
            if kind == ROOT_ARRIVES:
                now, account = roots[R_ARRIVED, number], root_places[1, number]
                amount, claim = roots[R_SUM, number], root_places[2, number]
                put(words, account + RECEIVED, claim, amount)
                put(words, account + COMING, claim, amount)
                _comes(words, account, max(np.int64(0), roots[R_PAID, number] - amount), amount)
            else:
                now = words[moves + number * MOVE + DUE_US]
                _arrive(words, rule, moves + number * MOVE)
            if ends and not _receive(words, rule, now, floor_us, statements, followed, spare):
                return False
            i += 1
            continue
        now, last = words[moves + number * MOVE + AT_US], i + 1
        while entries[last - 1] & 1 == 0:
            last += 1
        for j in range(i, last):
            move = moves + (entries[j] >> 3) * MOVE
            if words[move + UNDOES]:
                if words[TOP] + spare > len(words):
                    return False
                undo(words, move)
        first = i
        while first < last:
            payer, end = words[moves + (entries[first] >> 3) * MOVE + PAYER], first + 1
            if payer:
                while end < last and words[moves + (entries[end] >> 3) * MOVE + PAYER] == payer:
                    end += 1
                if rule == TAINT_FIRST and words[payer + BOOKED] == 0:
                    pass  # there is nothing to take
                elif words[payer + FIRST_US] >= 0:
                    if not give(words, rule, entries, first, end, moves, now - window_us, spare):
                        return False
                elif words[payer + FLOW] >= 0:
                    if words[TOP] + spare + CELL * (end - first) > len(words):
                        return False
                    for j in range(first, end):
                        units = words[moves + (entries[j] >> 3) * MOVE + AMOUNT]
                        _note(words, payer, now, -units)
            first = end
        for j in range(i, last):
            move = moves + (entries[j] >> 3) * MOVE
            if words[move + PAYEE] and words[move + DUE_US] == now:
                if words[TOP] + spare > len(words):
                    return False
                _arrive(words, rule, move)
        if not _receive(words, rule, now, floor_us, statements, followed, spare):
            return False
        i = last
    return True
