"""`/ready` says yes while every part is well, and names the one that is not."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing

import pytest
from sqlalchemy import delete, text

from qalqan.lake.sealing import seal
from qalqan.register import vault
from qalqan.register.orm import Landing, Seal
from qalqan.trust.keys import Keys
from qalqan.work import readiness

PARTS = {"register", "migrations", "keys", "lake", "disk", "landing", "seals", "screens"}


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


def _older_lake(web, monkeypatch):
    with web.database.write() as session:
        session.add(Seal(seal=3, kind="call", rows=1, version=1, at_us=0))


@pytest.mark.parametrize(
    ("part", "break_it"),
    [("migrations", _migrations), ("keys", _keys), ("disk", _disk), ("landing", _landing),
     ("seals", _older_lake)],
)  # fmt: skip
def test_a_part_that_is_not_well_is_named(centre, monkeypatch, part, break_it):
    break_it(centre, monkeypatch)
    body = asked(centre)
    assert set(unwell(body)) == {part}
    assert str(centre.http.app.state.settings.home) not in json.dumps(body)


def test_a_lake_that_can_t_be_read_agrees_with_nothing(centre, monkeypatch):
    _lake(centre, monkeypatch)
    assert set(unwell(asked(centre))) == {"lake", "seals"}


def test_a_lake_ahead_of_its_register_is_known(centre):
    """As after a restore of the register alone."""
    fact = centre.payment(payer_account="211:V1")
    assert centre.post("/v1/facts/payment", "altyn", json={"facts": [fact]}).status_code == 200
    seal(centre.database, centre.http.app.state.settings.lake_root)
    assert unwell(asked(centre)) == {}
    with centre.database.write() as session:
        session.execute(delete(Seal))
    assert unwell(asked(centre)) == {"seals": "lake.newer"}


@pytest.mark.parametrize("how", ["BEGIN IMMEDIATE", "PRAGMA locking_mode = EXCLUSIVE"])
def test_a_register_that_another_program_holds_is_told_before_its_patience_ends(
    centre, monkeypatch, how
):
    monkeypatch.setattr(readiness, "LOCKED_S", 0.05)
    monkeypatch.setattr("qalqan.web.api.metrics.LOCKED_S", 0.05)
    assert unwell(asked(centre)) == {}
    centre.database.close()
    register = centre.http.app.state.settings.home / "register.db"
    with closing(sqlite3.connect(register, isolation_level=None)) as other:
        other.execute(how)
        other.execute("INSERT INTO numbers VALUES ('X', 1)")  # an exclusive lock begins with use
        told = unwell(asked(centre))
        figures = {one.name: one for one in centre.http.app.state.watcher.collect()}
    assert set(told) == {"register", "migrations", "keys", "landing", "seals"}
    assert set(told.values()) == {"register.locked"}
    assert figures["qalqan_register_up"].samples[0].value == 0
    assert unwell(asked(centre)) == {}


def test_a_register_whose_writers_commit_is_busy_not_locked(centre, monkeypatch):
    register = centre.http.app.state.settings.home / "register.db"
    over, began = threading.Event(), threading.Event()

    def busy():
        with closing(sqlite3.connect(register, isolation_level=None)) as other:
            while not over.is_set():
                other.execute("BEGIN IMMEDIATE")
                other.execute(
                    "INSERT INTO numbers VALUES ('X', 1) ON CONFLICT DO UPDATE SET last = last + 1"
                )
                began.set()
                over.wait(0.02)
                other.execute("COMMIT")

    monkeypatch.setattr(readiness, "LOCKED_S", 0.2)
    writer = threading.Thread(target=busy)
    writer.start()
    began.wait(5)
    try:
        assert unwell(asked(centre)) == {}
    finally:
        over.set()
        writer.join()


def test_a_register_that_is_gone(centre):
    register = centre.http.app.state.settings.home / "register.db"
    centre.database.close()
    register.rename(register.with_suffix(".gone"))
    register.mkdir()
    body = asked(centre)
    assert {"register", "migrations", "keys", "landing", "seals"} == set(unwell(body))
    assert str(register.parent) not in json.dumps(body)


def test_a_part_that_hangs_is_not_waited_for(centre, monkeypatch):
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
