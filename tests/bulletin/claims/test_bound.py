import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.bulletin.claims.bound import make
from qalqan.errors import InputRejected
from qalqan.model.figure import Figure
from qalqan.model.period import parse

OCTOBER, NOVEMBER = parse("2026-10"), parse("2026-11")


def figure(value, period=OCTOBER, code="thefts.reported", **by) -> Figure:
    return Figure(code, period, value, "reports", by)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_the_word_is_what_the_numbers_say(now: int, then: int) -> None:
    word = make("change", figure(now, NOVEMBER), figure(then)).word
    assert word == ("rose" if now > then else "fell" if now < then else "same")


@pytest.mark.parametrize(
    ("kind", "figures", "expected"),
    [
        ("change", (figure(2, NOVEMBER), figure(1, code="cases.opened")), "no_common_definition"),
        ("change", (figure(2, NOVEMBER), figure(1, region="KZ-75")), "no_common_definition"),
        ("change", (figure(2, None), figure(1)), "no_period"),
        ("change", (figure(2, parse("2026")), figure(1)), "other_length"),
        ("change", (figure(2, NOVEMBER), figure(0)), "nothing_to_compare"),
        ("change", (figure(None, NOVEMBER), figure(1)), "nothing_to_compare"),
        ("change", (figure(1),), "two_figures"),
        ("share", (figure(1), figure(0)), "no_base"),
        ("share", (figure(3), figure(2)), "part_above_whole"),
        ("share", (figure(1, NOVEMBER), figure(2)), "other_period"),
        ("most", (), "nothing_to_compare"),
        ("most", (figure(1, region="a"), figure(2, NOVEMBER, region="b")), "no_common_definition"),
        ("series", (figure(1),), "two_figures"),
        ("value", (figure(1), figure(2)), "one_figure"),
    ],
)
def test_what_can_t_be_said_is_refused(kind, figures, expected) -> None:
    with pytest.raises(InputRejected) as refused:
        make(kind, *figures)
    assert refused.value.expected == f"claim.{expected}"


def test_every_year_is_every_year() -> None:
    years = [parse(str(year)) for year in range(2017, 2024)]
    told = (2046, 4287, 7733, 14175, 21275, 20444, 21637)
    series = [figure(n, year) for n, year in zip(told, years, strict=True)]
    assert make("series", *series).word == "mixed"
    assert make("series", *series[:5]).word == "rose_every"


def test_the_most_are_all_that_are_most() -> None:
    parts = [figure(3, method="27"), figure(1, method="28"), figure(3, method="29")]
    assert make("most", *parts).word == "27,29"
