"""States of a request abroad (REQ-70)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.cases.abroad_kinds import ENDS, MOVES, TERMS, Event, Kind, State, after, possible
from qalqan.errors import Conflict


@given(st.lists(st.sampled_from(list(Event)), max_size=12))
def test_nothing_is_sent_that_nobody_agreed_to_and_nothing_leaves_an_end(events: list[Event]):
    state, agreed = State.DRAFTED, False
    for event in events:
        try:
            to = after("X", state, event)
        except Conflict:
            continue
        assert state not in ENDS
        agreed |= event is Event.APPROVE
        state = to
        assert agreed or state in (State.DRAFTED, State.WITHDRAWN)


def test_every_state_is_reached_and_only_the_machine_expires():
    assert {*MOVES.values(), State.DRAFTED, State.RECEIVED} == set(State)
    assert all(Event.EXPIRE not in possible(state) for state in State)
    assert [state for state in State if not possible(state)] == [State.CLOSED, State.WITHDRAWN]


def test_what_does_not_go_is_a_conflict():
    with pytest.raises(Conflict):
        after("X-26-000001", State.DRAFTED, Event.SEND)


def test_every_kind_has_terms_and_preservation_keeps_sixty_days():
    assert TERMS.keys() == set(Kind)
    assert all(terms.least <= terms.usual <= terms.most for terms in TERMS.values())
    assert TERMS[Kind.PRESERVATION].keeps == 60
