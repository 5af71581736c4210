"""Policies replayed from the command line (REQ-44)."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from qalqan.cli.app import app
from qalqan.cli.out import language
from qalqan.simulate.replay.compare import POLICIES
from qalqan.simulate.replay.scenario import scenario
from qalqan.text.catalogue import say

SMALL = ("replay", "--victims", "5", "--no-sensitivity", "--processes", "1")


def test_the_figures_are_told_by_policy_and_delay() -> None:
    said = CliRunner().invoke(app, [*SMALL, "--json"], catch_exceptions=False)
    told = json.loads(said.stdout)
    assert told["simulated"] is True
    delays = scenario()["comparison.delays_minutes"]
    asked = {(row["policy"], row["delay_minutes"]) for row in told["main"]}
    assert asked == {(policy, delay) for policy in POLICIES for delay in delays}


def test_people_read_that_it_is_simulated_and_get_a_chart(tmp_path: Path) -> None:
    chart = tmp_path / "chart.svg"
    said = CliRunner().invoke(app, [*SMALL, "--chart", str(chart)], catch_exceptions=False)
    assert say("replay.note", language()) in said.stdout
    assert say("replay.axis.stopped", language()) in chart.read_text(encoding="utf-8")
