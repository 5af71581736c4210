"""REQ-44: what the machine may do by itself, only under two people's names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qalqan.cases import policy
from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.errors import NotAllowed
from qalqan.model.order import Kind
from qalqan.register import orm


@pytest.mark.parametrize("people", [[], ["asel"], ["asel", "asel"]])
def test_one_person_puts_no_policy_in_force(database, stopped_clock, people):
    with pytest.raises(NotAllowed), database.write() as session:
        policy.install_default_policy(session, people)
    with database.session() as session:
        assert session.query(orm.Policy).count() == 0
        with pytest.raises(NotAllowed):
            policy.current(session, stopped_clock.now_us())


def test_the_default_is_the_one_of_the_file(database, stopped_clock):
    with database.write() as session:
        installed = policy.install_default_policy(session, ["daniyar", "asel"])
        assert policy.current(session, stopped_clock.now_us()) == installed
        assert session.query(orm.Policy.approved_by).scalar() == ["asel", "daniyar"]
    assert installed.actor == "policy:pursuit/1"
    assert (installed.hold_us, installed.prolonged_hold_us) == (72 * HOUR, 30 * DAY)
    assert installed.due_in(Kind.CONFIRM) == 15 * MINUTE
    assert replace(installed, due_us={}).due_in(Kind.TAKEDOWN) == installed.escalate_every_us
    assert (installed.least_of("KZT"), installed.least_of("USD")) == (100_000, 1000)


def test_a_change_is_a_new_version_and_the_old_one_stays_on_record(database, stopped_clock):
    start = stopped_clock.now_us()
    with database.write() as session:
        policy.install_default_policy(session, ["asel", "daniyar"])
    stopped_clock.set(start + HOUR)
    body = policy.default_body() | {"hold_hours": 24}
    with database.write() as session:
        assert policy.install(session, body, ["asel", "saule"]).version == 2
    with database.session() as session:
        assert policy.current(session, start + HOUR).hold_us == 24 * HOUR
        assert policy.current(session, start).hold_us == 72 * HOUR
        with pytest.raises(NotAllowed):
            policy.current(session, start - 1)
