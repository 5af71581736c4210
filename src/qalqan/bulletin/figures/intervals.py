"""How sure a share is: 95 % intervals of shares of counts and of shares of sums."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt

from scipy import stats

from qalqan.bulletin.figures.hiding import LEAST

Z = 1.959964
"""0.975 quantile of the standard normal distribution."""
Interval = tuple[Fraction | None, Fraction | None]


def of_counts(part: int, whole: int) -> Interval:
    """Wilson's score interval of `part` of `whole` (Wilson, *JASA* 22, 1927)."""
    found = stats.binomtest(part, whole).proportion_ci(method="wilson")
    return _bounded(float(found.low), float(found.high))


def of_sums(
    n: int = 0, h: float = 0, s: float = 0, hh: float = 0, hs: float = 0, ss: float = 0
) -> Interval:
    """Interval of Σh / Σs over n rows, by linearisation (Cochran, *Sampling Techniques*, 1977,
    6.4): Var ≈ n / (n − 1) · Σ(h − r·s)² / (Σs)². None where there are fewer than five rows."""
    if n < LEAST or not s:
        return None, None
    r = h / s
    rest = max(0.0, hh - 2 * r * hs + r * r * ss)
    half = Z * sqrt(n / (n - 1) * rest) / s
    return _bounded(r - half, r + half)


def _bounded(low: float, high: float) -> Interval:
    return _rounded(max(0.0, low)), _rounded(min(1.0, high))


def _rounded(of: float) -> Fraction:
    return Fraction(round(of * 10_000), 10_000)
