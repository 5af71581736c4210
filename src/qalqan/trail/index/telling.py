"""What one rule has found, out of its words; compiled (section 9 of `docs/reference/trail.md`,
REQ-39)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from qalqan.trail.index.giving import (
    ENDING,
    LEG,
    MOVE,
    OFFER,
    OFFER_NEXT,
    OFFER_WORDS,
    RETURNED,
)
from qalqan.trail.index.kernels import inner
from qalqan.trail.index.lots import (
    ACCOUNT,
    AFTER,
    BOOKED,
    BUNDLE,
    CELL,
    CELLS,
    CLAIM,
    CLAIMS,
    LISTED,
    NEWER,
    NUMBER,
    OFFERS,
    OLDEST,
    RECEIVED,
    TOP,
    UNITS,
    N,
    empty,
    gain,
)
from qalqan.trail.index.moves import (
    RETURNED as RETURNED_EXIT,
)


class Layout(NamedTuple):
    """Where the records of each kind begin among the words."""

    accounts: int
    offers: int
    pairs: int
    moves: int
    end: int
    """Where free space begins."""


@inner
def _grown(table: Any, n: int, more: int) -> Any:
    """The table with room for so many more columns behind its first n."""
    if n + more <= table.shape[1]:
        return table
    larger = np.empty((table.shape[0], 2 * (n + more)), np.int64)
    for field in range(table.shape[0]):
        for i in range(n):
            larger[field, i] = table[field, i]
    return larger


@inner
def tell_legs(words: Any, rule: int, at: Layout, legs: Any, n: int) -> Any:
    """Add what payments carried where: rule, move, exit, claim, units."""
    legs = _grown(legs, n, (words[TOP] - at.end) // CELL)
    for move in range(at.moves, at.end, MOVE):
        for head in range(move + LEG, move + RETURNED + 1):
            cell = words[head]
            while cell:
                legs[0, n], legs[1, n] = rule, (move - at.moves) // MOVE
                legs[2, n] = words[move + ENDING] if head == move + LEG else RETURNED_EXIT
                legs[3, n], legs[4, n] = words[cell + CLAIM], words[cell + UNITS]
                n += 1
                cell = words[cell + AFTER]
    return legs, n


@inner
def tell_received(words: Any, rule: int, at: Layout, received: Any, n: int) -> Any:
    """Add what accounts received: rule, account, claim, units."""
    received = _grown(received, n, (words[TOP] - at.end) // CELL)
    for account in range(at.accounts, at.offers, ACCOUNT):
        cell = words[account + RECEIVED]
        while cell:
            received[0, n], received[1, n] = rule, words[account + NUMBER]
            received[2, n], received[3, n] = words[cell + CLAIM], words[cell + UNITS]
            n += 1
            cell = words[cell + AFTER]
    return received, n


@inner
def tell_here(words: Any, rule: int, at: Layout, here: Any, n: int) -> Any:
    """Add what is still in the books: rule, account, claim, units."""
    here = _grown(here, n, (words[TOP] - at.end) // CELL)
    bundle = words[BUNDLE]
    by_claim = bundle + LISTED + words[CLAIMS]
    for account in range(at.accounts, at.offers, ACCOUNT):
        lot = words[account + OLDEST] if words[account + BOOKED] else 0
        while lot:
            cell = words[lot + CELLS]
            while cell:
                gain(words, bundle, words[cell + CLAIM], words[cell + UNITS])
                cell = words[cell + AFTER]
            lot = words[lot + NEWER]
        for i in range(words[bundle + N]):
            claim = words[bundle + LISTED + i]
            here[0, n], here[1, n] = rule, words[account + NUMBER]
            here[2, n], here[3, n] = claim, words[by_claim + claim]
            n += 1
        empty(words, bundle)
    return here, n


@inner
def tell_offers(words: Any, at: Layout, least: Any, enough: Any, offered: Any, n: int) -> int:
    """Mark the accounts worth following under this rule; how many there are by now."""
    to = words[OFFERS]
    while to:
        account, cell = (to - at.offers) // OFFER_WORDS, words[to + OFFER]
        while cell and not enough[account]:
            if words[cell + UNITS] >= least[words[cell + CLAIM]]:
                enough[account] = True
                offered[n] = account
                n += 1
            cell = words[cell + AFTER]
        words[to + OFFER] = 0
        to = words[to + OFFER_NEXT]
    return n
