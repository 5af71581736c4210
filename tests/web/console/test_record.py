"""The record's page: who looked at whom, by person, officer, case and time (REQ-18)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import story
from qalqan.clock import DAY, HOUR
from qalqan.model.period import day_in_almaty
from qalqan.register import log
from qalqan.register.orm import Audit
from qalqan.text.catalogue import has, say
from qalqan.web.console import record_page

CASE = "C-26-000002"


def test_who_looked_at_this_person(console: Any) -> None:
    console.get(f"/cases/{CASE}")
    told = console.post("/record", "g.audit", person=story.IIN).text
    assert "d.ospanov" in told
    assert "/cases/{case_id}" in told
    assert story.IIN not in told
    with console.app.state.database.session() as session:
        rows = session.query(Audit).filter_by(actor="g.audit", action="search").all()
        assert [row.object[:4] for row in rows] == ["per_"]
    nobody = console.post("/record", "g.audit", person="880101300018").text
    assert "d.ospanov" not in nobody


def test_by_officer_case_and_day_and_the_newest_checkpoint(console: Any) -> None:
    console.get(f"/cases/{CASE}")
    log.keep_up(console.app.state.database, console.app.state.keys)
    told = console.get(f"/record?login=d.ospanov&case={CASE}&since=2026-11-23", "g.audit").text
    assert "d.ospanov" in told
    assert "b.seitkali" not in told
    with console.app.state.database.session() as session:
        newest = log.newest(session)
    assert newest is not None
    assert newest.root.hex() in told
    assert say("record.nothing", "en") in console.get("/record?until=2020-01-01", "g.audit").text


def test_a_day_begins_at_midnight_in_almaty(console: Any) -> None:
    evening = console.clock.now_us() // DAY * DAY + 20 * HOUR  # there it is tomorrow already
    console.clock.set(evening)
    console.get(f"/cases/{CASE}")
    today = day_in_almaty(evening).isoformat()
    assert "d.ospanov" in console.get(f"/record?since={today}", "g.audit").text
    before = day_in_almaty(evening - DAY).isoformat()
    told = console.get(f"/record?since={today}&until={before}", "g.audit").text
    assert say("record.nothing", "en") in told


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_what_is_no_identifier_or_day_is_told(console: Any, language: str) -> None:
    console.language = language
    assert console.post("/record", "g.audit", person="nobody").status_code == 422
    assert console.get("/record?since=yesterday", "g.audit").status_code == 422


def test_only_an_auditor_reads_it(console: Any) -> None:
    assert console.get("/record", "a.nurlanova").status_code == 403
    assert console.post("/record", "d.ospanov", person=story.IIN).status_code == 403
    answer = console.browser("g.audit").post("/record", data={"person": story.IIN, "csrf": "x"})
    assert answer.status_code == 403


def test_every_action_that_is_noted_has_its_sentence():
    """What code notes by a plain name; names made of a state are checked with their states."""
    noted, call = set(), r"""\bnote\(\s*session,\s*[^,"]+,\s*"([a-z_.]+)",\s*"[a-z_]"""
    for path in Path(record_page.__file__).parents[2].rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        noted |= set(re.findall(call, text))
    assert len(noted) > 60
    unsaid = {each for each in noted if not has(f"record.action.{each.replace('.', '_')}")}
    assert unsaid == set()
