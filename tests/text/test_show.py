from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from qalqan.clock import DAY, HOUR, MINUTE, SECOND
from qalqan.model.money import MINOR_DIGITS
from qalqan.text.show import duration, money, share, when


def spaced(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("minor", "currency", "language", "shown"),
    [
        (192_000_000, "KZT", "kk", "1 920 000 ₸"),
        (192_000_050, "KZT", "ru", "1 920 000,50 ₸"),
        (192_000_050, "KZT", "en", "1 920 000.50 ₸"),
        (-5, "KZT", "kk", "\u22120,05 ₸"),
        (0, "KZT", "en", "0 ₸"),
        (1_000, "JPY", "en", "1 000 JPY"),
        (1_234_567, "KWD", "ru", "1 234,567 KWD"),
    ],
)
def test_money(minor, currency, language, shown):
    assert spaced(money(minor, currency, language)) == shown
    assert " " not in money(minor, currency, language)


@given(st.integers(-(10**15), 10**15), st.sampled_from(sorted(MINOR_DIGITS)))
def test_no_unit_is_lost_in_showing(minor, currency):
    text = spaced(money(minor, currency, "en")).replace("\u2212", "-")
    number = text.rpartition(" ")[0].replace(" ", "")
    whole, _, rest = number.partition(".")
    digits = MINOR_DIGITS[currency]
    assert int(whole + (rest or "0" * digits)) == minor


def test_currencies_have_the_minor_digits_that_sums_are_kept_in():
    assert {code: get_currency_precision(code) for code in MINOR_DIGITS} == MINOR_DIGITS


def test_time_is_almaty_time_whatever_the_machine_thinks():
    local = datetime(2026, 5, 3, 14, 5, tzinfo=ZoneInfo("Asia/Almaty"))
    us = int(local.timestamp()) * SECOND
    assert datetime.fromtimestamp(us // SECOND, ZoneInfo("UTC")).hour == 9
    assert when(us, "kk") == "2026 ж. 3 мамыр, 14:05"
    assert when(us, "ru") == "3 мая 2026 г., 14:05"
    assert when(us, "en") == "3 May 2026, 14:05"
    assert when(us, "kk", "day") == "2026 ж. 3 мамыр"
    assert when(us, "en", "clock") == "14:05"


@pytest.mark.parametrize(
    ("part", "whole", "language", "shown"),
    [
        (171, 1000, "ru", "17,1 %"),
        (171, 1000, "en", "17.1%"),
        (1, 2, "kk", "50 %"),
        (1, 1_000_000, "en", "< 0.1%"),
        (999_999, 1_000_000, "en", "99.9%"),
        (1, 1, "ru", "100 %"),
        (0, 7, "ru", "0 %"),
        (-1, 4, "en", "\u221225%"),
        (5, 0, "en", "\u2013"),
    ],
)
def test_share(part, whole, language, shown):
    assert spaced(share(part, whole, language)) == shown


@pytest.mark.parametrize(
    ("us", "language", "shown"),
    [
        (3 * DAY + 4 * HOUR + 59 * MINUTE, "kk", "3 күн 4 сағ"),
        (2 * HOUR + 5 * MINUTE, "ru", "2 ч 05 мин"),
        (12 * MINUTE + 59 * SECOND, "en", "12 min"),
        (45 * SECOND, "kk", "45 с"),
        (0, "en", "0 s"),
        (-2 * HOUR, "en", "\u22122 h"),
        (72 * HOUR, "kk", "3 күн"),
        (2 * HOUR + SECOND, "ru", "2 ч 00 мин"),
    ],
)
def test_duration(us, language, shown):
    assert spaced(duration(us, language)) == shown
