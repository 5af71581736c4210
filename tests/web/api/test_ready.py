"""`/ready` says yes while every part is well, and names the one that is not."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from qalqan.register import vault
from qalqan.register.orm import Landing
from qalqan.trust.keys import Keys
from qalqan.work import readiness

PARTS = {"register", "migrations", "keys", "lake", "disk", "landing"}


@pytest.fixture
def centre(web):
    """A centre whose keys have proved themselves, as `qalqan init` leaves it."""
    with web.database.write() as session:
        session.execute(text("DELETE FROM vault"))
        vault.check_keys(session, web.keys)
    return web


def asked(web):
    web.http.app.state.ready = None
    answer = web.get("/ready")
    body = answer.json()
    assert (answer.status_code == 200) is body["ready"]
    return body


def unwell(body):
    return {name: part["seen"] for name, part in body["parts"].items() if not part["ok"]}


def test_all_is_well(centre):
    body = asked(centre)
    assert body["ready"], body
    assert set(body["parts"]) == PARTS
    with centre.database.write() as session:
        vault.check_keys(session, centre.keys)
    assert asked(centre)["ready"]


def _migrations(web, monkeypatch):
    with web.database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))


def _keys(web, monkeypatch):
    web.http.app.state.keys = Keys.new()


def _lake(web, monkeypatch):
    log = web.http.app.state.settings.home / "lake" / "payment" / "_delta_log"
    log.mkdir(parents=True)
    (log / f"{0:020d}.json").write_text("no log\n", encoding="utf-8")


def _disk(web, monkeypatch):
    state = web.http.app.state
    state.settings = state.settings.model_copy(update={"least_free_mb": 10**12})


def _landing(web, monkeypatch):
    with web.database.write() as session:
        session.add(Landing(kind="call", batch="b", rows=6_000_000, body=b"", landed_us=0))


@pytest.mark.parametrize(
    ("part", "break_it"),
    [("migrations", _migrations), ("keys", _keys), ("lake", _lake), ("disk", _disk),
     ("landing", _landing)],
)  # fmt: skip
def test_a_part_that_is_not_well_is_named(centre, monkeypatch, part, break_it):
    break_it(centre, monkeypatch)
    body = asked(centre)
    assert set(unwell(body)) == {part}
    assert str(centre.http.app.state.settings.home) not in json.dumps(body)


def test_a_register_that_is_gone(centre):
    register = centre.http.app.state.settings.home / "register.db"
    centre.database.close()
    register.rename(register.with_suffix(".gone"))
    register.mkdir()
    body = asked(centre)
    assert {"register", "migrations", "keys", "landing"} == set(unwell(body))
    assert str(register.parent) not in json.dumps(body)


def test_a_part_that_hangs_is_not_waited_for(centre, monkeypatch):
    import threading

    until = threading.Event()
    monkeypatch.setattr("qalqan.web.api.ready.PATIENCE_S", 0.05)
    monkeypatch.setattr(readiness, "_disk", lambda _: until.wait(20))
    assert unwell(asked(centre)) == {"answer": "late"}
    until.set()


def test_the_answer_is_kept_for_a_second(centre, monkeypatch):
    assert asked(centre)["ready"]
    monkeypatch.setattr(readiness, "_looked", lambda look: pytest.fail("looked again"))
    assert centre.get("/ready").json()["ready"]


def test_it_names_no_secret_and_wants_no_token(centre):
    text_ = centre.get("/ready").text
    for secret in (*centre.tokens.values(), str(centre.http.app.state.settings.home), "sqlite"):
        assert secret not in text_
