from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from qalqan.bulletin.effects.design import Design, of_dict, start_of
from qalqan.bulletin.effects.series import Row
from qalqan.errors import InputRejected
from qalqan.model.period import parse

START = date(2024, 3, 1)


def row(region: str = "KZ-75", *methods: str) -> Row:
    return Row(parse("2024-03"), region, methods or ("28",), 1)


def test_a_design_is_kept_and_read_back() -> None:
    design = Design(START, ("28",), ("KZ-75",), "regions", ("KZ-71",), 12, 6, 2)
    assert of_dict(design.as_dict()) == design
    assert of_dict({**design.as_dict(), "figure": "reports.registered"}) == design


def test_its_months_lie_on_both_sides_of_the_start() -> None:
    design = Design(START, months_before=3, months_after=2)
    assert [month.code for month in design.before] == ["2023-12", "2024-01", "2024-02"]
    assert [month.code for month in design.after] == ["2024-03", "2024-04"]


@pytest.mark.parametrize(
    ("looks", "over", "counted"),
    [(1, 11, 0), (1, 12, 12), (2, 5, 0), (2, 6, 6), (2, 11, 6), (5, 3, 3), (5, 4, 3), (60, 7, 7)],
)
def test_months_count_up_to_the_newest_look(looks: int, over: int, counted: int) -> None:
    assert Design(START, looks=looks).looked(over) == counted


def test_who_is_aimed_at_and_who_is_compared() -> None:
    design = Design(START, ("28",), ("KZ-75",), "regions")
    assert design.aims_at(row("KZ-75", "28", "47"))
    assert not design.aims_at(row("KZ-75", "27"))
    assert design.compares(row("KZ-71", "28"))
    assert not design.compares(row("KZ-71", "27"))
    named = Design(START, ("28",), ("KZ-75",), "regions", ("KZ-79",))
    assert not named.compares(row("KZ-71", "28"))
    methods = Design(START, ("28",), (), "methods", ("27",))
    assert methods.compares(row("KZ-71", "27"))
    assert not methods.compares(row("KZ-71", "27", "28"))
    assert not methods.compares(row("KZ-71", "32"))
    assert not Design(START).compares(row())


@pytest.mark.parametrize(
    "told",
    [
        {"start": date(2024, 3, 2)}, {"months_before": 0}, {"months_after": 99}, {"looks": 0},
        {"against": "luck"}, {"against": "regions"}, {"against": "methods"},
        {"regions": ("KZ-75",), "against": "regions", "comparison": ("KZ-75",)},
    ],
)  # fmt: skip
def test_what_can_not_be_judged_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(InputRejected):
        Design(**{"start": START, **told})


@pytest.mark.parametrize("text", ["2024", "2024-03-02", "soon", "2024-Q1"])
def test_a_start_is_a_months_first_day(text: str) -> None:
    assert start_of("2024-03") == start_of("2024-03-01") == START
    with pytest.raises(InputRejected):
        start_of(text)
