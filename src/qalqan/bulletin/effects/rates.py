"""Before and after alone: the ratio of two rates. It says what happened, never why (REQ-85).

Two counts alone: mid-p interval of the ratio of two Poisson means, conditional on their sum
(Przyborowski and Wilenski 1940; Lancaster 1961; Rothman, Greenland and Lash, Modern Epidemiology,
3rd ed., 14). A series of months tells how much they scatter beside Poisson: then the interval is
that of quasi-Poisson (McCullagh and Nelder 1989, 6.2.3), exp(ln RR ± t √(φ(1/a + 1/b))), φ being
Pearson's statistic over its degrees of freedom, never below 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy import optimize, stats

from qalqan.bulletin.effects.results import FEWEST, LEVEL, Effect, unknown
from qalqan.bulletin.effects.series import Month, counted

CODE = "before_after"


def before_after(
    before: Sequence[Month], after: Sequence[Month], level: float = LEVEL, code: str = CODE
) -> Effect:
    """The rate a day after, over that before; never with a comparison group."""
    (was, was_days), (now, now_days) = counted(before), counted(after)
    counts = {"before": was, "after": now, "days_before": was_days, "days_after": now_days}
    if not was_days or not now_days or was < FEWEST:
        return unknown(code, "quasi_poisson", "too_few", was + now, counts=counts)
    free = len(before) + len(after) - 2
    if free < 2:
        return _exact(code, was, was_days, now, now_days, level)
    spread = dispersion(before, after)
    point = (now / now_days) / (was / was_days)
    if spread <= 1 or not now:
        return _exact(code, was, was_days, now, now_days, level, ("months_alike",))
    error = math.sqrt(spread * (1 / was + 1 / now))
    reach = float(stats.t.ppf((1 + level) / 2, free)) * error
    return Effect(
        code, "quasi_poisson", "ratio", point, point * math.exp(-reach), point * math.exp(reach),
        was + now, ("no_group", "months_alike", "no_trend"),
        p=2 * float(stats.t.sf(abs(math.log(point)) / error, free)), level=level, counts=counts,
    )  # fmt: skip


def dispersion(*parts: Sequence[Month]) -> float:
    """Pearson's statistic over its degrees of freedom, each part with a rate of its own; 1 is
    Poisson, and what is said where there is nothing to tell it from."""
    pearson, free = 0.0, 0
    for part in parts:
        count, days = counted(part)
        if count:
            expected = [count * each.days / days for each in part]
            pearson += sum(
                (each.count - e) ** 2 / e for each, e in zip(part, expected, strict=True)
            )
            free += len(part) - 1
    return pearson / free if free > 0 else 1.0


def mid_p(
    was: int, was_days: float, now: int, now_days: float, level: float = LEVEL
) -> tuple[float, float]:
    """Bounds of (now/now_days) / (was/was_days): the ratios that leave (1 - level) / 2 on a side,
    half of what was seen counted to either. The upper one is infinite if nothing was before."""
    alpha = (1 - level) / 2

    def bound(target: float) -> float:
        share = optimize.brentq(lambda p: _over(was, now, p) - target, 1e-12, 1 - 1e-12, xtol=1e-14)
        return float(share / (1 - share) * was_days / now_days)

    low = 0.0 if now == 0 else bound(alpha)
    return low, math.inf if was == 0 else bound(1 - alpha)


def _over(was: int, now: int, share: float) -> float:
    """P(X > now) + P(X = now) / 2 for X binomial of was + now."""
    n = was + now
    return float(stats.binom.sf(now, n, share) + stats.binom.pmf(now, n, share) / 2)


def _exact(
    code: str, was: int, was_days: int, now: int, now_days: int, level: float,
    more: tuple[str, ...] = (),
) -> Effect:  # fmt: skip
    low, high = mid_p(was, was_days, now, now_days, level)
    counts = {"before": was, "after": now, "days_before": was_days, "days_after": now_days}
    over = _over(was, now, now_days / (was_days + now_days))
    return Effect(
        code, "mid_p", "ratio", (now / now_days) / (was / was_days), low, high, was + now,
        ("no_group", "independent", *more, "no_trend"), p=2 * min(over, 1 - over), level=level,
        counts=counts,
    )  # fmt: skip
