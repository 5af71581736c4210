"""How many units of each claim sit where, under one rule; compiled (sections 3, 5 and 6 of
`docs/reference/trail.md`, REQ-39, REQ-92).

Equal to `qalqan.trail.attribution` to the unit, over words instead of objects (see `lots`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qalqan.trail.index.kernels import NONE, inner
from qalqan.trail.index.lots import (
    AFTER,
    BOOKED,
    BUNDLE,
    CARRIED,
    CELL,
    CLAIM,
    CLAIMS,
    COMING,
    COMING_OWN,
    COMING_STOLEN,
    FIRST_US,
    FLOW,
    HOP,
    LAST_US,
    LISTED,
    NUMBER,
    OFFERS,
    RECEIVED,
    RECEIVERS,
    ROOM,
    SUM_OWN,
    TOP,
    UNITS,
    WAITING,
    N,
    empty,
    gain,
    new_cell,
    put,
    put_lot,
    split,
    take,
    take_of,
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
    UNKNOWN,
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
from qalqan.trail.index.wide import apportion

(
    AT_US, DUE_US, AMOUNT, EXIT, PAYER, PAYEE, OFFERED, MINE, UNDOES, UNDONE_BY, ENDING, LEG,
    RETURNED, UNDONE, GONE_BEFORE,
) = range(15)  # fmt: skip
"""Words of a move: when it leaves and arrives, its sum, its exit by itself or -1; its payer and
payee, if followed, and the payee's offers else; marks of the claims that it repays; the pair whose
payments it undoes and by whose refunds it may be undone. Then what happened: the exit of what it
carried (`HERE`, `NOWHERE`); chains of what it carried there, of what it brought back to a victim,
of what it took back as a refund; the move before it that may be undone."""
MOVE = 15

NOWHERE = -1

OFFER, OFFER_HOP, OFFER_NEXT = range(3)
"""Words of an account that is not followed: chain of units paid to it in time; the smallest hop of
those who did, under any rule; the next such account."""
OFFER_WORDS = 3


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
def _arrive(words: Any, move: int) -> None:
    """A payment arrives: what it carried, what it took back as a refund, the rest own money."""
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
    _comes(words, account, words[move + AMOUNT] - stolen, stolen)


@inner
def _held(words: Any, head: int) -> Any:
    """Units in a chain."""
    units, cell = np.int64(0), words[head]
    while cell:
        units += words[cell + UNITS]
        cell = words[cell + AFTER]
    return units


@inner
def _undo(words: Any, move: int) -> None:
    """What a refund or return takes back of what its payee had paid to its payer."""
    pair, left, carried = words[move + UNDOES], words[move + AMOUNT], words[CARRIED]
    while left and words[pair]:
        before = words[pair]
        whole = _held(words, before + LEG)
        part = min(left, whole)
        if part:
            split(words, before + LEG, part, whole, NONE, NONE, carried)
        left -= part
        if part == whole:
            words[pair] = words[before + GONE_BEFORE]
    by_claim = carried + LISTED + words[CLAIMS]
    for i in range(words[carried + N]):
        claim = words[carried + LISTED + i]
        put(words, move + UNDONE, claim, words[by_claim + claim])
    empty(words, carried)


@inner
def _offer(words: Any, move: int, claim: int, units: int) -> None:
    """Units were paid in time to an account that is not followed."""
    to, hop = words[move + OFFERED], words[words[move + PAYER] + HOP]
    if words[to + OFFER] == 0:
        words[to + OFFER_NEXT], words[OFFERS] = words[OFFERS], to
    if words[to + OFFER_HOP] == 0 or hop < words[to + OFFER_HOP]:
        words[to + OFFER_HOP] = hop
    put(words, to + OFFER, claim, units)


@inner
def _deliver(words: Any, move: int, since_us: int) -> None:
    """Write down where the units that a payment carries go."""
    carried, mine, ending = words[CARRIED], words[move + MINE], words[move + EXIT]
    if words[carried + N] == 0:
        return
    offered = False
    if ending >= 0:
        mine = 0
    else:
        in_time = words[words[move + PAYER] + LAST_US] >= since_us
        ending = HERE if in_time and words[move + PAYEE] else UNKNOWN
        offered = in_time and ending == UNKNOWN
    by_claim = carried + LISTED + words[CLAIMS]
    for i in range(words[carried + N]):
        claim = words[carried + LISTED + i]
        units = words[by_claim + claim]
        if mine and words[mine + claim]:
            put(words, move + RETURNED, claim, units)
            continue
        put(words, move + LEG, claim, units)
        if offered:
            _offer(words, move, claim, units)
    empty(words, carried)
    pair = words[move + UNDONE_BY]
    if words[move + LEG]:
        words[move + ENDING] = ending
        if pair and ending != HERE:
            words[move + GONE_BEFORE], words[pair] = words[pair], move


@inner
def _share(words: Any, amount: int, left: int) -> None:
    """`apportion(amount, what is left of the bundle)` is carried by one payment; `left` is all
    that is left of the bundle."""
    bundle, carried = words[BUNDLE], words[CARRIED]
    by_claim, n = bundle + LISTED + words[CLAIMS], words[bundle + N]
    weights = words[ROOM]
    parts = weights + words[CLAIMS] + 1
    for i in range(n):
        words[weights + i] = words[by_claim + words[bundle + LISTED + i]]
    words[weights + n] = words[bundle + SUM_OWN]
    apportion(words, amount, left, n + 1, weights, parts, parts + words[CLAIMS] + 1)
    kept = bundle + LISTED
    for i in range(n):
        claim = words[bundle + LISTED + i]
        words[by_claim + claim] -= words[parts + i]
        gain(words, carried, claim, words[parts + i])
        if words[by_claim + claim]:
            words[kept] = claim
            kept += 1
    words[bundle + SUM_OWN] -= words[parts + n]
    words[bundle + N] = kept - bundle - LISTED


@inner
def _give(  # noqa: C901
    words: Any, rule: int, entries: Any, first: int, last: int, moves: int, since_us: int,
    spare: int,
) -> bool:  # fmt: skip
    """All payments of one payer that settle at once; False if space has run out."""
    payer = words[moves + (entries[first] >> 3) * MOVE + PAYER]
    bundle, carried = words[BUNDLE], words[CARRIED]
    by_claim = bundle + LISTED + words[CLAIMS]
    whole, alone = np.int64(0), last == first + 1
    # Repaid first, all in the order of their ids. What each was repaid waits in its chain.
    for i in range(first, last):
        move = moves + (entries[i] >> 3) * MOVE
        rest = words[move + AMOUNT]
        if words[move + UNDONE]:
            rest -= _held(words, move + UNDONE)
        if words[move + MINE] and words[payer + BOOKED]:
            if words[TOP] + spare > len(words):
                return False
            rest -= take_of(words, rule, payer, rest, words[move + MINE])
            if not alone:
                for j in range(words[carried + N]):
                    claim = words[carried + LISTED + j]
                    units = words[carried + LISTED + words[CLAIMS] + claim]
                    put(words, move + RETURNED, claim, units)
                empty(words, carried)
        whole += rest
    take(words, rule, payer, whole)
    if alone:
        for i in range(words[bundle + N]):
            claim = words[bundle + LISTED + i]
            gain(words, carried, claim, words[by_claim + claim])
        _deliver(words, moves + (entries[first] >> 3) * MOVE, since_us)
        empty(words, bundle)
        return True
    for i in range(first, last):
        if words[TOP] + spare > len(words):
            return False
        move = moves + (entries[i] >> 3) * MOVE
        rest = words[move + AMOUNT]
        if words[move + UNDONE]:
            rest -= _held(words, move + UNDONE)
        if words[move + RETURNED]:
            repaid = _held(words, move + RETURNED)
            rest -= repaid
            split(words, move + RETURNED, repaid, repaid, NONE, NONE, carried)
        if words[bundle + N]:
            _share(words, rest, whole)
            whole -= rest
        _deliver(words, move, since_us)
    empty(words, bundle)
    return True


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
                if words[payer + FIRST_US] >= 0 and rule != 0:
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
                _arrive(words, moves + number * MOVE)
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
                _undo(words, move)
        first = i
        while first < last:
            payer, end = words[moves + (entries[first] >> 3) * MOVE + PAYER], first + 1
            if payer:
                while end < last and words[moves + (entries[end] >> 3) * MOVE + PAYER] == payer:
                    end += 1
                if words[payer + FIRST_US] >= 0:
                    if not _give(words, rule, entries, first, end, moves, now - window_us, spare):
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
                _arrive(words, move)
        if not _receive(words, rule, now, floor_us, statements, followed, spare):
            return False
        i = last
    return True
