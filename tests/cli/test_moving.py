"""A centre that outgrew SQLite goes on with PostgreSQL where it stopped."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

pytestmark = pytest.mark.filterwarnings("ignore:<psycopg.Connection:ResourceWarning")
"""A command's process would end with its connections."""
ASKED = ("trace", "amlsim:amlsim-1", "--as-of", "2020-01-10", "--json")


@pytest.fixture
def own(qalqan: Any, tmp_path: Path) -> Any:
    """A home of this test's, with the usual transfers in it."""
    assert qalqan("init").code == 0
    path = qalqan.transfers(tmp_path / "amlsim.parquet")
    assert qalqan("ingest", "payments", path, "--mapping", qalqan.mapping, "--json").code == 0
    return qalqan


@pytest.fixture
def address(registers: Any, postgresql: str) -> Iterator[str]:
    made = registers.empty(postgresql)
    yield make_url(made).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    registers.drop(postgresql, made)


def test_the_centre_goes_on_where_it_stopped(own: Any, address: str, tmp_path: Path) -> None:
    before = own(*ASKED).json
    own.set(REGISTER=address)
    moved = own("move-register", "--json")
    assert moved.code == 0
    assert moved.json["rows"] > 8
    assert not (own.home / "register.db").exists()
    assert own(*ASKED).json == before
    again = own(
        "ingest", "payments", tmp_path / "amlsim.parquet", "--mapping", own.mapping, "--json"
    )
    assert (again.json["accepted"], again.json["duplicate"]) == (0, 8)
    assert own("doctor", "--json").json["register"]["ok"]


def test_a_second_time_it_says_where_the_register_is(own: Any, address: str) -> None:
    own.set(REGISTER=address)
    rows = own("move-register", "--json").json["of"]
    again = own("move-register", "--json")
    assert (again.code, again.json["of"]["audit"]) == (0, rows["audit"])
    assert "has moved already" in again.err
    assert make_url(address).database in again.err
    assert "register.db.moved" in again.err


def test_another_database_than_it_has_moved_to_is_told(qalqan: Any, address: str) -> None:
    assert qalqan("init").code == 0
    (qalqan.home / "register.db").rename(qalqan.home / "register.db.moved")
    qalqan.set(REGISTER=address)
    told = qalqan("move-register")
    assert told.code == 2
    assert "QALQAN_REGISTER doesn't name it" in told.err


def test_it_comes_back_row_for_row(own: Any, address: str, tmp_path: Path) -> None:
    before = own(*ASKED).json
    own.set(REGISTER=address)
    assert own("move-register").code == 0
    assert own("migrate", "--json").code == 0
    (own.home / "register.db.coming").write_text("of a move that was cut off")
    there = own("move-register", "--json").json["of"]
    back = own("move-register", "--back", "--json")
    assert (back.code, back.json["of"]) == (0, there)
    assert "Leave QALQAN_REGISTER out" in back.err
    refused = own("move-register", "--back")
    assert refused.code == 2
    assert "already" in refused.err
    own.patch.delenv("QALQAN_REGISTER")
    own.set()
    assert own(*ASKED).json == before
    assert own("doctor", "--json").json["seals"]["ok"]
    path = tmp_path / "amlsim.parquet"
    again = own("ingest", "payments", path, "--mapping", own.mapping, "--json")
    assert (again.json["accepted"], again.json["duplicate"]) == (0, 8)


def test_nobody_goes_on_without_the_address(qalqan: Any) -> None:
    assert qalqan("init").code == 0
    (qalqan.home / "register.db").rename(qalqan.home / "register.db.moved")
    for command in ("init", "detect"):
        told = qalqan(command)
        assert told.code == 2
        assert "QALQAN_REGISTER doesn't name it" in told.err
    look = qalqan("doctor", "--json").json["register"]
    assert not look["ok"]
    assert "QALQAN_REGISTER" in look["remedy"]
    assert not (qalqan.home / "register.db").exists()


def test_it_says_what_it_can_t_do(own: Any, address: str) -> None:
    told = own("move-register")
    assert told.code != 0
    assert "postgresql" in told.err
    own.set(REGISTER=address)
    assert own("init").code == 0
    told = own("move-register")
    assert told.code != 0
    assert "empty" in told.err
    assert (own.home / "register.db").exists()
