from __future__ import annotations

import pytest

from qalqan.bulletin.effects.displacement import Halves, displacement, quotient
from qalqan.bulletin.effects.results import Verdict
from qalqan.bulletin.effects.series import Month
from qalqan.model.period import parse


def years(was: int, now: int) -> Halves:
    return [Month(parse("2022"), was)], [Month(parse("2023"), now)]


def test_the_sources_own_case_is_no_success() -> None:
    """REQ-8: −31.1 % for two methods, +22.9 % for all others, together +5.8 %."""
    found = displacement(years(6_471, 4_460), years(13_973, 17_177))
    assert found.target.point == pytest.approx(1 - 0.311, abs=5e-4)
    assert found.others.point == pytest.approx(1 + 0.229, abs=5e-4)
    assert found.net.point == pytest.approx(1 + 0.058, abs=5e-4)
    assert found.net.counts["before"] == 20_444
    assert found.net.counts["after"] == 21_637
    assert found.is_shown
    assert found.verdict is Verdict.ROSE


def test_a_fall_that_nothing_made_up_stays_one() -> None:
    found = displacement(years(6_471, 4_460), years(13_973, 13_950))
    assert not found.is_shown
    assert found.verdict is found.target.verdict is Verdict.FELL


def test_the_quotient_tells_moving_away_from_spreading() -> None:
    moved = quotient((100, 50), (100, 150), (100, 100))
    spread = quotient((100, 50), (100, 75), (100, 100))
    assert moved == pytest.approx(-1)
    assert spread == pytest.approx(0.5)
    assert quotient((100, 100), (100, 50), (100, 100)) is None
    assert quotient((100, 50), (100, 50), (0, 100)) is None
