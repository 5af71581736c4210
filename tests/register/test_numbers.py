from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from qalqan.clock import SharedClock
from qalqan.register.database import Database
from qalqan.register.numbers import next_id


def test_each_kind_counts_by_itself(database: Database, stopped_clock: SharedClock) -> None:
    with database.write() as session:
        given = [next_id(session, letter) for letter in "CRCC"]
    assert given == ["C-26-000001", "R-26-000001", "C-26-000002", "C-26-000003"]


def test_the_year_turns_at_midnight_in_almaty(
    database: Database, stopped_clock: SharedClock
) -> None:
    midnight = datetime(2026, 12, 31, 19, tzinfo=UTC)
    stopped_clock.set(int(midnight.timestamp()) * 1_000_000 - 1)
    with database.write() as session:
        assert next_id(session, "O") == "O-26-000001"
        stopped_clock.set(int(midnight.timestamp()) * 1_000_000)
        assert next_id(session, "O") == "O-27-000001"


def test_a_number_rolled_back_is_given_again(database: Database) -> None:
    with database.write() as session:
        lost = next_id(session, "C")
        session.rollback()
    with database.write() as session:
        assert next_id(session, "C") == lost


def test_threads_never_share_a_number(database: Database) -> None:
    def take(_: int) -> str:
        with database.write() as session:
            return next_id(session, "C")

    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(take, range(60)))
    assert len(set(given)) == 60
    assert max(given).endswith("000060")
