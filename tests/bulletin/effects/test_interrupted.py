from __future__ import annotations

import math

import numpy as np
import pytest
from months import months

from qalqan.bulletin.effects.interrupted import interrupted
from qalqan.bulletin.effects.results import Verdict


def counts(n: int, step: float = 1.0, at: int = 24) -> list[int]:
    draw = np.random.default_rng(2)
    return [
        int(draw.poisson(400 * math.exp(0.015 * t + 0.3 * math.sin(t * math.pi / 6)))
            * (step if t >= at else 1))
        for t in range(n)
    ]  # fmt: skip


def test_trend_and_season_are_not_taken_for_an_effect() -> None:
    none, some = counts(36), counts(36, 0.7)
    quiet = interrupted(months("2022-01", none[:24]), months("2024-01", none[24:]))
    assert (quiet.method, quiet.verdict) == ("segmented_season", Verdict.NO_DIFFERENCE)
    found = interrupted(months("2022-01", some[:24]), months("2024-01", some[24:]))
    assert found.verdict is Verdict.FELL
    assert found.point == pytest.approx(0.7, abs=0.08)
    assert "no_group" in found.assumptions
    assert not found.compared


def test_short_series_say_so() -> None:
    told = counts(20)
    assert interrupted(months("2022-01", told[:7]), months("2022-08", told[7:])).because == (
        "few_months"
    )
    short = interrupted(months("2022-01", told[:12]), months("2023-01", told[12:]))
    assert short.method == "segmented"
    assert "no_season" in short.assumptions
    few = interrupted(months("2022-01", [1] * 12), months("2023-01", [1] * 6))
    assert few.because == "too_few"
