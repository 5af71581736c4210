"""REQ-43: an order stands on a ground that was law on its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.cases.codes import day_us
from qalqan.cases.grounds import ground, grounds, usual_ground
from qalqan.clock import DAY
from qalqan.errors import NotAllowed
from qalqan.model.order import Kind
from qalqan.screening.state import BORROWERS_OWN_REFUSAL
from qalqan.text.catalogue import LANGUAGES

TODAY = day_us(date(2026, 1, 1))


def test_every_row_says_what_it_is_and_where_it_was_read():
    for row in grounds():
        assert row.kinds or row.code == BORROWERS_OWN_REFUSAL  # carries no order: a screen names it
        assert row.source
        assert all(row.names[language] for language in LANGUAGES)
    assert len({row.code for row in grounds()}) == len(grounds())


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_order_has_a_ground_today_and_had_none_before_any_law(kind):
    assert kind in usual_ground(kind, TODAY).kinds
    with pytest.raises(NotAllowed):
        usual_ground(kind, day_us(date(2000, 1, 1)))


@given(st.sampled_from(Kind), st.dates(date(2013, 1, 1), date(2100, 1, 1)))
def test_a_ground_is_found_only_while_it_is_in_force(kind, day):
    at_us = day_us(day)
    fits = [row.code for row in grounds() if kind in row.kinds and row.valid(at_us)]
    for row in grounds():
        if row.code in fits:
            assert ground(row.code, kind, at_us) == row
        else:
            with pytest.raises(NotAllowed):
                ground(row.code, kind, at_us)


def test_handing_over_accounts_is_a_crime_since_16_september_2025():
    first = day_us(date(2025, 9, 16))
    assert ground("kz.criminal.232-1", Kind.DATA, first).valid_from_us == first
    with pytest.raises(NotAllowed):
        ground("kz.criminal.232-1", Kind.DATA, first - 1)


def test_a_ground_that_ended_holds_no_more():
    row = replace(grounds()[0], valid_from_us=TODAY, valid_until_us=TODAY + DAY)
    assert [row.valid(TODAY + d) for d in (-1, 0, DAY - 1, DAY)] == [False, True, True, False]


def test_money_goes_back_by_a_prosecutors_sanction():
    assert usual_ground(Kind.RETURN, TODAY).sanction
    assert not usual_ground(Kind.HOLD, TODAY).sanction
