"""Whom to write to abroad, verified and stale (REQ-70)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cases.abroad_told import ASEL, drafted
from persons import Officer
from qalqan.cases import abroad_contacts
from qalqan.cases.abroad_contacts import STALE_US, Told, is_stale, listed
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound

POINT = Told("ge", "National point", "point_24_7", "24/7", "ka, en", "+995 322 12 34 56", "a@b.ge")


def added(centre, told=POINT):
    with centre.database.write() as session:
        return abroad_contacts.add(session, ASEL, told)


def test_a_contact_is_kept_once_and_grows_stale_until_it_is_verified(centre):
    row = added(centre)
    assert (row.id, row.country, row.verified_by) == (added(centre).id, "GE", "asel")
    now = row.verified_us
    assert not is_stale(row, now + STALE_US - 1)
    assert is_stale(row, now + STALE_US)
    centre.clock.set(now + STALE_US)
    with centre.database.write() as session:
        again = abroad_contacts.verify(session, ASEL, row.id, True)
        assert not is_stale(again, now + STALE_US)


def test_who_no_longer_answers_is_offered_to_nobody(centre):
    row = added(centre)
    assert drafted(centre, centre.report().case, contact=row.id).contact == row.id
    with centre.database.write() as session:
        abroad_contacts.verify(session, ASEL, row.id, False)
        assert listed(session) == listed(session, "GE") == []
        with pytest.raises(Conflict):
            abroad_contacts.verify(session, ASEL, row.id, True)
        with pytest.raises(NotFound):
            abroad_contacts.verify(session, ASEL, row.id + 1, True)
    with pytest.raises(NotFound):
        drafted(centre, centre.report().case, "other", contact=row.id)


def test_a_request_goes_to_a_contact_of_its_country(centre):
    row = added(centre)
    with pytest.raises(InputRejected):
        drafted(centre, centre.report().case, contact=row.id, country="am")


@pytest.mark.parametrize(
    ("field", "value"),
    [("country", "kz"), ("body", " "), ("channel", "owl"), ("mail", "nobody"), ("phone", "12"),
     ("hours", "h" * 61)],
)  # fmt: skip
def test_what_can_not_be_is_refused(centre, field, value):
    with pytest.raises(InputRejected) as found:
        added(centre, replace(POINT, **{field: value}))
    assert found.value.field == field


def test_somehow_it_must_be_reached_and_only_some_keep_the_list(centre):
    with pytest.raises(InputRejected):
        added(centre, replace(POINT, phone="", mail=""))
    with centre.database.write() as session, pytest.raises(NotAllowed):
        abroad_contacts.add(session, Officer("anna", "analyst"), POINT)
