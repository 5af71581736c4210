"""What was known when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qalqan.clock import DAY, SharedClock
from qalqan.lake.sealing import seal
from qalqan.lake.upkeep import history
from qalqan.register.database import Database

Sealed = Callable[..., int]
Fact = Callable[..., dict[str, Any]]


def test_what_was_known_at_a_moment(
    sealed: Sealed, session_fact: Fact, stopped_clock: SharedClock, database: Database,
    lake_root: str,
) -> None:  # fmt: skip
    stopped_clock.set(stopped_clock.now_us() + 100 * DAY)
    now = stopped_clock.now_us()
    sealed(session_fact("1", 50))
    stopped_clock.set(now + 1_000)
    sealed(session_fact("2", 50))
    with database.session() as session:
        assert history.newest_at(session, now - 1) == 0
        assert history.newest_at(session, now + 999) == 1
        assert history.newest_at(session, now + 1_000) == 2
        found = history.seals(session, lake_root, ("session",), up_to=1)
    assert [(one.seal, one.kind, one.rows, one.files, one.lost) for one in found] == [
        (1, "session", 1, 1, False)
    ]
    assert seal(database, lake_root) == 2
