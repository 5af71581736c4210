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
    own("move-register")
    assert own(*ASKED).json == before


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
