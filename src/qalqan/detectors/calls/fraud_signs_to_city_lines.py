"""A number from abroad goes through city lines, with few answers and short talks (REQ-46).

Four signs are weighed: many calls within an hour, few of them answered, short talks, no line rung
twice. Few answers on many lines are needed, and one more sign beside. Quiet on

- a relative abroad who rings often: few lines, again and again;
- a bank or a firm abroad: most of its clients answer, and many are rung again;
- calls to mobile numbers, which are other detectors' matter.

That a caller dials numbers in sequence can't be seen: the lake holds tokens. A few answers are
granted before the share is judged, so that a handful of calls proves nothing. The window is the UTC
day. The score is the share of signs, weighed by the number of lines; it ranks and is no
probability.
"""

from dataclasses import dataclass

from ibis import Table, _

from qalqan.detectors import calls_seen as seen
from qalqan.detectors.base import detector


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    min_lines: int = 20
    """Judgement: no family and few firms ring twenty city lines of the country a day."""
    max_answered_permille: int = 350
    """REQ-46 names no number; Judgement: clients of a firm answer more often."""
    granted: int = 4
    """Judgement: so many answers are added before the share is judged; a handful proves nothing."""
    many_an_hour: int = 20
    """Judgement: a call every three minutes, without a pause."""
    short_s: int = 20
    """Judgement: as long as it takes to hang up on a stranger."""
    min_short_permille: int = 500
    """Judgement: most of those who answered hung up."""
    max_again_permille: int = 100
    """Judgement: who has clients rings many of them again."""
    lines_for_full_score: int = 100
    """Judgement: five times what is noticed."""
    permitted: tuple[str, ...] = ()
    """Judgement: tokens of foreign numbers whose calls were agreed beforehand."""


READS = (
    "at_us", "edge", "caller", "callee", "caller_country", "callee_country", "callee_class",
    "trunk_class", "service", "answered", "duration_s",
)  # fmt: skip
EVIDENCE = (
    "lines", "calls", "answered", "short", "most_an_hour", "signs", "first_us", "last_us",
)  # fmt: skip
DAYS = ("caller", "from_us")


@detector("calls.fraud_signs_to_city_lines", reads={"call": READS}, params=Params(), shares=(seen,))
def fraud_signs_to_city_lines(calls: Table, p: Params) -> Table:
    """Foreign caller and day with the signs of fraud calls into city networks."""
    into = seen.voice(calls).filter(
        _.trunk_class == "international",
        _.caller_country != seen.HOME,
        _.callee_country == seen.HOME,
        _.callee_class == "fixed",
        _.caller.notin(("", *p.permitted)),
    )
    into = into.mutate(from_us=seen.day_us(_.at_us), hour=_.at_us // seen.HOUR_US)
    days = into.group_by(*DAYS).agg(
        lines=_.callee.nunique(),
        calls=_.count(),
        answered=_.answered.sum(),
        short=(_.answered & (_.duration_s <= p.short_s)).sum(),
        first_us=_.at_us.min(),
        last_us=_.at_us.max(),
    )
    hours = into.group_by(*DAYS, "hour").agg(calls=_.count())
    most = hours.group_by(*DAYS).agg(most_an_hour=_.calls.max())
    found = _signs(days.inner_join(most, DAYS), p)
    return seen.finding(found, "phone", "caller", seen.DAY_US, EVIDENCE)


def _signs(days: Table, p: Params) -> Table:
    """Days that show few answers and at least one sign more."""
    few = days.filter(
        _.lines >= p.min_lines,
        (_.answered + p.granted) * 1000 <= _.calls * p.max_answered_permille,
    )
    rush = (_.most_an_hour >= p.many_an_hour).cast("int64")
    short = (_.short * 1000 >= _.answered * p.min_short_permille).cast("int64")
    never_again = ((_.calls - _.lines) * 1000 <= _.calls * p.max_again_permille).cast("int64")
    signs = few.mutate(signs=1 + rush + short + never_again).filter(_.signs >= 2)
    weight = (1 + seen.of_full(signs.lines, p.lines_for_full_score)) / 2
    return signs.mutate(score=signs.signs.cast("float64") / 4 * weight)
