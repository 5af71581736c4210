from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from months import periods

from qalqan.bulletin.effects import words
from qalqan.bulletin.effects.design import Design
from qalqan.bulletin.effects.evaluation import evaluate, named
from qalqan.bulletin.effects.results import Verdict
from qalqan.bulletin.effects.series import Row, Series

START = date(2024, 1, 1)
MONTHS = tuple(periods("2022-01", 36))
REGIONS = [f"KZ-{n}" for n in range(10, 26)]


def series(count: Callable[[int, int, str], int], months: int = 36) -> Series:
    """Crimes by month, region (both numbered) and method."""
    rows = [
        Row(month, region, (method,), count(at, of, method))
        for at, month in enumerate(MONTHS[:months])
        for of, region in enumerate(REGIONS)
        for method in ("27", "28")
    ]
    return Series(MONTHS[:months], tuple(rows))


def wave(at: int, of: int) -> int:
    return round(80 * 1.02**at) + (7 * at * at + 13 * of * (at // 12)) % 17


def fell(at: int, of: int, method: str) -> int:
    hit = at >= 24 and method == "28" and of < 6
    return wave(at, of) // 2 if hit else wave(at, of)


BY_REGION = Design(START, ("28",), tuple(REGIONS[:6]), "regions")


def test_regions_that_were_not_reached_are_the_group() -> None:
    found = evaluate(BY_REGION, series(fell))
    assert found.main.compared
    assert found.main.point == pytest.approx(0.5, abs=0.05)
    assert found.parallel is not None
    assert found.parallel.verdict is Verdict.NO_DIFFERENCE
    assert (found.verdict, found.because) == (Verdict.FELL, "")
    assert not found.alone.compared
    assert found.complete
    assert [late for *_, late in found.months].count(True) == 12


def test_groups_that_parted_before_tell_nothing() -> None:
    def parted(at: int, of: int, method: str) -> int:
        return wave(at, of) * 3 if of < 6 and at < 12 else wave(at, of)

    found = evaluate(BY_REGION, series(parted))
    assert (found.verdict, found.because) == (Verdict.UNKNOWN, "not_parallel")


def test_a_fall_that_other_methods_made_up_is_no_success() -> None:
    def moved(at: int, of: int, method: str) -> int:
        calm = 60 + (7 * at) % 5
        if at < 24:
            return calm
        return calm // 2 if method == "28" else calm * 2

    design = Design(START, ("28",), (), "methods", ("27",))
    found = evaluate(design, series(moved))
    assert found.displaced is not None
    assert found.displaced.is_shown
    assert found.main.verdict is Verdict.FELL
    assert (found.verdict, found.because) == (Verdict.ROSE, "displaced")


def test_without_a_group_it_is_beside_the_trend_and_says_so() -> None:
    found = evaluate(Design(START), series(lambda at, of, method: wave(at, of)))
    assert "no_group" in found.main.assumptions
    assert found.main.verdict is Verdict.NO_DIFFERENCE
    assert (found.verdict, found.because) == (Verdict.UNKNOWN, "no_group")
    assert found.alone.verdict is Verdict.ROSE
    assert found.parallel is found.displaced is found.moved is None


def test_before_anything_is_known_nothing_is_said() -> None:
    found = evaluate(BY_REGION, series(fell, 24))
    assert (found.verdict, found.because) == (Verdict.UNKNOWN, "not_yet")
    assert not found.complete
    assert len(found.missing) == 12


def test_between_looks_nothing_else_is_said() -> None:
    design = replace(BY_REGION, looks=2)
    at_look, later = evaluate(design, series(fell, 30)), evaluate(design, series(fell, 35))
    assert at_look.verdict is Verdict.FELL
    assert (at_look.looked, later.looked) == (6, 6)
    assert (later.main, later.alone) == (at_look.main, at_look.alone)
    assert len(later.months) == 35
    assert words.notes(later, False, "en")[0] == (
        "the horizon is not over: 11 of 12 months are over, and the estimates count 6"
    )
    assert words.not_over(evaluate(design, series(fell)), "en") == []
    early = evaluate(BY_REGION, series(fell, 35))
    assert (early.verdict, early.because) == (Verdict.UNKNOWN, "not_yet")


def test_months_that_nobody_counted_are_left_out_and_named() -> None:
    whole = series(fell)
    gap = replace(whole, months=whole.months[:5] + whole.months[6:])
    found = evaluate(BY_REGION, gap)
    assert found.missing == (whole.months[5],)
    assert len(found.months) == 35


def test_named_neighbours_give_a_quotient() -> None:
    design = replace(BY_REGION, comparison=tuple(REGIONS[6:8]))
    found = evaluate(design, series(fell))
    assert found.quotient == pytest.approx(0, abs=0.2)
    assert evaluate(BY_REGION, series(fell)).quotient is None


def test_crimes_of_other_methods_and_months_change_nothing_but_the_rest() -> None:
    one, more = series(fell), Row(MONTHS[0], REGIONS[0], ("28", "99"), 7)
    twice = replace(one, rows=(*one.rows, more))
    split = replace(one, rows=(*one.rows, replace(more, count=3), replace(more, count=4)))
    assert evaluate(BY_REGION, twice) == evaluate(BY_REGION, split)
    assert (
        evaluate(BY_REGION, twice).alone.counts["before"]
        == 7 + (evaluate(BY_REGION, one).alone.counts["before"])
    )


def test_of_many_some_stay() -> None:
    one = evaluate(BY_REGION, series(fell))
    weak = replace(one, main=replace(one.main, p=0.04))
    none = replace(one, main=replace(one.main, low=0.2, high=2.0, p=0.9))
    assert named({"one": weak}) == {"one": Verdict.FELL}
    crowd = {"one": weak, "sure": one, **{str(at): none for at in range(9)}}
    told = named(crowd)
    assert (told["one"], told["sure"]) == (Verdict.NO_DIFFERENCE, Verdict.FELL)
    assert one.p == one.main.p
    assert evaluate(replace(BY_REGION, looks=2), series(fell)).p == pytest.approx(2 * one.main.p)
