"""Periods as texts word them."""

from datetime import date

import pytest

from qalqan.bulletin.claims.marks import At
from qalqan.bulletin.claims.numbers import numbers
from qalqan.bulletin.claims.periods import apart, periods
from qalqan.bulletin.claims.words import words

APRIL = date(2024, 4, 30)


def read(text, language, anchor=APRIL):
    at = At(0, 0, 0, text.lower(), text)
    of = words(language)
    return periods(at, of, numbers(at, of), anchor)


@pytest.mark.parametrize(
    ("language", "text", "first", "last"),
    [
        ("ru", "в январе 2024 года", "2024-01-01", "2024-01-31"),
        ("ru", "за январь", "2024-01-01", "2024-01-31"),
        ("ru", "в ноябре", "2023-11-01", "2023-11-30"),
        ("kk", "2023 жылғы қарашада", "2023-11-01", "2023-11-30"),
        ("kk", "ағымдағы жылдың қаңтарында", "2024-01-01", "2024-01-31"),
        ("kk", "а.ж. қаңтар айында", "2024-01-01", "2024-01-31"),
        ("en", "in January 2024", "2024-01-01", "2024-01-31"),
        ("en", "on 9 February 2024", "2024-02-09", "2024-02-09"),
        ("ru", "09.02.2024", "2024-02-09", "2024-02-09"),
        ("ru", "в прошлом году", "2023-01-01", "2023-12-31"),
        ("en", "since the beginning of the year", "2024-01-01", "2024-04-30"),
        ("en", "in the first quarter of 2024", "2024-01-01", "2024-03-31"),
        ("kk", "2024 жылғы бірінші тоқсан", "2024-01-01", "2024-03-31"),
        ("ru", "за 9 месяцев 2023", "2023-01-01", "2023-09-30"),
        ("ru", "с 2017 по 2023", "2017-01-01", "2023-12-31"),
        ("en", "last month", "2024-03-01", "2024-03-31"),
    ],
)  # fmt: skip
def test_a_period_is_read_with_its_days(language, text, first, last):
    (one,) = read(text, language)
    assert (str(one.first), str(one.last)) == (first, last)


def test_what_a_text_does_not_date_has_no_days():
    (one,) = read("this year", "en", None)
    assert (one.kind, one.first) == ("this_year", None)


def test_a_day_that_does_not_exist_is_told():
    assert [one.kind for one in read("31.02.2024 и 30 февраля 2024", "ru")] == ["no_day", "no_day"]


def test_may_is_a_month_only_where_it_can_be():
    assert read("They may answer.", "en") == ()
    assert [one.month for one in read("By May 2024.", "en")] == [5]


def test_periods_are_apart_only_if_their_days_are_known():
    january, february = read("в январе 2024 и в феврале 2024", "ru")
    assert apart(january, february)
    (undated,) = read("в этом году", "ru", None)
    assert not apart(january, undated)
