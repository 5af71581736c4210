"""A hand-in's memory answers as the keys do, whatever it forgets."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qalqan.lake import memory
from qalqan.lake.memory import Memory
from qalqan.trust import tokens
from qalqan.trust.keys import Keys

KEYS = Keys.new()
batches = st.lists(st.sets(st.integers(0, 400), max_size=60), max_size=6)


def accounts(numbers: set[int]) -> pa.Array:
    return pa.array([f"AAA:{number}" for number in sorted(numbers)], pa.string())


@settings(max_examples=40)
@given(batches, st.sampled_from([5, 100, 10_000]))
def test_it_answers_as_the_keys_do(given: list[set[int]], most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "_FEW", 2)
        patch.setattr(memory, "MOST", most)
        known, kept = Memory(), set()
        for numbers in given:
            values = accounts(numbers)
            made = known.tokens(KEYS, "account", values)
            assert made.to_pylist() == tokens.token_list(KEYS, "account", values.to_pylist())
            new = known.unkept(KEYS, "account", values)
            given_back = new.values.to_pylist()
            assert new.made.to_pylist() == tokens.token_list(KEYS, "account", given_back)
            told = set(given_back)
            assert told >= set(values.to_pylist()) - kept  # never too few
            if most == 10_000 and len(values) >= 2:
                assert told == set(values.to_pylist()) - kept
            new.remember()
            kept |= set(values.to_pylist()) if len(values) >= 2 else set()


def test_a_value_that_comes_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_FEW", 2)
    known = Memory()
    twice = pa.array(["AAA:1", "AAA:2", "AAA:1"])
    made = known.tokens(KEYS, "account", twice).to_pylist()
    assert made[0] == made[2] != made[1]
    known.unkept(KEYS, "account", twice).remember()
    assert len(known.unkept(KEYS, "account", twice).values) == 0


def test_what_was_forgotten_meanwhile_is_not_taken_for_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One batch is written while the next one is checked, and fills the memory."""
    monkeypatch.setattr(memory, "_FEW", 2)
    monkeypatch.setattr(memory, "MOST", 3)
    known = Memory()
    written = known.unkept(KEYS, "account", accounts({1, 2, 3, 4}))
    others = accounts({5, 6, 7, 8})
    known.tokens(KEYS, "account", others)
    written.remember()
    assert len(known.unkept(KEYS, "account", others).values) == 4


def test_a_larger_table_finds_what_a_smaller_one_held() -> None:
    known = Memory()
    for start in range(0, 6_000, 1_500):
        known.tokens(KEYS, "account", accounts(set(range(start, start + 1_500))))
    every = accounts(set(range(6_000)))
    assert known.tokens(KEYS, "account", every).to_pylist() == tokens.token_list(
        KEYS, "account", every.to_pylist()
    )
