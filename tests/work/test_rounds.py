"""What goes round by wall time: it outlives its own failures, and one worker weighs."""

from __future__ import annotations

import threading

import pytest

from qalqan.cases import standing_sweep
from qalqan.errors import Unavailable
from qalqan.register.database import Database
from qalqan.register.leases import hold
from qalqan.work import rounds


@pytest.mark.filterwarnings("error")
def test_a_round_goes_on_whatever_happens_in_it_and_once_more_at_the_end() -> None:
    stop, errors = threading.Event(), [Unavailable("away"), ValueError("a fault of ours"), None]
    acts = []

    def act() -> None:
        acts.append(1)
        error = errors[len(acts) - 1] if len(acts) <= len(errors) else None
        if len(acts) == len(errors):
            stop.set()
        if error is not None:
            raise error

    closed: list[int] = []
    rounds.go_round(0.001, act, stop, lambda: closed.append(len(acts)))
    assert closed == [len(acts)] == [len(errors) + 1]


def test_one_worker_weighs_at_a_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    swept = []
    monkeypatch.setattr(rounds.standing_sweep, "sweep", lambda register: swept.append(register))
    with hold(database, standing_sweep.SWEEP, 30):
        rounds.weigh(database)
    assert swept == []
    rounds.weigh(database)
    assert swept == [database]
