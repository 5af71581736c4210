"""What the index tells of the accounts a trail follows: `trail.around` (REQ-44, 90)."""

from __future__ import annotations

import numpy as np

from qalqan.trail.around import Around, Newest, booked
from qalqan.trail.body import Trail
from qalqan.trail.index.columns import NO_BALANCE
from qalqan.trail.index.decoding import decoded
from qalqan.trail.index.facts import Facts
from qalqan.trail.index.gather import PLACE_BITS, facts_at
from qalqan.trail.index.pool import View
from qalqan.trail.index.runfile import Array
from qalqan.trail.index.store import Index
from qalqan.trail.transfers import joined


def around(index: Index, trail: Trail) -> Around:
    """All that is told of the accounts that a trail follows, as known at its seal."""
    floor_us = min(root.at_us for root in trail.roots) - trail.policy.lookback_us
    view = index.view(trail.currency, floor_us, trail.as_of_us, trail.seal)
    names = sorted(trail.hops)
    places = view.places(np.array(view.account_codes(names), np.int64))
    facts = decoded(view, Facts(*facts_at(view.pool.table, places)))
    newest = Newest()
    for fact, balance in zip(facts, _balances(view, places), strict=True):
        if balance != NO_BALANCE:
            newest.beside(fact, balance)
    newest.closing(view.statements(names))
    transfers = joined(facts, trail.policy.match_window_us)
    return Around(transfers, newest.told, booked(facts))


def _balances(view: View, places: Array) -> list[int]:
    """What is told beside each fact."""
    found = np.full(len(places), NO_BALANCE, np.int64)
    of_run, rows = places >> PLACE_BITS, places & ((1 << PLACE_BITS) - 1)
    for number, run in enumerate(view.pool.runs):
        if len(run["balance"]):
            mine = of_run == number
            found[mine] = run["balance"][rows[mine]]
    told: list[int] = found.tolist()
    return told
