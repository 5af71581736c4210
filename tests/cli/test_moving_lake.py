"""A lake that moves: nothing lost, nothing overwritten, and nobody goes on in the old place."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from homes import copied
from qalqan.errors import ContractBroken
from qalqan.lake import moving
from qalqan.lake.sealing import seal
from qalqan.lake.storage import Folder, storage
from qalqan.register.database import Database
from qalqan.register.orm import IdentityRun


def rows(lake: Any) -> int:
    """Payments that can be read."""
    return len(DeltaTable(f"{lake}/payment").to_pyarrow_table())


ASKED = ("trace", "amlsim:amlsim-1", "--as-of", "2020-01-10", "--json")
MORE = ((41, 7007, 8008, 20.0), (42, 8008, 9009, 10.0))


@pytest.fixture
def own(qalqan: Any, filled_home: Path) -> Any:
    """A home of this test's with the usual transfers in it."""
    copied(filled_home, qalqan.home)
    return qalqan


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.long)])
def place(request: pytest.FixtureRequest, tmp_path: Path, qalqan: Any) -> Iterator[str]:
    """Somewhere else for a lake."""
    if request.param == "folder":
        yield str(tmp_path / "elsewhere")
    else:
        yield request.getfixturevalue("bucket")
        gc.collect()


def ingested(terminal: Any, path: Path, rows: Any) -> Any:
    terminal.transfers(path, rows)
    return terminal("ingest", "payments", path, "--mapping", terminal.mapping, "--json").json


def contents(root: Path) -> dict[str, bytes]:
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def test_it_moves_and_comes_back_row_for_row(own: Any, place: str, tmp_path: Path) -> None:
    lake = own.home / "lake"
    own.set(HOME=str(own.home))
    before, trail = contents(lake), own(*ASKED).json
    moved = own("move-lake", place, "--json")
    assert moved.code == 0, moved.err
    assert (moved.json["rows"], moved.json["seals"]) == ({"payment": 8}, {"payment": 1})
    assert moved.json["copied"] > 0
    assert contents(lake) == before, "the source stays as it is"
    shutil.rmtree(lake)
    own.set(LAKE=place)
    assert own(*ASKED).json == trail
    assert own("doctor", "--json").json["seals"]["ok"]
    again = ingested(own, tmp_path / "again.parquet", own.rows)
    assert (again["accepted"], again["duplicate"]) == (0, 8), "identities came along"
    path = tmp_path / "more.parquet"
    rows = [*own.rows, *MORE]
    assert ingested(own, path, rows)["accepted"] == 2
    back = own("move-lake", lake, "--json")
    assert back.json["rows"] == {"payment": 10}
    own.patch.delenv("QALQAN_LAKE")
    own.set()
    assert own(*ASKED).json == {**trail, "seal": 2}
    assert ingested(own, path, rows)["duplicate"] == 10


def test_most_is_copied_while_the_centre_works(own: Any, place: str, tmp_path: Path) -> None:
    own.set(HOME=str(own.home))
    ahead = own("move-lake", place, "--ahead", "--json")
    assert ahead.json["copied"] > 0
    assert "stop the centre" in ahead.err
    own.set(LAKE=place)
    assert "lacks seals" in own("detect").err, "it is no lake yet"
    own.patch.delenv("QALQAN_LAKE")
    own.set()
    assert ingested(own, tmp_path / "more.parquet", [*own.rows, *MORE])["accepted"] == 2
    last = own("move-lake", place, "--json").json
    assert last["rows"] == {"payment": 10}
    assert last["copied"] > 0
    repeated = own("move-lake", place, "--json").json
    assert (repeated["copied"], repeated["rows"]) == (0, {"payment": 10})


@pytest.mark.parametrize("pattern", ["payment/day=*/*.parquet", "_identities/payment/*.run"])
def test_what_was_still_being_written_is_copied_again(own: Any, place: str, pattern: str) -> None:
    lake = own.home / "lake"
    run = lake / "_identities" / "payment" / "x.run"
    run.parent.mkdir(parents=True)
    run.write_bytes(bytes(64))
    file = next(lake.glob(pattern))
    whole = file.read_bytes()
    os.truncate(file, len(whole) // 2)
    assert own("move-lake", place, "--ahead").code == 0
    file.write_bytes(whole)  # its writer has come to the end
    moved = own("move-lake", place, "--json")
    assert moved.code == 0, moved.err
    assert moved.json["copied"] == 1
    with moving._opened(storage(place), str(file.relative_to(lake))) as there:
        assert there.read() == whole


@pytest.mark.parametrize("step", ["data", "list", "log", "compared"])
def test_a_move_that_was_cut_off_goes_on(
    own: Any, place: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.set(HOME=str(own.home))
    names = {"data": "_copy_one", "list": "_list", "log": "_copy_logs", "compared": "_compared"}
    whole = getattr(moving, names[step])

    def dies(*given: Any, **more: Any) -> None:
        if step != "data" or given[2].endswith(".parquet"):
            if step == "data":  # half of it was written
                with given[1].new_file(given[2]) as file:
                    file.write(b"half")
            raise ZeroDivisionError
        whole(*given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(moving, names[step], dies)
        with pytest.raises(ZeroDivisionError):
            own("move-lake", place)
    assert own("move-lake", place, "--json").json["rows"] == {"payment": 8}
    trail = own(*ASKED).json
    own.set(LAKE=place)
    assert own(*ASKED).json == trail


def test_it_overwrites_nothing(own: Any, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    for command in (("move-lake", other), ("move-lake", other, "--ahead")):
        told = own(*command)
        assert told.code == 2
        assert "is not empty" in told.err
    assert contents(other) == {"mine.txt": b"mine"}
    (tmp_path / "link").symlink_to(own.home / "lake")
    for here in (own.home / "lake", own.home / "lake" / "inside", tmp_path / "link" / "inside"):
        assert "lies here already" in own("move-lake", here).err
    assert not (own.home / "lake" / "inside").exists()
    assert "s3://bucket/prefix" in own("move-lake", "s3:/bucket").err


def test_a_lake_into_which_somebody_has_sealed_is_not_stepped_over(
    own: Any, tmp_path: Path
) -> None:
    place = str(tmp_path / "elsewhere")
    assert own("move-lake", place).code == 0
    own.set(LAKE=place)
    assert ingested(own, tmp_path / "more.parquet", [*own.rows, *MORE])["accepted"] == 2
    sealed = contents(Path(place))
    own.patch.delenv("QALQAN_LAKE")
    own.set()
    told = own("move-lake", place)
    assert told.code == 2
    assert "lacks seals" in told.err, "the old lake is the older one now"
    assert contents(Path(place)) == sealed
    with pytest.raises(Exception, match="in use"):
        moving._check_logs(
            Folder(own.home / "lake"), storage(place), moving._log(Folder(own.home / "lake"))
        )


def test_nobody_goes_on_sealing_into_the_old_place(own: Any, tmp_path: Path) -> None:
    """A worker that was not stopped, or not told the new setting."""
    place = str(tmp_path / "elsewhere")
    assert own("move-lake", place).code == 0
    own.set(LAKE=place)
    assert ingested(own, tmp_path / "more.parquet", [*own.rows, *MORE])["accepted"] == 2
    own.patch.delenv("QALQAN_LAKE")
    own.set()
    before = contents(own.home / "lake" / "payment" / "_delta_log")
    late = [*own.rows, *MORE, (43, 1, 2, 5.0)]
    own.transfers(tmp_path / "late.parquet", late)
    told = own("ingest", "payments", tmp_path / "late.parquet", "--mapping", own.mapping)
    assert told.code == 2
    assert "lacks seals" in told.err
    assert contents(own.home / "lake" / "payment" / "_delta_log") == before
    database = Database(f"sqlite:///{own.home / 'register.db'}")
    with pytest.raises(ContractBroken, match="lacks seal 2"):
        seal(database, str(own.home / "lake"))
    assert seal(database, place) == 3, "the one who has the right lake seals it"
    database.close()
    assert rows(place) == 11


def test_a_lake_that_is_gone_is_not_begun_anew(own: Any, tmp_path: Path) -> None:
    """As where its disk is not mounted."""
    (own.home / "lake").rename(tmp_path / "unmounted")
    path = own.transfers(tmp_path / "more.parquet", [*own.rows, *MORE])
    told = own("ingest", "payments", path, "--mapping", own.mapping)
    assert told.code == 2
    assert "lacks seals" in told.err
    assert not (own.home / "lake" / "payment" / "_delta_log").exists()
    shutil.rmtree(own.home / "lake", ignore_errors=True)
    (tmp_path / "unmounted").rename(own.home / "lake")
    assert own("ingest", "payments", path, "--mapping", own.mapping, "--json").json["read"] == 10
    assert own("doctor", "--json").json["seals"]["ok"]
    assert rows(own.home / "lake") == 10


def _shorter(place: Path) -> None:
    file = next(place.glob("payment/day=*/*.parquet"))
    os.truncate(file, file.stat().st_size - 1)


def _a_run_more(place: Path) -> None:
    database = Database(f"sqlite:///{place.parent / 'home' / 'register.db'}")
    with database.write() as session:
        session.add(IdentityRun(name="payment/x.run", kind="payment", source="a", rows=1))
    database.close()


@pytest.mark.parametrize(("harm", "said"), [(_shorter, "whole"), (_a_run_more, "identities")])
def test_what_did_not_arrive_is_told(
    own: Any,
    tmp_path: Path,
    harm: Callable[[Path], None],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place, whole = tmp_path / "elsewhere", moving._copy_logs

    def harmed(*given: Any) -> None:
        whole(*given)
        harm(place)

    monkeypatch.setattr(moving, "_copy_logs", harmed)
    told = own("move-lake", place)
    assert told.code == 2
    assert said in told.err
