"""Cases of exercises are drawn from their seed alone."""

from __future__ import annotations

import pytest

from qalqan.simulate.training.drawn import case_of
from qalqan.simulate.training.rules import edition, rule


@pytest.mark.parametrize("seed", range(12))
def test_every_case_is_worth_working(seed: int) -> None:
    case = case_of(seed)
    case_of.cache_clear()
    assert case_of(seed) == case
    assert len(case.world.claims) == 1
    assert case.claim.amount >= case.could >= 0.4 * case.claim.amount
    assert case.reported_us > case.claim.at_us


def test_every_rule_has_a_source() -> None:
    from qalqan.simulate.training.rules import _body

    assert edition() == "1"
    for part in ("follow", "judge"):
        for name, entry in _body()[part].items():
            assert entry["source"]
            assert rule(f"{part}.{name}") == entry["value"]
