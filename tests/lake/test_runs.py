"""Runs: identities in sorted files; merging loses none of them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.clock import SECOND
from qalqan.lake import runs
from qalqan.lake.identities import Marks
from qalqan.lake.sealing import sealing
from qalqan.register.database import Database
from qalqan.register.leases import Held
from qalqan.register.orm import IdentityRun

small = st.integers(0, 3)


def as_marks(pairs: list[tuple[int, int]], content: int = 0) -> Marks:
    identity = np.array(pairs, "<u8").reshape(-1, 2)
    return Marks(identity, np.full_like(identity, content))


@given(held=st.sets(st.tuples(small, small), min_size=1), asked=st.lists(st.tuples(small, small)))
def test_a_run_knows_what_it_holds(
    held: set[tuple[int, int]], asked: list[tuple[int, int]], tmp_path_factory: Any
) -> None:
    root = str(tmp_path_factory.mktemp("runs"))
    runs.write(root, "payment/a.run", as_marks(sorted(held), 7))
    known = runs.known(root, ["payment/a.run"], as_marks(asked))
    assert known.seen.tolist() == [pair in held for pair in asked]
    assert (known.content[known.seen] == 7).all()


@given(
    held=st.lists(st.integers(0, 40), max_size=40).map(sorted), asked=st.lists(st.integers(0, 41))
)
def test_places_are_those_that_numpy_finds(held: list[int], asked: list[int]) -> None:
    heads, wanted = np.array(held, "<u8"), np.array(asked, "<u8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "_FEW_AMONG", 0)
        assert (runs._first_places(heads, wanted) == np.searchsorted(heads, wanted)).all()


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=300, unique=True))
def test_a_sieve_lets_through_all_that_its_run_holds(heads: list[int]) -> None:
    given_ = np.array(heads, "<u8")
    sieve = runs._sieve_of(given_)
    assert runs._maybe(sieve, given_).all()
    others = given_ ^ np.uint64(1 << 63)
    strangers = others[~np.isin(others, given_)]
    if len(strangers) > 100:
        assert runs._maybe(sieve, strangers).mean() < 0.5


@pytest.mark.parametrize("rows", [1, 3])
def test_a_run_is_one_file(rows: int, tmp_path: Path) -> None:
    pairs = [(row, row) for row in range(rows)]
    runs.write(str(tmp_path), "payment/a.run", as_marks(pairs))
    assert (tmp_path / runs._path("payment/a.run")).stat().st_size == rows * 32


@pytest.fixture
def held(database: Database) -> Iterator[Held]:
    with sealing(database) as held:
        yield held


def store(database: Database, root: str, number: int) -> None:
    name = f"payment/{number}.run"
    runs.write(root, name, as_marks([(number, 1), (number + 100, 2)], number))
    with database.write() as session:
        session.add(IdentityRun(name=name, kind="payment", source="a", rows=2))


def test_many_small_runs_become_one_that_knows_all(
    database: Database, held: Held, tmp_path: Path
) -> None:
    root = str(tmp_path)
    for number in range(runs.MANY - 1):
        store(database, root, number)
    runs.merge(database, root, held, "payment", "a")
    with database.session() as session:
        assert len(runs.names_of(session, "payment", "a")) == runs.MANY - 1
    store(database, root, runs.MANY - 1)
    runs.merge(database, root, held, "payment", "b")
    runs.merge(database, root, held, "payment", "a")
    with database.session() as session:
        (name,) = runs.names_of(session, "payment", "a")
    asked = as_marks([(number, 1) for number in range(runs.MANY)] + [(5, 2), (999, 1)])
    found = runs.known(root, [name], asked)
    assert found.seen.tolist() == [True] * runs.MANY + [False, False]
    assert found.content[: runs.MANY, 0].tolist() == list(range(runs.MANY))


def test_files_that_count_no_more_go_after_an_hour(
    database: Database, held: Held, tmp_path: Path
) -> None:
    root = str(tmp_path)
    store(database, root, 1)
    for name in ("left", "fresh"):
        runs.write(root, f"payment/{name}.run", as_marks([(1, 1)]))
    folder = tmp_path / runs._path("payment")
    past = time.time() - 2 * runs._STILL_READ_US / SECOND
    for name in ("left", "1"):
        os.utime(folder / f"{name}.run", (past, past))
    runs.merge(database, root, held, "payment", "a")
    assert {path.stem for path in folder.iterdir()} == {"1", "fresh"}
