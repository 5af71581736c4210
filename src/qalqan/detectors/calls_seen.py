"""Calls as detectors on numbers start from them: talks of two numbers, and SIM cards on the air.

A call may be told by each network that it crosses; detectors therefore count numbers that were
rung rather than records wherever the two could differ. What providers tell each other of an
interconnection without numbers is no call of anybody's here. Numbers stand as tokens: that a
caller goes through them one after another can't be seen.
"""

from __future__ import annotations

import ibis
from ibis import Table, _

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
ALMATY_US = 5 * HOUR_US
"""The country keeps UTC+5 since March 2024."""
HOME = "KZ"


def told(calls: Table) -> Table:
    """Calls and SMS of which both numbers are told, as networks tell them: what an edge decided
    says nothing of how a call ended, and its network tells the call, too."""
    sound = _.caller.notnull(), _.callee.notnull(), _.at_us.notnull()
    return calls.filter(*sound, _.edge.isnull())


def voice(calls: Table) -> Table:
    """Calls of which both numbers are told, without SMS."""
    return told(calls).filter(is_voice(calls))


def is_voice(calls: Table) -> ibis.Value:
    """Whether it is a call; an empty service means voice."""
    return calls.service.isnull() | (calls.service == "voice")


def on_air(calls: Table) -> Table:
    """Calls and SMS from a subscriber's own line, with the device that sent them."""
    return told(calls).filter(_.trunk_class == "access")


def day_us(at_us: ibis.Value) -> ibis.Value:
    """Beginning of the UTC day of a moment."""
    return at_us - at_us % DAY_US


def month(day: ibis.Value) -> ibis.Value:
    """First day of the calendar month (UTC)."""
    return day.truncate("M").cast("date")


def month_us(first: ibis.Value) -> ibis.Value:
    """The moment at which a month begins, by its first day."""
    return first.epoch_days().cast("int64") * DAY_US


def month_end_us(first: ibis.Value) -> ibis.Value:
    """The moment at which the next month begins."""
    return month_us(month(first + ibis.interval(days=31)))


def finding(
    found: Table, subject_kind: str, subject: str, span_us: int, evidence: tuple[str, ...]
) -> Table:
    """Rows with `score` and `from_us` as findings about the column `subject`."""
    return found.select(
        subject_kind=ibis.literal(subject_kind),
        subject=found[subject],
        score=found.score,
        window_from_us=found.from_us,
        window_to_us=found.from_us + span_us,
        evidence=ibis.struct({name: found[name] for name in evidence}),
    )


def monthly(
    found: Table, subject_kind: str | ibis.Value, subject: str, evidence: tuple[str, ...]
) -> Table:
    """Rows with `score` and `month` as findings about the column `subject`."""
    return found.select(
        subject_kind=ibis.literal(subject_kind) if isinstance(subject_kind, str) else subject_kind,
        subject=found[subject],
        score=found.score,
        window_from_us=month_us(found.month),
        window_to_us=month_end_us(found.month),
        evidence=ibis.struct({name: found[name] for name in evidence}),
    )


def share(part: ibis.Value, whole: ibis.Value) -> ibis.Value:
    """`part` of `whole` as a double from 0 to 1; nothing of nothing is 0."""
    return ibis.least(1.0, part.cast("float64") / whole.nullif(0)).fill_null(0.0)


def of_full(value: ibis.Value, full: int) -> ibis.Value:
    """`value` as a share of what makes a full score, from 0 to 1."""
    return ibis.least(1.0, value.cast("float64") / full)


def and_counts(found: Table, counts: Table, keys: tuple[str, ...]) -> Table:
    """`found` with the other columns of `counts`; 0 where it has no row."""
    named = [name for name in counts.columns if name not in keys]
    both = found.left_join(counts, keys)
    return both.select(*found.columns, **{name: both[name].fill_null(0) for name in named})
