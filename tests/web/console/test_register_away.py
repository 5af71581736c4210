"""The register is locked or away while pages are asked for: a clear page, nothing lost, and it goes
on by itself (REQ-19; issue 5, bad input and faults)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import story
from peers.postgresql import Server, programs
from qalqan.register import dialect, orm
from qalqan.register.sessions import user_by_session
from qalqan.settings import Settings
from qalqan.text.catalogue import say
from qalqan.web.app import make_app
from web.conftest import TestClient

CHASE = "C-26-000002"


def test_a_locked_file_is_told_and_the_step_can_be_taken_again(
    console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = [line for line in dialect._PRAGMAS if "busy_timeout" not in line]
    monkeypatch.setattr(dialect, "_PRAGMAS", (*short, "PRAGMA busy_timeout = 200"))
    console.app = make_app(Settings(home=console.home, language="kk"))  # with fresh connections
    browser = console.browser("d.ospanov", "ru")
    take = {"csrf": console.csrf(browser), "case": CHASE}
    with closing(sqlite3.connect(console.home / "register.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = browser.post("/queue/take", data=take)
        other.execute("ROLLBACK")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert say("api.error.unavailable", "ru") in answer.text
    assert browser.post("/queue/take", data=take).status_code == 303
    console.app.state.database.close()


def test_a_server_that_is_started_anew_is_found_again_by_itself(
    told: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = programs()
    assert folder is not None, "this test needs PostgreSQL: bash tests/peers/install"
    with closing(Server(folder)) as server:
        home = tmp_path / "home"
        monkeypatch.setenv("QALQAN_CLOCK", str(home / "clock"))
        monkeypatch.setenv("QALQAN_HOME", str(home))
        monkeypatch.setenv("QALQAN_REGISTER", server.address)
        centre = story.found(home)
        app = make_app(Settings(home=home, language="kk"))
        with closing(app.state.database), closing(centre.books):
            browser = TestClient(app, client=("203.0.113.7", 50_000), follow_redirects=False)
            browser.headers.update({"accept": "text/html", "sec-fetch-site": "same-origin"})
            browser.cookies.set("qalqan_session", centre.sessions["d.ospanov"])
            assert browser.get("/queue").status_code == 200
            server.stop()
            away = browser.get("/queue")
            assert (away.status_code, away.headers["retry-after"]) == (503, "5")
            assert "Traceback" not in away.text
            server.start()
            assert browser.get("/queue").status_code == 200
            with centre.database.session() as session:
                assert user_by_session(session, centre.sessions["d.ospanov"]).login == "d.ospanov"
                assert session.query(orm.User).count() == len(story.OFFICERS)
        centre.database.close()
