"""A record is refused for the first reason found, once."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qalqan.lake.refusals import Refusals

masks = st.lists(st.lists(st.booleans(), min_size=6, max_size=6), max_size=5)


@given(masks)
def test_the_first_reason_stands(given_masks: list[list[bool]]) -> None:
    refusals = Refusals(6)
    for number, mask in enumerate(given_masks):
        refusals.add(np.array(mask), f"field{number}", "fact.missing", n=number)
    wanted = {
        row: next(n for n, mask in enumerate(given_masks) if mask[row])
        for row in range(6)
        if any(mask[row] for mask in given_masks)
    }
    found = {row: reason.params["n"] for row, reason in refusals}
    assert found == wanted
    assert list(found) == sorted(found)
    assert len(refusals) == len(wanted)
    assert refusals.fine.tolist() == [row not in wanted for row in range(6)]
