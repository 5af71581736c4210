"""A lake in a bucket: taken, sealed, read, and never lost, as in a folder (REQ-19)."""

from __future__ import annotations

import http.server
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from subprocess import Popen
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from lake.test_death import PIECE, finish, left_by_death, payments
from qalqan.errors import ContractBroken, Unavailable
from qalqan.exchange import parquet_table
from qalqan.lake import runs, table
from qalqan.lake.engine import DuckEngine
from qalqan.lake.files import take_file
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.lake.sealing import seal
from qalqan.lake.storage import options_of, storage
from qalqan.register.database import Database
from qalqan.trust.keys import Keys

SEALER = """
import sys
from qalqan.lake.sealing import seal
from qalqan.register.database import Database
seal(Database(sys.argv[1]), sys.argv[2])
"""


@pytest.fixture
def server() -> None:
    """Registers in SQLite: the lake doesn't ask where its register is."""


def sorted_rows(root: str, kind: str = "payment") -> pa.Table:
    with closing(DuckEngine(root)) as engine:
        found = engine.run(engine.table(kind).drop("seal"))
    return found.sort_by([(name, "ascending") for name in ("source", "id")])


def test_a_file_and_posts_give_the_same_lake_as_in_a_folder(
    bucket: str, new_database: Callable[[], Database], keys: Keys, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(parquet_table, "BATCH_ROWS", PIECE)
    pq.write_table(payments(2 * PIECE + 10, "f"), tmp_path / "long.parquet")
    roots = [str(tmp_path / "lake"), bucket]
    for root in roots:
        with closing(new_database()) as database:
            centre = Centre(database, keys, root)
            for _ in range(2):
                path = tmp_path / "long.parquet"
                receipt = take_file(centre, "payment", path, source="bank-a")
            assert receipt.accepted == 0, "the runs in the bucket know what was taken"
            post = HandIn("payment", "bank-a", "post")
            assert take(centre, post, payments(30, "f")).accepted == 0
            take(centre, post, payments(30, "p"))
            assert seal(database, root) == 4
    assert sorted_rows(roots[0]).equals(sorted_rows(roots[1]))
    assert len(sorted_rows(bucket)) > 2 * PIECE


@pytest.mark.parametrize("days", [1, 40])
def test_the_log_s_list_of_files_opens_in_duckdb(bucket: str, days: int) -> None:
    facts = payments(days, "x").append_column("source", pa.array(["a"] * days))
    at = pa.array([86_400_000_000 * day for day in range(days)])
    facts = facts.set_column(1, "at_us", at).append_column(
        "day", pa.array(range(days), pa.int32()).cast(pa.date32())
    )
    files = table.write_files(bucket, "payment", facts, 1)
    table.Log(bucket, "payment").commit(files, {"test": 1})
    assert sorted_rows(bucket)["day"].cast(pa.int32()).to_pylist() == sorted(range(days), key=str)


DEATHS = [("seal", "staged"), ("seal", "in the log"), ("file", "run written")]


@pytest.mark.long
def test_the_next_one_finishes_what_the_dead_one_began(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_table, "BATCH_ROWS", PIECE)
    for (work, _), home in left_by_death(tmp_path, DEATHS, bucket).items():
        assert finish(work, home) > 0


def test_two_processes_seal_everything_once(
    bucket: str, database: Database, keys: Keys, tmp_path: Path
) -> None:
    for number in range(5):
        facts = payments(20, f"{number}-")
        take(Centre(database, keys, bucket), HandIn("payment", "bank-a", "-"), facts)
    command = [sys.executable, "-c", SEALER, database.url, bucket]
    sealers = [Popen(command) for _ in range(2)]
    assert [sealer.wait() for sealer in sealers] == [0, 0]
    ids = sorted_rows(bucket)["id"].to_pylist()
    assert len(set(ids)) == len(ids) == 100


def test_of_many_commits_at_once_one_wins(bucket: str) -> None:
    log = table.Log(bucket, "payment")
    log.opened()
    address = storage(bucket).address("payment")
    opened = [DeltaTable(address, storage_options=options_of(address)) for _ in range(6)]
    ready = threading.Barrier(len(opened))

    def commit(number: int) -> bool:
        file = table.DataFile(f"day=2026-01-01/{number}.parquet", 1, "2026-01-01", 0, "{}")
        ready.wait()
        try:
            opened[number].create_write_transaction(
                [table.added(file)],
                mode="append",
                schema=opened[number].schema(),
                partition_by=["day"],
                commit_properties=table._once({"test": number}),
            )
        except CommitFailedError:
            return False
        return True

    with ThreadPoolExecutor(len(opened)) as all_at_once:
        won = list(all_at_once.map(commit, range(len(opened))))
    newest = log.opened()
    assert newest.version() == sum(won) >= 1
    assert len(newest.file_uris()) == sum(won)


def test_a_write_that_broke_off_leaves_nothing(bucket: str) -> None:
    def broken_off() -> None:
        with storage(bucket).new_file("half") as file:
            file.write(b"1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken_off()
    storage(bucket).keep(["half"])
    assert storage(bucket).files("") == []


def test_a_put_that_failed_is_told_when_it_is_asked_for(bucket: str) -> None:
    place = storage(bucket.replace("lake-", "none-"))
    for name in ("first", "second"):
        with place.new_file(name) as file:
            file.write(b"1")
    for name in ("first", "second"):
        with pytest.raises(Unavailable, match=name):
            place.keep([name])


def test_a_copy_that_nobody_asks_for_makes_room(bucket: str, tmp_path: Path) -> None:
    place = storage(bucket)
    for name in ("old", "new"):
        with place.new_file(name) as file:
            file.write(name.encode())
        place.keep([name])
    old = place.local("old")
    os.utime(old, (0, 0))
    place.local("new")
    assert not old.exists()
    assert place.local("old").read_bytes() == b"old"
    assert old.is_relative_to(tmp_path / "home" / "cache")
    assert len(list(old.parent.iterdir())) == 2


class _Liar(http.server.BaseHTTPRequestHandler):
    """A server that says yes to every put, whatever its condition."""

    protocol_version = "HTTP/1.1"  # who writes to S3 waits for a "100 continue"

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._yes()

    def do_DELETE(self) -> None:
        self._yes()

    def _yes(self) -> None:
        self.send_response(200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def liar(bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Liar) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        yield bucket
        server.shutdown()


def test_a_server_that_ignores_conditions_is_found_out(liar: str) -> None:
    with pytest.raises(ContractBroken, match="conditions"):
        storage(liar).prove()


@pytest.fixture
def silent(bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that takes connections and never says a word."""
    monkeypatch.setattr("qalqan.lake.bucket.CALL_S", 0.2)
    monkeypatch.setattr("qalqan.lake.bucket._DELTA", {"timeout": "200ms", "max_retries": "0"})
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        yield bucket


def _written(place: Any) -> None:
    with place.new_file("x") as file:
        file.write(b"1" * 1000)
    place.keep(["x"])


@pytest.mark.parametrize(
    "ask",
    [
        lambda place: place.prove(),
        _written,
        lambda place: place.files("payment"),
        lambda place: place.local("payment/x.run"),
        lambda place: place.delete("x"),
        lambda place: table.at_newest(place.address("payment")),
    ],
    ids=["prove", "write", "list", "read", "delete", "log"],
)
def test_a_server_that_never_answers_is_not_waited_for(
    silent: str, ask: Callable[[Any], object]
) -> None:
    with pytest.raises(Unavailable):
        ask(storage(silent))


def test_a_server_that_is_away_is_unavailable(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    engine = DuckEngine(bucket)
    with pytest.raises(Unavailable):
        engine.table("payment")


def test_a_run_that_is_gone_is_unavailable_not_empty(bucket: str) -> None:
    from lake.test_runs import as_marks

    with pytest.raises(Unavailable):
        runs.known(bucket, ["payment/none.run"], as_marks([(1, 1)]))
