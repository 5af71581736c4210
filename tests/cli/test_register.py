"""`qalqan migrate` and `queues`."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from qalqan.cli.home import open_home
from qalqan.register import jobs, orm


@pytest.fixture
def home(qalqan: Any) -> Any:
    assert qalqan("init").code == 0
    return qalqan


def park(key: str) -> None:
    with open_home().database.write() as session:
        jobs.put(session, "deliver", key)
    with open_home().database.write() as session:
        given_up = {"state": "parked", "attempts": 8, "last_error": "Unavailable"}
        session.execute(update(orm.Job).where(orm.Job.key == key).values(**given_up))


def test_a_new_register_is_at_the_newest_revision(home: Any) -> None:
    said = home("migrate", "--json").json
    assert said["before"] == said["after"]
    assert said["lost"] == {}


def test_standings_are_made_anew(home: Any) -> None:
    assert home("standings", "--json").json == {"cases": 0}


def test_going_down_needs_a_yes_where_something_would_be_lost(home: Any) -> None:
    park("altyn")
    refused = home("migrate", "--to", "base")
    assert refused.code == 2
    assert "jobs (1)" in refused.err
    assert "--destroy" in refused.err
    assert home("migrate", "--to", "base", "--destroy", "--json").json["lost"]["jobs"] == 1
    assert home("migrate", "--json").json["before"] == "base"
    assert "no such revision" in home("migrate", "--to", "9999").err


def test_queues_are_listed_and_parked_jobs_put_back_or_dropped(home: Any) -> None:
    assert "empty" in home("queues").err
    for key in ("altyn", "baiterek", "kesek"):
        park(key)
    said = home("queues")
    assert "Put aside" in said.out
    assert "reason: Unavailable" in said.out
    ids = {each["key"]: each["id"] for each in home("queues", "--json").json["parked"]}
    refused = home("queues", "--drop", str(ids["altyn"]))
    assert refused.code == 2
    home("queues", "--drop", str(ids["altyn"]), "--reason", "by hand", "--json")
    home("queues", "--retry", str(ids["baiterek"]))
    said = home("queues", "deliver", "--retry-all", "--json").json
    assert said["retried"] == [ids["kesek"]]
    assert said["parked"] == []
    assert [(each["due"], each["parked"]) for each in said["queues"]] == [(2, 0)]
    assert home("queues", "--retry", str(ids["altyn"])).code == 2
