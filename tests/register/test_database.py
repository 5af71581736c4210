from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from qalqan.errors import ContractBroken, Unavailable
from qalqan.register.database import Database, open_database
from qalqan.register.numbers import next_id
from qalqan.register.orm import Case, CaseAccount, Number, Report, Seal
from qalqan.settings import Settings


def seal(number: int) -> Seal:
    return Seal(seal=number, kind="payment", rows=1, version=0, at_us=0)


class GivenUp(Exception):
    pass


def write_and_give_up(database: Database, row: object) -> None:
    with database.write() as session:
        session.add(row)
        session.flush()
        raise GivenUp


def test_a_write_commits_whole_or_not_at_all(database: Database) -> None:
    with database.write() as session:
        session.add_all([seal(1), seal(2)])
    with pytest.raises(IntegrityError), database.write() as session:
        session.add_all([seal(3), seal(2)])
    with pytest.raises(GivenUp):
        write_and_give_up(database, seal(4))
    with database.session() as session:
        assert session.query(Seal.seal).order_by(Seal.seal).all() == [(1,), (2,)]


def test_a_read_can_not_write(database: Database) -> None:
    with pytest.raises(DBAPIError), database.session() as session:
        session.execute(insert(Seal).values(seal=1, kind="payment", rows=1, version=0, at_us=0))
    with database.write() as session:  # the same connection writes again
        session.add(seal(1))


def test_a_read_sees_one_snapshot(database: Database) -> None:
    with database.session() as before:
        assert before.query(Seal).count() == 0
        with database.write() as session:
            session.add(seal(1))
        assert before.query(Seal).count() == 0
    with database.session() as after:
        assert after.query(Seal).count() == 1


def test_a_write_inside_a_write_is_refused_at_once(database: Database) -> None:
    with database.write(), pytest.raises(ContractBroken), database.write():
        pass
    with database.write() as session:
        session.add(seal(1))


def test_foreign_keys_hold(database: Database) -> None:
    nobodys = CaseAccount(case_id="C-26-000009", account="acc_a", bank="AAA", first_us=0)
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), database.write() as session:
        session.add(nobodys)


def test_writers_in_threads_take_turns(database: Database) -> None:
    def count(_: int) -> None:
        with database.write() as session:
            next_id(session, "C")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(80)))
    with database.session() as session:
        assert session.query(Number.last).scalar() == 80


def test_an_error_tells_no_values(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught, database.write() as session:
        session.add(Case(id="C-26-000001", region=None, opened_us=0, owner="900101300123"))
    assert "region" in str(caught.value)
    assert "900101300123" not in str(caught.value) + str(caught.value.orig)


def test_a_file_of_the_register_is_private_and_durable(tmp_path: Path) -> None:
    with closing(open_database(Settings(home=tmp_path / "home"))) as database:
        database.migrate()
        path = tmp_path / "home" / "register.db"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with database.session() as session:
            found = [
                session.scalar(text(f"PRAGMA {name}"))
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
    assert found == ["wal", 2, 1, 30_000]


@pytest.mark.parametrize("url", ["sqlite://", "mysql://x/y"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ContractBroken):
        Database(url)


def test_a_database_out_of_reach_is_unavailable() -> None:
    with closing(Database("postgresql://nobody@127.0.0.1:1/none")) as database:
        with pytest.raises(Unavailable), database.session() as session:
            session.execute(text("SELECT 1"))
        with pytest.raises(Unavailable), database.write():
            pass


def test_two_processes_migrate_at_once(empty_database: Callable[[], str]) -> None:
    url = empty_database()
    script = (
        "import sys; from qalqan.register.database import Database;Database(sys.argv[1]).migrate()"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, url]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    with closing(Database(url)) as database, database.session() as session:
        assert session.query(Report).count() == 0


_WRITES_UNTIL_KILLED = """
import os, signal, sys
from qalqan.register.database import Database
from qalqan.register.numbers import next_id
database = Database(sys.argv[1])
for turn in range(1, 8):
    with database.write() as session:
        next_id(session, "C")
        if turn == 7:
            session.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    print(turn, flush=True)
"""


def test_what_was_acknowledged_survives_a_kill(database: Database) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", _WRITES_UNTIL_KILLED, database.url], capture_output=True, text=True
    )
    assert killed.returncode == -9
    acknowledged = int(killed.stdout.split()[-1])
    with database.session() as session:
        assert session.query(Number.last).scalar() == acknowledged == 6
    with database.write() as session:
        assert next_id(session, "C").endswith("-000007")
