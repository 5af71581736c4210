"""Which point is chosen, and that a damaged one stops no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qalqan.backup import points
from qalqan.backup.taking import Taken
from qalqan.clock import HOUR, SharedClock
from qalqan.errors import ContractBroken, NotFound

BackedUp = Callable[..., Taken]


@pytest.fixture
def server() -> None:
    """A manifest is a file."""


@pytest.fixture
def hourly(centre: Any, backed_up: BackedUp, stopped_clock: SharedClock) -> list[points.Point]:
    made = []
    for name in ("a", "b", "c"):
        centre.give(name)
        centre.seal()
        made.append(backed_up().point)
        stopped_clock.set(stopped_clock.now_us() + HOUR)
    return made


def test_the_newest_that_is_not_later(folder: Path, hourly: list[points.Point]) -> None:
    first, second, third = hourly
    assert points.chosen(folder) == third
    assert points.chosen(folder, at_us=second.at_us) == second
    assert points.chosen(folder, at_us=second.at_us - 1) == first
    assert points.chosen(folder, seal=2) == second
    assert points.chosen(folder, at_us=third.at_us, seal=1) == first
    for asked in ({"at_us": first.at_us - 1}, {"seal": 0}):
        with pytest.raises(NotFound):
            points.chosen(folder, **asked)


def test_a_later_point_s_damage_stops_no_earlier_one(
    folder: Path, hourly: list[points.Point]
) -> None:
    first, second, third = hourly
    (folder / "points" / third.name / "manifest.json").write_text("{")
    for asked in ({}, {"seal": 3}, {"at_us": third.at_us}):
        with pytest.raises(ContractBroken):
            points.chosen(folder, **asked)
    assert points.chosen(folder, at_us=third.at_us - 1_000_000) == second
    assert points.chosen(folder, seal=1) == first
