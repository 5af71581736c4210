"""What waits for whom, and what a yes or no does (REQ-19; two people, DESIGN section 6)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from persons import Officer
from qalqan.cases.approvals import decide, waiting
from qalqan.clock import MINUTE
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.model.order import State
from qalqan.register import hands, orm, people

VICTIM, DROP, SUM = "211:V1", "223:D1", 100_000_00


@pytest.fixture
def server(either_server):
    return either_server


@pytest.fixture
def back(centre):
    """A drafted return: two people and a prosecutor have to agree."""
    centre.report()
    centre.work()
    centre.confirm(centre.order("confirm"))
    centre.answer(centre.order("hold"), "held")
    at_us = centre.clock.now_us() - 60 * MINUTE
    line = centre.line(VICTIM, DROP, SUM, at_us, side="payee")
    centre.statement(centre.order("statement"), DROP, [line])
    return centre.order("return")


def mine(centre, login, role="supervisor"):
    with centre.database.session() as session:
        return [(one.order.id, one.traced) for one in waiting(session, Officer(login, role))]


def test_each_sees_what_their_yes_brings_forward(centre, back):
    assert mine(centre, "asel") == [(back.id, SUM)]
    assert mine(centre, "marat", "prosecutor") == [(back.id, SUM)]
    assert mine(centre, "anybody", "auditor") == []
    decide(centre.database, back.id, Officer("asel", "supervisor"), True)
    assert mine(centre, "asel") == []
    decide(centre.database, back.id, Officer("daniyar", "supervisor"), True)
    assert mine(centre, "saule") == []  # two have agreed
    assert mine(centre, "marat", "prosecutor") == [(back.id, SUM)]
    assert centre.order("return").state is State.DRAFTED
    decide(centre.database, back.id, Officer("marat", "prosecutor"), True)
    assert centre.order("return").state is State.APPROVED


def test_a_no_ends_it_and_the_machine_does_not_ask_again(centre, back):
    decide(centre.database, back.id, Officer("asel", "supervisor"), False, "not yet")
    centre.work()
    assert centre.order("return").state is State.WITHDRAWN
    with pytest.raises(Conflict):
        decide(centre.database, back.id, Officer("daniyar", "supervisor"), True)
    with centre.database.session() as session:
        done = session.scalars(select(orm.Audit.action).where(orm.Audit.object == back.id)).all()
    assert done == ["order.reject"]


def test_what_is_refused(centre, back):
    with pytest.raises(NotAllowed):
        decide(centre.database, back.id, Officer("anybody", "auditor"), True)
    with pytest.raises(NotAllowed):
        decide(centre.database, back.id, Officer(back.drafted_by, "supervisor"), True)
    with pytest.raises(NotFound):
        decide(centre.database, "O-26-999999", Officer("asel", "supervisor"), True)
    with pytest.raises(InputRejected):
        decide(centre.database, back.id, Officer("asel", "supervisor"), True, "x" * 401)
    with pytest.raises(Conflict):
        decide(
            centre.database, back.id, Officer("asel", "supervisor"), True, version=back.version + 1
        )


def account(centre, by, *logins, role="supervisor"):
    """Somebody has taken these in, on the page of people."""
    with centre.database.write() as session:
        for login in logins:
            people.enter(session, centre.keys, login, login, "x", role, "KZ", None, by=by)


def test_people_whom_one_hand_has_made_are_one_person(centre, back):
    """REQ-18: a supervisor who makes two colleagues and a prosecutor is still alone."""
    account(centre, "work", "boss")
    account(centre, "boss", "pup0", "pup1")
    account(centre, "pup0", "pup2", role="prosecutor")
    decide(centre.database, back.id, Officer("pup0", "supervisor"), True)
    for login, role in (("boss", "supervisor"), ("pup1", "supervisor"), ("pup2", "prosecutor")):
        with pytest.raises(NotAllowed, match="one_hand"):
            decide(centre.database, back.id, Officer(login, role), True)
    decide(centre.database, back.id, Officer("asel", "supervisor"), True)
    decide(centre.database, back.id, Officer("marat", "prosecutor"), True)
    assert centre.order("return").state is State.APPROVED
    with centre.database.session() as session:
        with pytest.raises(NotAllowed):
            hands.check(session, "pup1", ["pup0"], "approve")
        centre.clock.set(centre.clock.now_us() + hands.MADE_US + 1)
        hands.check(session, "pup1", ["pup0"], "approve")
        with pytest.raises(NotAllowed):
            hands.check(session, "pup1", ["boss"], "approve")
        centre.clock.set(centre.clock.now_us() + hands.HELD_US + 1)
        hands.check(session, "pup1", ["boss"], "approve")
