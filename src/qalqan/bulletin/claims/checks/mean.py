"""A mean against its total and its span (REQ-46)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from qalqan.bulletin.claims.claim import Mean
from qalqan.bulletin.claims.mention import When
from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.seen import Seen

WRONG = Kind("mean.wrong", "false", ("REQ-46",))
SPAN = Kind("mean.span", "unsound", ("REQ-46", "REQ-86a"))
KINDS = (WRONG, SPAN)

_DAYS: dict[str, int | Fraction] = {"day": 1, "week": 7, "month": Fraction(365, 12)}
_ROOM = Fraction(2, 100)
_WORKING = (Fraction(60, 100), Fraction(75, 100))
"""Working days of a span: a mean of them is no mistake."""


def find(seen: Seen) -> Iterator[Problem]:
    """Means that their total and span refute."""
    for mean in seen.means:
        if mean.mean.value and (problem := _of(seen, mean)) is not None:
            yield problem


def _of(seen: Seen, mean: Mean) -> Problem | None:
    low, high = mean.total.low / mean.mean.high, mean.total.high / mean.mean.low
    point = mean.total.value / mean.mean.value
    if mean.count is not None:
        if low <= mean.count.high * (1 + _ROOM) and mean.count.low * (1 - _ROOM) <= high:
            return None
        told = mean.total.value / mean.count.value
        return WRONG.at(
            seen.reading, mean.mean, mean.total, mean.count,
            reckoned=told, mean=mean.mean, total=mean.total,
        )  # fmt: skip
    return _over_days(seen, mean, low, high, point)


def _over_days(
    seen: Seen, mean: Mean, low: Fraction, high: Fraction, point: Fraction
) -> Problem | None:
    span = _days(seen, mean)
    if span is None:
        return None
    days, since = span
    unit = Fraction(_DAYS[mean.per])
    least, most = days / unit * (1 - _ROOM), days / unit * (1 + _ROOM)
    if since:
        if high >= least * Fraction(9, 10):
            return None
        return SPAN.at(
            seen.reading, mean.mean, mean.total, mean=mean.mean, total=mean.total,
            reckoned=Fraction(round(point * unit)), days=days,
        )  # fmt: skip
    if low <= most and high >= least - 1:
        return None
    if mean.per == "day" and days >= 20 and _WORKING[0] * days <= point <= _WORKING[1] * days:
        return None
    return WRONG.at(
        seen.reading, mean.mean, mean.total, mean=mean.mean, total=mean.total,
        reckoned=mean.total.value * unit / days,
    )  # fmt: skip


def _days(seen: Seen, mean: Mean) -> tuple[int, bool] | None:
    """Days of the named span, and whether it is only named by its beginning."""
    when = mean.when
    if when is None:
        return None
    if when.kind == "one_month":
        return 30, False
    if when.first is None or when.last is None:
        return None
    if _ends_later(seen, mean, when):
        latest = seen.reading.latest
        return ((latest - when.last).days, True) if latest and latest > when.last else None
    return (when.last - when.first).days + 1, False


def _ends_later(seen: Seen, mean: Mean, when: When) -> bool:
    """Whether something began in the period and went on: a system taken into use in November."""
    reading = seen.reading
    sentence = reading.sentence_of(when)
    if sentence.has("periods.since") and when.kind in ("month", "day"):
        near = sentence.cut(when.start - 16, when.end + 14)
        return sentence.words.has("periods.since", near) or sentence != reading.sentence_of(
            mean.mean
        )
    latest = reading.latest
    return (
        sentence != reading.sentence_of(mean.mean)
        and latest is not None
        and (when.last is not None and (latest - when.last).days > 31)
    )
