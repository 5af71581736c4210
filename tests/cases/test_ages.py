"""Bands of age."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from qalqan.cases import ages


def us(year: int, month: int, day: int, hour: int = 12) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp()) * 10**6


def test_a_band_changes_on_the_birthday_in_almaty() -> None:
    born = date(2006, 3, 10)
    assert ages.band(born, us(2024, 3, 9, 18)) == "under18"
    assert ages.band(born, us(2024, 3, 9, 19)) == "18-29"  # midnight in Almaty, UTC+5 since March
    assert ages.band(date(1963, 12, 31), us(2024, 1, 1)) == "60+"


def test_nobody_is_put_into_a_band_by_guessing() -> None:
    assert ages.band(None, us(2024, 1, 1)) is None
    assert ages.band(date(2030, 1, 1), us(2024, 1, 1)) is None


@given(st.dates(date(1900, 1, 1), date(2024, 1, 1)), st.dates(date(2024, 1, 2), date(2030, 1, 1)))
def test_whoever_grows_older_never_falls_into_a_younger_band(born: date, later: date) -> None:
    now, then = us(2024, 1, 2), us(later.year, later.month, later.day)
    bands = [ages.band(born, at) for at in (now, then)]
    assert ages.BANDS.index(str(bands[0])) <= ages.BANDS.index(str(bands[1]))
