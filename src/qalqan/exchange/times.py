"""Moments as partners write them, as UTC microseconds.

Zones come from Python's own table, so that a machine without system zone files answers alike.
In the hour that a zone's clocks repeat, the earlier moment is taken.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.clock import DAY, SECOND
from qalqan.exchange.given import texts_of

_EPOCH = date(1970, 1, 1)
_EPOCH_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
_QUARTER = 900
_WITH_FRACTION = "%f"
_FARTHEST = (timedelta(hours=-12), timedelta(hours=14))
"""No clock on earth differs more from UTC (Baker Island, Kiritimati)."""


def from_days(values: pa.Array, day_zero: date) -> pa.Array:
    """Days counted from `day_zero` as their first microsecond (UTC)."""
    try:
        days = values.cast(pa.int64())
        since = pc.add_checked(days, (day_zero - _EPOCH).days)
        return pc.multiply_checked(since, DAY)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return texts_of(values)


def from_moments(values: pa.Array, pattern: str, zone: str) -> pa.Array:
    """int64 µs UTC if every value is a moment; else texts, the others as they stood."""
    if pa.types.is_timestamp(values.type) or pa.types.is_date(values.type):
        return _from_temporal(values, zone)
    values = texts_of(values)
    if pattern != "iso" and _WITH_FRACTION not in pattern:
        read = pc.strptime(values, format=pattern, unit="s", error_is_null=True)
        # It overlooks what follows and days that are none: writing the moment back finds them.
        same = pc.equal(pc.strftime(read, format=pattern), values)
        if read.null_count == values.null_count and pc.all(same, min_count=0).as_py():
            micros = pc.multiply(read.cast(pa.int64()), SECOND)
            return _to_utc(micros, zone)
    return _one_by_one(values, pattern, zone)


def _from_temporal(values: pa.Array, zone: str) -> pa.Array:
    aware = getattr(values.type, "tz", None) is not None
    plain = values.cast(pa.timestamp("us", values.type.tz if aware else None), safe=False)
    micros = plain.cast(pa.int64())
    return micros if aware else _to_utc(micros, zone)


def _to_utc(local: pa.Array, zone: str) -> pa.Array:
    """Local wall time to UTC; a zone changes its offset at most on a quarter of an hour."""
    absent = local.is_null().to_numpy(zero_copy_only=False)
    micros = local.fill_null(0).to_numpy()
    quarters, places = np.unique(micros // (_QUARTER * SECOND), return_inverse=True)
    offsets = np.array([_offset_us(int(quarter), ZoneInfo(zone)) for quarter in quarters])
    return pa.array(micros - offsets[places] if len(offsets) else micros, pa.int64(), mask=absent)


def _offset_us(quarter: int, zone: ZoneInfo) -> int:
    try:
        moment = datetime(1970, 1, 1) + timedelta(seconds=quarter * _QUARTER)
        offset = moment.replace(tzinfo=zone).utcoffset()
    except OverflowError:  # before year 1 or after 9999: refused by the intake in any zone
        return 0
    return 0 if offset is None else offset // timedelta(microseconds=1)


def _one_by_one(values: pa.Array, pattern: str, zone: str) -> pa.Array:
    coded = pc.dictionary_encode(values)
    read = [micros_of(text, pattern, ZoneInfo(zone)) for text in coded.dictionary.to_pylist()]
    if None not in read:
        return pa.array(read, pa.int64()).take(coded.indices)
    both = zip(read, coded.dictionary.to_pylist(), strict=True)
    texts = [text if micros is None else str(micros) for micros, text in both]
    return pa.array(texts, pa.string()).take(coded.indices)


def micros_of(text: str, pattern: str, zone: ZoneInfo) -> int | None:
    """One moment by a pattern or as ISO 8601, in µs UTC; None if it is none."""
    moment = _read(text.strip(), pattern)
    if moment is None:
        return None
    offset = moment.utcoffset()
    if offset is not None and not _FARTHEST[0] <= offset <= _FARTHEST[1]:
        return None
    try:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return (aware - _EPOCH_MOMENT) // timedelta(microseconds=1)
    except OverflowError:
        return None


def _read(text: str, pattern: str) -> datetime | None:
    """By the pattern, else as ISO 8601: a sheet mixes typed dates with written ones."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return None if pattern == "iso" else datetime.strptime(text, pattern)
    except ValueError:
        return None
