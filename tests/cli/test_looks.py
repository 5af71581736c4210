"""Every look at a running centre: quiet while all is well, and what mends it once it is broken."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from homes import copied
from qalqan import clock
from qalqan.cli import looks
from qalqan.register import dialect, jobs, pauses
from qalqan.register.database import Database
from qalqan.register.orm import Batch, Job, Landing, Lease, Seal
from qalqan.text.catalogue import LANGUAGES


@pytest.fixture
def centre(qalqan: Any, filled_home: Path) -> Any:
    """A home of this test's own with a few facts of one partner."""
    copied(filled_home, qalqan.home)
    qalqan.set(PORT="1", LANGUAGE="en")
    return qalqan


def write(qalqan: Any, change: Callable[[Session], None]) -> None:
    with (
        closing(Database(f"sqlite:///{qalqan.home / 'register.db'}")) as database,
        database.write() as session,
    ):
        change(session)


def test_a_centre_with_facts_is_well(centre: Any) -> None:
    said = centre("doctor", "--json")
    assert said.code == 0, said.out
    assert set(looks.LOOKS) <= set(said.json)


def _migrations(session: Session) -> None:
    session.execute(text("UPDATE alembic_version SET version_num = '0001'"))


def _lost_in_register(session: Session) -> None:
    session.execute(text("DELETE FROM seals WHERE seal = (SELECT max(seal) FROM seals)"))


def _lost_in_lake(session: Session) -> None:
    session.add(Seal(seal=99, kind="payment", rows=1, version=9, at_us=clock.now_us()))


def _landing(session: Session) -> None:
    old = clock.now_us() - 120 * clock.SECOND
    session.add(Landing(kind="call", batch="b-1", rows=3, body=b"", landed_us=old))


def _jobs(session: Session) -> None:
    jobs.put(session, "pursue", "C-26-000001")
    session.flush()


def _parked(session: Session) -> None:
    session.execute(update(Job).values(state="parked"))


def _lease(until_us: int) -> Callable[[Session], None]:
    return lambda session: session.add(Lease(name="x", owner="o", until_wall_us=until_us))


def _refused(session: Session) -> None:
    counts = {"read": 200, "accepted": 150, "duplicate": 0, "quarantined": 50}
    now = clock.now_us()
    session.add(Batch(batch="b-2", kind="call", source="dala", name="x", started_us=now, **counts))


def _pause(session: Session) -> None:
    pauses.pause(session, pauses.DELIVERY, "restore", "restored")


AHEAD_US = clock.wall_us() + clock.DAY


@pytest.mark.parametrize(
    ("look", "changes", "remedy"),
    [
        ("migrations", [_migrations], "qalqan migrate"),
        ("seals", [_lost_in_register], None),
        ("seals", [_lost_in_lake], None),
        ("landing", [_landing], "qalqan work"),
        ("jobs", [_jobs, _parked], "qalqan queues --retry-all"),
        ("leases", [_lease(1)], "qalqan work"),
        ("leases", [_lease(AHEAD_US)], "NTP"),
        ("refused", [_refused], "GET /v1/facts/quarantine"),
        ("delivery", [_pause], "qalqan delivery resume"),
    ],
)
def test_what_is_broken_has_a_remedy(
    centre: Any, look: str, changes: list[Any], remedy: str | None
) -> None:
    for change in changes:
        write(centre, change)
    said = centre("doctor", "--json")
    assert said.code == 1
    broken = {name: check for name, check in said.json.items() if not check["ok"]}
    assert set(broken) == {look}, broken
    assert broken[look]["seen"]
    assert broken[look]["remedy"]
    assert remedy is None or remedy in broken[look]["remedy"]
    assert broken[look]["remedy"] in centre("doctor").out


@pytest.mark.parametrize(
    ("change", "said"),
    [(_lost_in_register, "older than the lake"), (_lost_in_lake, "lacks seals")],
)
def test_nothing_is_found_in_a_lake_of_another_moment(
    centre: Any, change: Callable[[Session], None], said: str
) -> None:
    write(centre, change)
    sentence = centre("doctor", "--json").json["seals"]["seen"]
    assert said in sentence
    for command in (("detect",), ("detect", "--at-seal", "0"), ("trace", "amlsim:amlsim-1")):
        told = centre(*command, "--json")
        assert (told.code, told.json) == (2, {"error": sentence})


def test_the_remedy_is_in_the_readers_language(centre: Any) -> None:
    write(centre, _landing)
    told = set()
    for language in LANGUAGES:
        centre.set(LANGUAGE=language)
        told.add(centre("doctor", "--json").json["landing"]["remedy"])
    assert len(told) == 3


def test_a_clock_that_was_set_back_is_noticed(centre: Any, monkeypatch: Any) -> None:
    ours = clock.wall_us
    monkeypatch.setattr(clock, "wall_us", lambda: ours() - clock.HOUR)
    said = centre("doctor", "--json")
    assert not said.json["clock"]["ok"]
    assert re.search(r"\b\d+ s", said.json["clock"]["seen"])
    assert "NTP" in said.json["clock"]["remedy"]


def test_keys_that_others_can_read(centre: Any) -> None:
    (centre.home / "keys.json").chmod(0o644)
    said = centre("doctor", "--json")
    assert not said.json["keys"]["ok"]
    assert "0600" in said.json["keys"]["remedy"]


def test_a_lake_that_cannot_be_written_to(centre: Any, monkeypatch: Any) -> None:
    allowed = os.access
    lake = str(centre.home / "lake")
    monkeypatch.setattr(
        os, "access", lambda path, mode: str(path) != lake and allowed(path, mode)
    )  # root may write anywhere
    said = centre("doctor", "--json")
    assert {name for name, check in said.json.items() if not check["ok"]} == {"lake_folder"}
    assert "QALQAN_LAKE" in said.json["lake_folder"]["remedy"]


def test_postgresql_that_forgets(postgresql: str, registers: Any) -> None:
    address = registers.migrated(postgresql)
    try:
        with closing(Database(address)) as database, database.session() as session:
            session.execute(text("SET synchronous_commit = on"))
            ours = dialect.loose_settings(session)  # a server for tests may forget for speed
            session.execute(text("SET synchronous_commit = off"))
            assert dialect.loose_settings(session) == [*ours, "synchronous_commit = off"]
            there = dialect.clock_us(session)
            assert there is not None
            assert abs(there - clock.wall_us()) < 5 * clock.SECOND
    finally:
        registers.drop(postgresql, address)
