"""The benchmarks of the record run, and print what `make bench` publishes: short forms, of which
only the shape is looked at (tests time nothing)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"
COLUMNS = {"name", "unit", "ours", "peer", "peer_value", "ratio", "n", "notes"}


def lines_of(script: str, *given: str) -> list[dict[str, object]]:
    run = subprocess.run(
        [sys.executable, BENCH / script, *given], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


@pytest.mark.parametrize(
    ("script", "given"), [("ingest.py", ("--rows", "20000")), ("upkeep.py", ("20",))]
)
def test_prints_its_lines(script: str, given: tuple[str, ...]) -> None:
    assert_lines(lines_of(script, *given))


def test_posts_prints_its_lines() -> None:
    if shutil.which("wrk") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("the benchmark of POSTs needs wrk")
        pytest.skip("the benchmark of POSTs needs wrk")
    assert_lines(lines_of("posts.py", "1"))


def assert_lines(lines: list[dict[str, object]]) -> None:
    assert lines
    for line in lines:
        assert set(line) == COLUMNS
        assert line["ours"]
