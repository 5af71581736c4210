"""Bounded, and fair between partners: who floods us waits behind himself alone."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan import clock
from qalqan.errors import Overfull, Unavailable
from qalqan.lake.telling import Telling
from qalqan.lake.waiting import Bounds, Waiting


def told(source: str, number: int = 0, facts: int = 1, size: int = 100) -> Telling:
    return Telling("payment", source, None, [number] * facts, size=size)


def test_a_flood_leaves_room_for_others() -> None:
    waiting = Waiting(Bounds(together=8))
    for number in range(100):
        waiting.put(told("flood", number))
    waiting.put(told("quiet"))
    assert Counter(one.source for one in waiting.take()) == {"flood": 7, "quiet": 1}


@given(st.lists(st.sampled_from("abc"), max_size=40), st.integers(1, 9))
def test_everybodys_tellings_come_in_order_and_in_turn(sources: list[str], together: int) -> None:
    waiting = Waiting(Bounds(together=together))
    for number, source in enumerate(sources):
        waiting.put(told(source, number))
    waiting.close()
    taken: list[Telling] = []
    while group := waiting.take():
        assert len(group) == together or waiting.is_over
        taken += group
    assert waiting.is_over
    for source in "abc":
        numbers = [one.facts[0] for one in taken if one.source == source]
        assert numbers == [n for n, whose in enumerate(sources) if whose == source]
    left = Counter(sources)
    for at, one in enumerate(taken):  # nobody comes again before all who still wait came once
        left[one.source] -= 1
        following = [other.source for other in taken[at + 1 : at + 1 + len(+left)]]
        assert len(set(following)) == len(following)


def test_one_partner_has_only_so_much_waiting() -> None:
    waiting = Waiting(Bounds(of_one=3))
    for _ in range(3):
        waiting.put(told("a"))
    with pytest.raises(Overfull) as refused:
        waiting.put(told("a"))
    assert refused.value.code == "own"
    assert refused.value.until_us > clock.wall_us()
    waiting.put(told("b"))
    waiting.take()
    waiting.put(told("a"))


def test_bytes_count_but_one_telling_always_has_room() -> None:
    waiting = Waiting(Bounds(bytes_of_one=1000, bytes_of_all=2500))
    waiting.put(told("a", size=1500))
    with pytest.raises(Overfull, match="one partner"):
        waiting.put(told("a"))
    waiting.put(told("b", size=900))
    with pytest.raises(Overfull, match="too much waits") as refused:
        waiting.put(told("c", size=200))
    assert refused.value.code == "all"


def test_all_together_have_only_so_much_waiting() -> None:
    waiting = Waiting(Bounds(of_all=2))
    waiting.put(told("a"))
    waiting.put(told("b"))
    with pytest.raises(Overfull):
        waiting.put(told("c"))


def test_facts_fill_a_commit() -> None:
    waiting = Waiting(Bounds(together=10))
    for number in range(4):
        waiting.put(told("a", number, facts=6))
    assert [len(waiting.take()) for _ in range(2)] == [2, 2]


def test_nothing_comes_once_it_is_closed_but_what_waits_goes() -> None:
    waiting = Waiting(Bounds())
    waiting.put(told("a"))
    waiting.close()
    with pytest.raises(Unavailable):
        waiting.put(told("a"))
    assert len(waiting.take()) == 1
    assert waiting.take() == []


def test_nothing_comes_while_sealing_is_behind() -> None:
    waiting = Waiting(Bounds())
    waiting.behind = True
    with pytest.raises(Overfull) as refused:
        waiting.put(told("a"))
    assert refused.value.code == "behind"
