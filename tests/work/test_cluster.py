"""The short form of `soak/cluster.py`: two workers and two web processes on one PostgreSQL,
killed at random, the server restarted in mid-load."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import pytest

from peers.postgresql import programs

sys.path.append(str(Path(__file__).parents[2] / "soak"))

import cluster


@pytest.mark.long
def test_nothing_is_lost_or_doubled_and_all_recovers_by_itself() -> None:
    if programs() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("this test needs PostgreSQL")
        pytest.skip("this test needs PostgreSQL")
    cluster.RECOVERS_S = 60.0  # how fast it is, `soak/cluster.py` measures
    asked = argparse.Namespace(seconds=9, workers=2, webs=2, clients=6, restarts=2, seed=2)
    books = cluster.run(asked)
    assert books.violations == []
    assert books.restarts == {"fast": 1, "immediate": 1}
    assert books.facts
    assert books.reports
