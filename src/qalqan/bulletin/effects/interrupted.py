"""A series that a measure interrupts, where no group was left out: the step beside the trend that
went before, and beside the same months of the years before (REQ-85).

Segmented regression on log rates (Wagner et al. 2002; Bernal, Cummins and Gasparrini 2017): level,
trend, season by calendar month, step. A season is fitted only where each month after has its like
before. Short series have wide intervals, or none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from qalqan.bulletin.effects.lines import fit
from qalqan.bulletin.effects.results import LEVEL, Effect, unknown
from qalqan.bulletin.effects.series import Month

CODE = "trend"
FEWEST_BEFORE, FEWEST_AFTER = 8, 3
"""Months: with fewer a trend is drawn through chance (Jandoc et al. 2015 ask for eight)."""
FEWEST_A_MONTH = 5
FREE_FOR_SEASON = 6


def interrupted(before: Sequence[Month], after: Sequence[Month], level: float = LEVEL) -> Effect:
    """The step at the start, over what trend and season would have gone on to."""
    months = (*before, *after)
    n = sum(each.count for each in months)
    counts = {"before": sum(m.count for m in before), "after": sum(m.count for m in after)}
    if len(before) < FEWEST_BEFORE or len(after) < FEWEST_AFTER:
        return unknown(CODE, "segmented", "few_months", n, counts=counts)
    if n < FEWEST_A_MONTH * len(months):
        return unknown(CODE, "segmented", "too_few", n, counts=counts)
    season = _season(before, after)
    seen = [math.log((each.count + 0.5) / each.days) for each in months]
    line = [_ordinal(each) / 12 for each in months]
    step = [0.0] * len(before) + [1.0] * len(after)
    found = fit([step, [1.0] * len(months), line, *season], seen, 0)
    if found is None:
        return unknown(CODE, "segmented", "few_months", n, counts=counts)
    reach = found.reach(level)
    assumes = ("no_group", "trend_goes_on", "nothing_else", *(() if season else ("no_season",)))
    return Effect(
        CODE, "segmented_season" if season else "segmented", "ratio", math.exp(found.point),
        math.exp(found.point - reach), math.exp(found.point + reach), n, assumes,
        p=found.p, level=level, counts=counts,
    )  # fmt: skip


def _season(before: Sequence[Month], after: Sequence[Month]) -> list[list[float]]:
    """A column a calendar month but the first; none where years are too few to tell."""
    months = (*before, *after)
    known = {each.month.start.month for each in before}
    free = len(months) - 3 - (len(known) - 1)
    if not {each.month.start.month for each in after} <= known or free < FREE_FOR_SEASON:
        return []
    if len(before) < 2 * 12:
        return []
    return [
        [1.0 if each.month.start.month == of else 0.0 for each in months]
        for of in sorted(known)[1:]
    ]


def _ordinal(of: Month) -> int:
    start = of.month.start
    return start.year * 12 + start.month
