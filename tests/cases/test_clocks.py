"""Reminders, escalation and expiry come by themselves (REQ-44)."""

from __future__ import annotations

import pytest

from qalqan.cases import clocks
from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.model.order import State
from qalqan.register import jobs


@pytest.fixture
def server(either_server):
    return either_server


def test_an_empty_centre_has_no_clocks(centre):
    assert clocks.tick(centre.database) == 0
    with centre.database.session() as session:
        assert jobs.pending(session).next_due_us is None


def test_a_reminder_first_then_the_people_above(centre):
    centre.report()
    centre.work()
    steps = []
    for _ in range(6):
        centre.later(30 * MINUTE)
        order = centre.order("confirm")
        steps.append((order.state, order.escalated))
    assert steps[0] == (State.APPROVED, 1)
    assert steps[-1] == (State.ESCALATED, 3)
    centre.later(DAY)
    assert centre.order("confirm").escalated == 4
    assert centre.order("confirm").due_us is None


def test_an_answer_stops_the_clock(centre):
    centre.report()
    centre.work()
    centre.confirm(centre.order("confirm"))
    centre.answer(centre.order("hold"), "held")
    centre.later(HOUR)
    assert (centre.order("confirm").escalated, centre.order("hold").escalated) == (0, 0)
    assert centre.order("statement").escalated == 1


def test_a_tick_is_repeated_safely(centre):
    centre.report()
    centre.work()
    centre.clock.set(centre.clock.now_us() + 20 * MINUTE)
    assert clocks.tick(centre.database) == 1
    assert clocks.tick(centre.database) == 0
