"""What the sender of a batch gets back adds up, also over several parts."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from qalqan.lake.receipt import REFUSALS_SHOWN, Receipt, Refusal

refusals = st.builds(
    Refusal, st.text(max_size=5), st.text(max_size=5), st.text(max_size=5), st.text(max_size=5),
    st.dictionaries(st.text(max_size=3), st.integers(-(2**70), 2**70) | st.text(max_size=3)),
)  # fmt: skip
receipts = st.builds(
    lambda accepted, duplicate, quarantined, shown, unknown, folded: Receipt(
        "b", accepted + duplicate + quarantined, accepted, duplicate, quarantined,
        tuple(shown), tuple(unknown), folded,
    ),
    st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9),
    st.lists(refusals, max_size=4), st.sets(st.text(max_size=3), max_size=3),
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 9)),
)  # fmt: skip


@given(receipts, receipts)
def test_parts_add_up(one: Receipt, other: Receipt) -> None:
    both = one.plus(other)
    assert both.read == both.accepted + both.duplicate + both.quarantined == one.read + other.read
    assert both.refusals == one.refusals + other.refusals
    assert set(both.unknown) == {*one.unknown, *other.unknown}
    assert sum(both.folded.values()) == sum((*one.folded.values(), *other.folded.values()))


@given(receipts)
def test_it_is_kept_as_json_and_read_back(receipt: Receipt) -> None:
    assert Receipt.from_json(json.loads(json.dumps(receipt.to_json()))) == receipt


def test_the_first_hundred_refusals_are_shown() -> None:
    shown = tuple(Refusal(f":{n}", "a", "", "fact.missing") for n in range(80))
    both = Receipt("b", 80, 0, 0, 80, shown).plus(Receipt("b", 80, 0, 0, 80, shown))
    assert (len(both.refusals), both.quarantined) == (REFUSALS_SHOWN, 160)
    assert both.refusals[:80] == shown
