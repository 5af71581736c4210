"""What a person types: sums, moments, accounts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qalqan.cli import asked
from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.errors import InputRejected
from qalqan.trust.keys import Keys
from qalqan.trust.tokens import token

NOON_US = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("text", "currency", "units"),
    [
        ("1850000", "KZT", 185_000_000),
        ("1 850 000,50", "KZT", 185_000_050),
        ("1\u00a0850\u202f000.5", "KZT", 185_000_050),
        ("0.01", "USD", 1),
        ("500", "JPY", 500),
        ("1.001", "KWD", 1_001),
        ("1e3", "KZT", 100_000),
    ],
)
def test_a_sum_is_read_exactly(text: str, currency: str, units: int) -> None:
    assert asked.minor(text, currency) == units


@pytest.mark.parametrize(
    ("text", "currency"),
    [("", "KZT"), ("-5", "KZT"), ("0", "KZT"), ("1.005", "KZT"), ("1.5", "JPY"), ("x", "KZT"),
     ("NaN", "KZT"), ("inf", "KZT"), ("1e30", "KZT"), ("1e999999999", "KZT"), ("5", "XYZ")],
)  # fmt: skip
def test_no_sum_is_refused(text: str, currency: str) -> None:
    with pytest.raises(InputRejected):
        asked.minor(text, currency)


def test_a_day_is_almaty_s_and_whole() -> None:
    first, last = asked.moments("at", "2026-11-23", MINUTE)
    assert first == NOON_US - 17 * HOUR  # midnight in Almaty is 19:00 the evening before
    assert last == first + DAY - 1


@pytest.mark.parametrize("text", ["2026-11-23 17:00", "2026-11-23T12:00Z", " 2026-11-23T17:00 "])
def test_a_time_is_a_little_earlier_and_later(text: str) -> None:
    assert asked.moments("at", text, MINUTE) == (NOON_US - MINUTE, NOON_US + MINUTE)


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "23.11.2026", "0001-01-01T00:00+14:00"])
def test_no_moment_is_refused(text: str) -> None:
    with pytest.raises(InputRejected):
        asked.moments("at", text, MINUTE)


def test_an_account_is_asked_by_its_number_or_token() -> None:
    keys = Keys.new()
    found = token(keys, "account", "KZ86125KZT5004100100")
    assert asked.account(keys, "kz86 125K ZT50 0410 0100") == found
    assert asked.account(keys, found) == found
    with pytest.raises(InputRejected):
        asked.account(keys, "KZ00")
