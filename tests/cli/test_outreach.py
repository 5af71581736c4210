"""Segments and sending from the command line."""

from __future__ import annotations

import json
from typing import Any


def test_segments_are_written_to_stdout_and_hold_counts_alone(qalqan: Any) -> None:
    qalqan("init")
    told = qalqan("outreach", "segments", "2025-10", "--trait", "age")
    assert told.code == 0
    assert told.out.splitlines()[0].startswith("period,region,age,method")
    body = json.loads(qalqan("outreach", "segments", "2025-10", "--format", "json").out)
    assert body == {"period": "2025-10", "fewest_people": 5, "segments": []}


def test_what_is_not_told_of_is_refused(qalqan: Any) -> None:
    qalqan("init")
    for words in (["2026-10-05"], ["2025-10", "--trait", "sex"], ["2025-10", "--format", "xlsx"]):
        assert qalqan("outreach", "segments", *words).code == 2


def test_sending_is_told_by_campaign(qalqan: Any) -> None:
    qalqan("init")
    assert qalqan("outreach", "sending", "--json").json == {}


def test_how_many_people_a_comparison_takes(qalqan: Any) -> None:
    told = qalqan("outreach", "people", "0.5", "0.5", "--json")
    assert told.json == {"warned": 58, "held_out": 58}
    assert qalqan("outreach", "people", "0.5", "1").code == 2
