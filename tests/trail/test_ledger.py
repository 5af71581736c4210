"""A ledger that is kept from question to question answers as a new one does."""

from __future__ import annotations

from typing import Any

from qalqan.trail import document, follow
from qalqan.trail.ledger import Ledgers


def test_a_kept_ledger_changes_no_answer(trail_lake: Any) -> None:
    ledgers = Ledgers(trail_lake.engine)
    for seal in (6, 7, 8):
        for seed, asked in enumerate(trail_lake.questions[:40]):
            roots, policy, as_of_us, home_banks = asked.rest
            floor_us = min(root.at_us for root in roots) - policy.lookback_us
            ledger = ledgers.at(roots[0].currency, floor_us, seal)
            terms = (trail_lake.engine, roots, policy, as_of_us, seal, home_banks)
            assert document(follow(*terms, ledger)) == document(follow(*terms)), (seed, seal)
