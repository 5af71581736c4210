"""REQ-44: what is there to hold, and how held money is shared among its victims."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.trail import document, follow
from qalqan.trail.holds import ranges, share_return
from qalqan.trail.semantics import RULES

units = st.dictionaries(st.sampled_from(["R1", "R2", "R3", "R4"]), st.integers(0, 10**15))


@given(st.integers(0, 10**16), units)
def test_held_money_is_shared_to_the_unit_and_nobody_gets_more_than_lies_there(
    held: int, claims: dict[str, int]
) -> None:
    parts = share_return(held, claims)
    assert sum(parts.values()) == min(held, sum(claims.values()))
    assert all(parts[claim] <= claims[claim] for claim in claims)
    assert share_return(held, dict(reversed(claims.items()))) == parts


def test_a_negative_sum_is_nobodys() -> None:
    with pytest.raises(ValueError, match="can't share"):
        share_return(-1, {"R1": 5})


def test_what_is_there_and_ranges_of_many_trails(trail_lake: Any) -> None:
    """What is there never exceeds the claim; each part lies within its range under every rule."""
    for asked in trail_lake.questions[:15]:
        roots, policy, as_of_us, home_banks = asked.rest
        found = document(follow(trail_lake.engine, roots, policy, as_of_us, None, home_banks))
        amounts: dict[str, int] = {}
        for claim in found["claims"]:
            amounts[claim["claim"]] = amounts.get(claim["claim"], 0) + claim["amount"]
        for rule in RULES:
            for claim, amount in amounts.items():
                mine = sum(node["here"].get(rule, {}).get(claim, 0) for node in found["nodes"])
                parts = found["parts"][rule][claim]
                assert mine == parts["here"] + parts["kept"] <= amount
                spread = ranges(found, claim)
                assert all(low <= parts[part] <= high for part, (low, high) in spread.items())
