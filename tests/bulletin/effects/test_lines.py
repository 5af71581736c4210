from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from qalqan.bulletin.effects.lines import fit


def test_a_slope_and_its_error_are_scipys() -> None:
    draw = np.random.default_rng(1)
    x = np.arange(5.0)
    y = 2 * x + draw.normal(0, 1, 5)
    found, told = fit([x, [1.0] * 5], y, 0), stats.linregress(x, y)
    assert found is not None
    assert (found.point, found.error, found.p) == pytest.approx(
        (told.slope, told.stderr, told.pvalue)
    )


def test_months_that_go_together_widen_it() -> None:
    x = np.arange(24.0)
    waves = fit([x, [1.0] * 24], np.repeat([0.0, 1.0, 0.0, 1.0], 6), 0)
    told = stats.linregress(x, np.repeat([0.0, 1.0, 0.0, 1.0], 6))
    assert waves is not None
    assert waves.error > 1.5 * told.stderr


def test_what_can_not_be_fitted_is_none() -> None:
    assert fit([[1.0, 1.0, 1.0]], [1.0, 2.0, 3.0], 0) is not None
    assert fit([[1.0, 1.0]], [1.0, 2.0], 0) is None
    assert fit([[1.0] * 5, [1.0] * 5], [1.0] * 5, 0) is None
