"""REQ-19: moments as partners write them; whole columns are read like one text after another."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.clock import DAY, HOUR
from qalqan.exchange.times import from_days, from_moments

ZONES = ["Asia/Almaty", "UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu"]
PATTERNS = ["%d.%m.%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S"]
NOON_US = 1_767_250_800_000_000  # 12:00 in Almaty

local = st.datetimes(datetime(1930, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, fold=0)  # which a text does not tell
)


def micros(moment: datetime, zone: str) -> int:
    return (moment.replace(tzinfo=ZoneInfo(zone)) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )


@given(st.lists(local, min_size=1), st.sampled_from(ZONES), st.sampled_from(PATTERNS))
def test_local_times_are_read_in_their_zone(
    moments: list[datetime], zone: str, pattern: str
) -> None:
    texts = pa.array([moment.strftime(pattern) for moment in moments])
    wanted = [micros(moment, zone) for moment in moments]
    assert from_moments(texts, pattern, zone).to_pylist() == wanted
    assert from_moments(pa.array(moments), pattern, zone).to_pylist() == wanted
    assert from_moments(pa.array([str(m) for m in moments]), "iso", zone).to_pylist() == wanted


@given(local, st.sampled_from(ZONES))
def test_one_bad_text_does_not_change_its_neighbours(moment: datetime, zone: str) -> None:
    texts = pa.array([moment.strftime(PATTERNS[0]), "кеше", None])
    found = from_moments(texts, PATTERNS[0], zone).to_pylist()
    assert found == [str(micros(moment, zone)), "кеше", None]


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("31.02.2026 10:00:00", PATTERNS[0]),
        ("01.01.2026 10:00:00 trailing", PATTERNS[0]),
        ("01.13.2026 10:00:00", PATTERNS[0]),
        ("", PATTERNS[0]),
        ("9" * 40, "iso"),
        ("0000-00-00", "iso"),
        ("\x00", "iso"),
    ],
)
def test_what_is_no_moment_stays_as_it_stood(text: str, pattern: str) -> None:
    assert from_moments(pa.array([text]), pattern, "Asia/Almaty").to_pylist() == [text]


def test_a_zone_written_beside_the_time_wins() -> None:
    written = ["2026-01-01T07:00:00Z", "2026-01-01T12:00:00+05:00", "2026-01-01 12:00:00"]
    assert from_moments(pa.array(written), "iso", "Asia/Almaty").to_pylist() == [NOON_US] * 3
    aware = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=5)))
    column = pa.array([aware], pa.timestamp("ms", "UTC"))
    assert from_moments(column, "iso", "Europe/Berlin").to_pylist() == [NOON_US]


@pytest.mark.parametrize("offset", ["+1401", "-1201", "+2359", "+9900", "KZT"])
def test_an_offset_that_no_clock_has_is_none(offset: str) -> None:
    texts = pa.array([f"2026-01-01 12:00:00 {offset}", "2026-01-01 12:00:00 +0500"])
    found = from_moments(texts, "%Y-%m-%d %H:%M:%S %z", "UTC").to_pylist()
    assert found == [texts[0].as_py(), str(NOON_US)]


@pytest.mark.parametrize("offset", ["+1400", "-1200", "+05:45", "Z"])
def test_an_offset_that_some_clock_has_is_taken(offset: str) -> None:
    [found] = from_moments(
        pa.array([f"2026-01-01 12:00:00 {offset}"]), "%Y-%m-%d %H:%M:%S %z", "UTC"
    ).to_pylist()
    assert isinstance(found, int)


def test_kazakhstan_has_one_time_since_march_2024() -> None:
    texts = pa.array(["29.02.2024 12:00:00", "01.03.2024 12:00:00"])
    before, after = from_moments(texts, PATTERNS[0], "Asia/Almaty").to_pylist()
    assert after - before == DAY + HOUR


def test_in_the_hour_that_repeats_the_earlier_moment_is_taken() -> None:
    text = pa.array(["29.02.2024 23:30:00"])
    (found,) = from_moments(text, PATTERNS[0], "Asia/Almaty").to_pylist()
    assert found == micros(datetime(2024, 2, 29, 23, 30), "Asia/Almaty")


def test_a_typed_date_is_its_midnight() -> None:
    (found,) = from_moments(pa.array([date(2026, 1, 1)]), "iso", "Asia/Almaty").to_pylist()
    assert found == NOON_US - 12 * HOUR


@given(st.lists(st.none() | st.integers(-40_000, 40_000)))
def test_days_are_counted_from_the_day_that_is_zero(days: list[int | None]) -> None:
    zero = date(2020, 1, 1)
    wanted = [None if d is None else (18_262 + d) * DAY for d in days]
    assert from_days(pa.array(days, pa.int64()), zero).to_pylist() == wanted


@pytest.mark.parametrize("value", [2**62, "soon", 1.5])
def test_days_that_are_none_stay_as_they_stood(value: object) -> None:
    assert from_days(pa.array([value]), date(2020, 1, 1)).to_pylist() == [str(value)]


def test_an_empty_column_is_empty() -> None:
    nothing = pa.array([], pa.string())
    assert from_moments(nothing, PATTERNS[0], "UTC").to_pylist() == []
    assert from_moments(pa.nulls(2), PATTERNS[0], "UTC").to_pylist() == [None, None]
