"""Least squares with few, possibly correlated months: the one fit that series share.

Student's t with the degrees of freedom that are left; where residuals of neighbouring months go
together, the variance is widened by (1 + r) / (1 - r), r the first autocorrelation of the residuals
(Bartlett 1946; Bence 1995), corrected for its bias in short series (Kendall 1954), never below 0;
the degrees of freedom are fewer by as much.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

Array = np.ndarray[Any, Any]
MOST_R = 0.8


@dataclass(frozen=True)
class Fitted:
    """One coefficient of a fit, and all coefficients."""

    point: float
    error: float
    free: int
    p: float
    whole: Array

    def reach(self, level: float) -> float:
        """Half the width of its interval."""
        return float(stats.t.ppf((1 + level) / 2, self.free)) * self.error


def fit(columns: Sequence[Sequence[float]], seen: Sequence[float], of: int) -> Fitted | None:
    """The coefficient of column `of`; None if there is too little to tell it."""
    x, y = np.column_stack([np.asarray(each, float) for each in columns]), np.asarray(seen, float)
    free = len(y) - x.shape[1]
    if free < 2 or np.linalg.matrix_rank(x) < x.shape[1]:
        return None
    inverse = np.linalg.inv(x.T @ x)
    whole = inverse @ x.T @ y
    left = y - x @ whole
    wider = _widened(left, x.shape[1])
    variance = float(left @ left) / free * inverse[of, of] * wider
    error = math.sqrt(max(variance, 1e-18))
    free = max(2, round(free / wider))
    p = 2 * float(stats.t.sf(abs(whole[of]) / error, free))
    return Fitted(float(whole[of]), error, free, p, whole)


def _widened(left: Array, fitted: int) -> float:
    """How much neighbouring months widen the variance."""
    whole = float(left @ left)
    if whole <= 0 or len(left) < 6:
        return 1.0
    first = float(left[1:] @ left[:-1]) / whole
    corrected = first + (fitted + 3 * first) / len(left)
    r = min(max(first, corrected if first > 0 else 0.0, 0.0), MOST_R)
    return (1 + r) / (1 - r)
