"""Numbers as texts word them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.bulletin.claims.marks import At
from qalqan.bulletin.claims.numbers import numbers
from qalqan.bulletin.claims.words import words


def read(text, language):
    return numbers(At(0, 0, 0, text.lower(), text), words(language))


@pytest.mark.parametrize(
    ("language", "text", "value", "kind", "exactness"),
    [
        ("ru", "21 637 преступлений", 21637, "count", "exact"),
        ("ru", "21637 преступлений", 21637, "count", "exact"),
        ("kk", "3,7 мыңнан астам қылмыс", 3700, "count", "over"),
        ("ru", "более 3,7 тысячи случаев", 3700, "count", "over"),
        ("en", "44 million calls", 44_000_000, "count", "exact"),
        ("en", "over 3.7 thousand crimes", 3700, "count", "over"),
        ("kk", "21 млрд. теңгені құрады", 21 * 10**9, "money", "exact"),
        ("en", "KZT 21 bn was lost", 21 * 10**9, "money", "exact"),
        ("kk", "10-нан астам есеге өсті", 10, "times", "over"),
        ("ru", "более чем в 10 раз", 10, "times", "over"),
        ("kk", "16,8%-ға жоғары", Fraction("16.8"), "percent", "exact"),
        ("ru", "на 31 % меньше", 31, "percent", "exact"),
        ("ru", "вырос вдвое", 2, "times", "exact"),
        ("en", "half of them", 50, "percent", "exact"),
        ("kk", "300-ге жуық алаяқтық", 300, "count", "about"),
        ("ru", "около 300 случаев", 300, "count", "about"),
        ("kk", "10%-ға дейін қалдырады", 10, "percent", "up_to"),
        ("ru", "на 2,3 процентного пункта", Fraction("2.3"), "points", "exact"),
        ("ru", "за 7 лет", 7, "span", "exact"),
        ("kk", "2023 жылы", 2023, "year", "exact"),
        ("en", "in 2023, crime", 2023, "year", "exact"),
        ("en", "2,046 crimes", 2046, "count", "exact"),
        ("ru", "2046 преступлений", 2046, "count", "exact"),
    ],
)  # fmt: skip
def test_a_number_is_read_with_its_unit_and_qualifier(language, text, value, kind, exactness):
    (one,) = read(text, language)
    assert (one.value, one.kind, one.exactness) == (value, kind, exactness)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru", "по ст. 190 Уголовного кодекса"),
        ("kk", "Қылмыстық кодекстің 190-бабы бойынша"),
        ("ru", "приказ № 171"),
        ("en", "COVID-19, Article 190, the 21st, a 12-month plan, 24/7, at 12:30"),
        ("ru", "телефон +7 717 200 11 22"),
        ("kk", "екі рет, үш рет қатысты"),
        ("en", "they met three times"),
        ("ru", "от 2-го до 5-й"),
        ("ru", "1. Общие сведения"),
    ],
)  # fmt: skip
def test_what_is_no_figure_is_not_read_as_one(language, text):
    assert read(text, language) == ()


def test_a_series_gives_years_and_values_even_where_values_look_like_years():
    found = read("(2017 – 2046, 2018 – 4287, 2019 – 7733, 2063 –)", "ru")
    assert [(int(n.value), n.kind) for n in found] == [
        (2017, "year"), (2046, "count"), (2018, "year"), (4287, "count"), (2019, "year"),
        (7733, "count"), (2063, "year"),
    ]  # fmt: skip


def test_a_unit_told_once_is_that_of_both():
    first, second = read("с 1,2 млрд до 2,76 млрд тенге", "ru")
    assert (first.kind, second.kind) == ("money", "money")


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("18 %", Fraction("17.5"), Fraction("18.5")),
        ("16,8 %", Fraction("16.75"), Fraction("16.85")),
        ("1 871", 1871, 1871),
        ("1,5 тыс.", 1450, 1550),
        ("более 300", 300, 330),
        ("около 300", 270, 330),
        ("около 40,8 %", Fraction("40.7"), Fraction("40.9")),
    ],
)
def test_a_number_means_what_a_fair_writer_may_have_rounded(text, low, high):
    (one,) = read(text, "ru")
    assert (one.low, one.high) == (low, high)


@given(st.text(alphabet="0123456789 ,.%–-()млртысa№:/", max_size=40))
def test_no_text_breaks_the_reader(text):
    for language in ("kk", "ru", "en"):
        found = read(text, language)
        assert all(one.start < one.end <= len(text) for one in found)
