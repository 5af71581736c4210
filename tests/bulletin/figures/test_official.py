"""The briefing's figures, reproduced from what ships (REQ-1 to 15)."""

from fractions import Fraction

import pytest

from counted import Register
from qalqan.bulletin import shown
from qalqan.bulletin.figures import official
from qalqan.model.period import parse

Y2023, Y2022, JANUARY = parse("2023"), parse("2022"), parse("2024-01")
SERIES = "internet_fraud.registered"


@pytest.mark.parametrize(
    ("req", "code", "period", "by", "said"),
    [
        (4, "internet_fraud.share_of_fraud", Y2023, {}, "49.3%"),
        (6, "damage.mean", Y2023, {}, "about 0.97 M ₸"),
        (8, "internet_fraud.share", Y2023, {"method": "28, 31"}, "20.6%"),
        (9, "internet_fraud.share", Y2023, {"grade": "grave"}, "10.3%"),
        (10, "internet_fraud.share", Y2023, {"method": "27"}, "37.9%"),
        (10, "internet_fraud.share", JANUARY, {"method": "27"}, "39.6%"),
        (13, "internet_fraud.solved_share", JANUARY, {}, "11.9%"),
        (14, "prosecuted.repeat_share", None, {"group": "two_or_more_victims"}, "24.3%"),
    ],
)  # fmt: skip
def test_shares_and_means_of_the_briefing(register: Register, req, code, period, by, said) -> None:
    with register.book() as book:
        assert shown.value(book.figure(code, period, by), "en").replace("\u00a0", " ") == said


@pytest.mark.parametrize(
    ("req", "now", "then", "by", "said"),
    [
        (3, "2022", "2021", {}, "−3.9%"), (3, "2023", "2022", {}, "+5.8%"),
        (7, "2024-01", "2023-01", {}, "+16.8%"),
        (8, "2023", "2022", {"method": "28, 31"}, "−31.1%"),
        (8, "2023", "2022", {"method": "not 28, 31"}, "+22.9%"),
        (9, "2023", "2022", {"grade": "grave"}, "−17.9%"),
    ],
)  # fmt: skip
def test_changes_of_the_briefing(register: Register, req, now, then, by, said) -> None:
    with register.book() as book:
        pair = [book.figure(SERIES, parse(p), by) for p in (now, then)]
        assert shown.value(book.change(*pair), "en") == said


def test_more_than_ten_times_holds_with_2023_alone(register: Register) -> None:
    with register.book() as book:
        first, last, printed = (
            book.figure(SERIES, parse(y)).value for y in ("2017", "2023", "2022")
        )
    assert Fraction(last, first) > 10 > Fraction(printed, first)
    assert shown.decimal(Fraction(last, first), 1, "en") == "10.6"
    assert shown.decimal(Fraction(printed, first), 2, "en") == "9.99"


def test_the_rest_of_the_briefing_s_arithmetic() -> None:
    told = {(f.code, tuple(f.by.values()), f.period): f.value for f in official.shipped()
            if f.source.name == "mia_2024"}  # fmt: skip
    assert round(21_637 / Fraction(187, 1000)) == 115_706  # REQ-5: the base it does not give
    assert Fraction(
        told["returned.stated", (), None], told["damage.stated", (), Y2023]
    ) == Fraction(85, 2100)  # REQ-15: 4.05 %
    assert Fraction(114, told["drops.stated", (), None]) == Fraction(114, 1000)  # REQ-41
    stopped = told["calls.stopped", ("fixed",), None]
    assert round(stopped / told["calls.stopped_daily", ("fixed",), None]) == 35  # REQ-46
    kinds = [told["materials.published", (k,), None] for k in ("media", "social")]
    assert sum(kinds) == told["materials.published", (), None]  # REQ-72
    whole = told["resources.stated", ("illegal_foreign",), None]
    fraud = told["resources.stated", ("illegal_foreign_fraud",), None]
    assert round(1000 * Fraction(fraud, whole)) == 596  # REQ-54


def test_sources_that_differ_both_stay(register: Register) -> None:
    with register.book() as book:
        found = official.disagreeing(book.stated)
    both = found["internet_fraud.solved", (), "2023"]
    assert {(f.source.name, f.value) for f in both} == {
        ("mia_2024", 3700), ("prosecutor_2023", 3800),
    }  # fmt: skip


def test_the_regions_populations_add_up_to_the_country_s() -> None:
    told = [f for f in official.shipped() if f.code == "population"]
    whole = next(f.value for f in told if not f.by)
    parts = [f.value for f in told if f.by]
    assert len(parts) == 20
    assert abs(sum(parts) - whole) <= 20 * 50  # each is rounded to hundreds


def test_every_source_is_named_in_three_languages() -> None:
    for figure in official.shipped():
        assert {"kk", "ru", "en"} <= set(official.sources()[figure.source.name])
