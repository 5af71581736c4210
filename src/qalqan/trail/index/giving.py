"""What a payer gives: bundles, what goes back to victims, what refunds undo; compiled (section 5 of
`docs/reference/trail.md`, REQ-39).

A kernel longer than thirty lines: what its parts share would be passed about by the dozen.
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
    CLAIMS,
    HOP,
    LAST_US,
    LISTED,
    OFFERS,
    ROOM,
    SUM_OWN,
    TOP,
    UNITS,
    N,
    empty,
    gain,
    put,
    split,
    take,
    take_of,
)
from qalqan.trail.index.moves import (
    HERE,
    UNKNOWN,
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
def held_in(words: Any, head: int) -> Any:
    """Units in a chain."""
    units, cell = np.int64(0), words[head]
    while cell:
        units += words[cell + UNITS]
        cell = words[cell + AFTER]
    return units


@inner
def undo(words: Any, move: int) -> None:
    """What a refund or return takes back of what its payee had paid to its payer."""
    pair, left, carried = words[move + UNDOES], words[move + AMOUNT], words[CARRIED]
    while left and words[pair]:
        before = words[pair]
        whole = held_in(words, before + LEG)
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
def give(  # noqa: C901
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
            rest -= held_in(words, move + UNDONE)
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
            rest -= held_in(words, move + UNDONE)
        if words[move + RETURNED]:
            repaid = held_in(words, move + RETURNED)
            rest -= repaid
            split(words, move + RETURNED, repaid, repaid, NONE, NONE, carried)
        if words[bundle + N]:
            _share(words, rest, whole)
            whole -= rest
        _deliver(words, move, since_us)
    empty(words, bundle)
    return True
