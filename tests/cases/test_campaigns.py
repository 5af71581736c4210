"""Refused calls grouped by trunk, rule, caller pattern and time (REQ-45, 49)."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from qalqan.cases.campaigns import MANY, Call, Group, Limits, Way, settle, spells

WAY = Way("dala", "abroad", "calls.fixed_from_abroad")
MINUTE = 60_000_000
LIMITS = Limits(least_calls=5, least_spread=12, gap_us=30 * MINUTE)
BLOCK, OTHER = "+7727250", "+7717200"


def calls(n: int, pattern: str = BLOCK, at: int = 0, every: int = MINUTE) -> list[Call]:
    return [Call(WAY, pattern, at + place * every, f"tel_{place}") for place in range(n)]


def settled(known: list[Group], *some: list[Call]) -> list[Group]:
    groups = settle(known, spells([call for each in some for call in each], LIMITS.gap_us), LIMITS)
    return groups.groups


def test_calls_of_one_block_without_a_pause_are_a_campaign() -> None:
    [one] = settled([], calls(5))
    assert (one.is_opened, one.calls, one.first_us, one.last_us) == (True, 5, 0, 4 * MINUTE)
    assert (one.sample_us, one.sample) == (0, "tel_0")


def test_a_few_refused_calls_are_none() -> None:
    assert [group.is_opened for group in settled([], calls(4))] == [False]
    assert [g.is_opened for g in settled([], calls(4), calls(4, OTHER))] == [False, False]


def test_a_pause_divides_and_blocks_divide() -> None:
    pause = calls(3) + calls(3, at=60 * MINUTE)
    assert [group.calls for group in settled([], pause)] == [3, 3]
    assert sorted(group.pattern for group in settled([], calls(6), calls(6, OTHER))) == [
        OTHER, BLOCK,
    ]  # fmt: skip


def test_what_goes_on_is_added_and_a_late_call_counts_by_its_own_time() -> None:
    known = settled([], calls(5, at=60 * MINUTE))
    [one] = settled(known, calls(3, at=40 * MINUTE))
    assert (one.calls, one.first_us, one.sample_us) == (8, 40 * MINUTE, 40 * MINUTE)
    assert one is known[0]


def test_callers_who_change_blocks_are_one_campaign_of_many() -> None:
    spread = [Call(WAY, f"+772{place:04}", place * MINUTE, None) for place in range(12)]
    [one] = settled([], spread)
    assert (one.pattern, one.is_opened, one.calls) == (MANY, True, 12)
    later = [Call(WAY, BLOCK, 13 * MINUTE, None)] * 9
    [again] = settled([one], later)
    assert again.calls == 21  # nobody's calls are in two campaigns


def test_what_was_kept_becomes_part_of_the_campaign_of_many() -> None:
    known = settled([], *(calls(1, f"+772{place:04}") for place in range(6)))
    for number, group in enumerate(known, start=1):
        group.row = number
    found = settle(known, spells(calls(6, "", at=MINUTE), LIMITS.gap_us), LIMITS)
    assert [group.calls for group in found.groups if group.is_opened] == [6]
    spread = settle(
        known, spells([Call(WAY, f"+99{n}", MINUTE, None) for n in range(6)], LIMITS.gap_us), LIMITS
    )
    assert [(group.pattern, group.calls) for group in spread.groups] == [(MANY, 12)]
    assert {group.row for group in spread.absorbed} == {1, 2, 3, 4, 5, 6}


@given(
    st.lists(
        st.lists(
            st.builds(
                Call, st.just(WAY), st.sampled_from(["", BLOCK, OTHER, "+7701111"]),
                st.integers(0, 200).map(lambda n: n * MINUTE), st.none(),
            )
        ),
        max_size=6,
    )
)  # fmt: skip
def test_no_call_is_lost_or_counted_twice_however_they_come(parts: list[list[Call]]) -> None:
    groups: list[Group] = []
    opened: Counter[str] = Counter()
    for part in parts:
        groups = settle(groups, spells(part, LIMITS.gap_us), LIMITS).groups
        now = Counter(group.pattern for group in groups if group.is_opened)
        assert not opened - now  # a campaign stays one
        opened = now
    assert sum(group.calls for group in groups) == sum(map(len, parts))
    for group in groups:
        assert group.first_us <= group.sample_us <= group.last_us
