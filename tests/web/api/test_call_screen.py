"""Operators ask about calls over HTTP (REQ-45)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from qalqan.screening.call_policy import default_body
from qalqan.work import call_tables

LISTS = """
[operators]
dala = "Dala"
[[trunks]]
name = "abroad"
class = "international"
addresses = ["10.0.0.1"]
"""
PATH = "/v1/screen/calls"


def made(web: Any, tmp_path: Path, live: bool = True) -> Path:
    if live:
        with web.database.write() as session:
            call_tables.install(session, default_body(), ["a", "b"])
    (tmp_path / "calls.toml").write_text(LISTS)
    path = call_tables.tables_path(web.http.app.state.settings)
    call_tables.make(web.database, web.http.app.state.keys, tmp_path, path)
    return path


def ask(web: Any, who: str = "dala", language: str = "kk", **more: Any) -> Any:
    body = {"id": "c-1", "trunk": "10.0.0.1", "callee": "+77011111111", **more}
    return web.post(PATH, who, json=body, headers={"Accept-Language": language})


def test_a_call_is_decided_by_the_centre_s_tables(web: Any, tmp_path: Path) -> None:
    made(web, tmp_path)
    said = ask(web, presented="+77272500000").json()
    assert said["verdict"] == "refuse"
    assert said["rule"] == "calls.fixed_from_abroad"
    assert "шетелден" in said["say"]
    assert said["inputs"]["presented"] == "fixed"
    assert (said["policy"], said["id"]) == (1, "c-1")
    assert ask(web, trunk="abroad", network="sip:+442079460018@x").json()["verdict"] == "pass"
    withheld = ask(web, network="+77011234567", presented="+77011234567").json()
    assert (withheld["verdict"], withheld["number_withheld"]) == ("label", True)


def test_without_tables_and_with_broken_ones_calls_pass(web: Any, tmp_path: Path) -> None:
    said = ask(web, presented="+77272500000").json()
    assert (said["verdict"], said["no_state"]) == ("pass", True)
    path = made(web, tmp_path)
    time.sleep(1.1)
    assert ask(web, presented="+77272500000").json()["verdict"] == "refuse"
    junk = path.with_name("junk")
    junk.write_bytes(b"x" * 100_000)
    junk.replace(path)
    assert ask(web, presented="+77272500000").json()["verdict"] == "refuse"  # the mapped one stays
    made(web, tmp_path, live=False)
    assert ask(web, presented="+77272500000").json()["verdict"] == "refuse"


def test_only_operators_ask_and_bad_questions_are_told(web: Any, tmp_path: Path) -> None:
    made(web, tmp_path)
    assert ask(web, "altyn").status_code == 403
    assert ask(web, trunk="nowhere").status_code == 404
    for bad in ({"callee": 5}, {"more": 1}, {"id": ""}, {"presented": "x" * 301}):
        assert ask(web, **bad).status_code == 422
    for odd in ("", "sip:@", "+", "🙂", "+7" * 100):
        assert ask(web, presented=odd, callee=odd).status_code == 200
