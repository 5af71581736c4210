"""How soon money leaves an account it has reached (REQ-90)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.trail.hazard import (
    AGES_US,
    JUDGEMENT,
    LEAST_ARRIVALS,
    MILLION,
    Hazard,
    Spell,
    curve_of,
    estimate,
    of_body,
    part_of_day,
    to_body,
)

NOON_US = 1_767_250_800_000_000
"""Noon of 1 January 2026 in Almaty."""

spells = st.lists(
    st.builds(
        Spell,
        st.integers(0, 6),
        st.integers(0, 3 * DAY).map(lambda us: NOON_US + us),
        st.integers(0, 5 * DAY),
        st.booleans(),
    ),
    max_size=60,
)


def test_survival_is_kaplan_and_meiers_own():
    """Ten arrivals by hand: 2 leave at 1 min (8/10), one is cut off at 10 min, 3 leave at 20 min
    (8/10 · 4/7), one is cut off at 3 h, the last three leave after 5 h (0)."""
    told = [
        *[Spell(1, NOON_US, MINUTE, True)] * 2,
        Spell(1, NOON_US, 10 * MINUTE, False),
        *[Spell(1, NOON_US, 20 * MINUTE, True)] * 3,
        Spell(1, NOON_US, 3 * HOUR, False),
        *[Spell(1, NOON_US, 5 * HOUR, True)] * 3,
    ]
    curve = curve_of(told)
    after = [0.8, 0.8, 0.457143, 0.457143, 0.457143, 0.457143, 0.0, 0.0, 0.0]
    assert curve.survival == pytest.approx(after)
    assert (curve.arrivals, curve.left) == (10, 8)
    # Greenwood at 30 minutes: 2/(10·8) + 3/(7·4) = 0.132143; on the log–log scale ± 0.9102
    assert (curve.low[2], curve.high[2]) == pytest.approx((0.1430, 0.7298), abs=0.0002)


def test_who_was_cut_off_tells_only_as_long_as_anybody_watched():
    curve = curve_of([Spell(1, NOON_US, MINUTE, False)] * 5)
    assert set(curve.survival) == {1.0}
    assert curve_of([]).survival == (1.0,) * len(AGES_US)


@given(spells)
def test_survival_never_grows_and_lies_in_its_interval(told):
    curve = curve_of(told)
    ages = [0, *AGES_US, 10 * DAY]
    there = [curve.at(age) for age in ages]
    assert there == sorted(there, reverse=True)
    assert 0.0 <= there[-1] <= there[0] == 1.0
    for low, survival, high in zip(curve.low, curve.survival, curve.high, strict=True):
        assert 0.0 <= low <= survival <= high <= 1.0


@given(spells, *[st.integers(0, 5 * DAY)] * 3)
def test_chances_are_chances_and_parts_of_one_whole(told, seen_us, wait_us, soon_us):
    curve = curve_of(told)
    age_us = seen_us + wait_us
    gone = curve.gone_ppm(seen_us, age_us)
    leaves = curve.leaving_ppm(seen_us, age_us, soon_us)
    assert 0 <= gone <= MILLION
    assert 0 <= leaves <= MILLION - gone + 1
    assert gone <= curve.gone_ppm(seen_us, age_us + soon_us)
    assert leaves <= curve.leaving_ppm(seen_us, age_us, soon_us + HOUR)


def test_between_two_ages_the_rate_is_constant():
    curve = replace(curve_of([]), survival=(0.5, *[0.25] * 8))
    assert curve.at(AGES_US[0]) == pytest.approx(0.5)
    assert curve.at(AGES_US[0] // 2) == pytest.approx(0.5**0.5)
    assert curve.at(AGES_US[1]) == pytest.approx(0.25)


def many(number, hop=1, at_us=NOON_US, lasted_us=MINUTE):
    return [Spell(hop, at_us, lasted_us, True)] * number


def test_a_cell_with_too_few_arrivals_gives_way_to_a_wider_one():
    night = NOON_US + 12 * HOUR
    assert (part_of_day(NOON_US), part_of_day(night)) == ("day", "night")
    few, enough = LEAST_ARRIVALS - 1, LEAST_ARRIVALS
    assert estimate(many(enough)).chosen(1, NOON_US)[0] == "1/day"
    mixed = estimate(many(few) + many(few, at_us=night))
    assert mixed.chosen(1, NOON_US)[0] == "1"
    assert mixed.chosen(2, NOON_US)[0] == "all"
    assert estimate(many(enough, hop=9)).chosen(3, NOON_US)[0] == "3/day"
    found = estimate(many(few), many(enough, hop=0))
    assert found.chosen(1, NOON_US)[0] == "findings"


def test_without_enough_arrivals_judgement_is_taken_and_said():
    cell, curve = Hazard().chosen(1, NOON_US)
    assert (cell, curve.survival, curve.arrivals) == ("judgement", JUDGEMENT, 0)
    assert estimate(many(3)).chosen(1, NOON_US)[0] == "judgement"


@given(spells, spells)
def test_what_is_kept_is_read_back(traced, found):
    made = estimate(traced, found, {"1": 400_000}, {"211": MINUTE}, 3, NOON_US)
    again = of_body(json.loads(json.dumps(to_body(made))))
    assert again == made
    assert again.onward(1) == 400_000


def test_an_estimate_with_other_ages_is_none():
    body = to_body(estimate(many(60)))
    assert of_body({**body, "ages_us": [1, 2]}) == Hazard()
