"""Requests abroad counted (REQ-24, 70)."""

from __future__ import annotations

from datetime import date, timedelta

from cases.abroad_told import sent, step
from qalqan.cases.abroad_counts import rows
from qalqan.clock import DAY, HOUR
from qalqan.model.period import Period


def test_requests_by_country_and_kind_with_their_times(centre):
    case = centre.report().case
    first, second, third = (sent(centre, case, key) for key in "abc")
    sent(centre, case, "d", kind="takedown", country="tr")
    begun = centre.clock.now_us()
    centre.clock.set(begun + 2 * HOUR)
    step(centre, first.id, "answer", outcome="full")
    step(centre, first.id, "close")
    centre.clock.set(begun + 4 * DAY)
    step(centre, second.id, "refuse")
    today = date(1970, 1, 1) + timedelta(microseconds=begun)
    period = Period(today - timedelta(1), today + timedelta(2))
    with centre.database.session() as session:
        georgia, turkey = rows(session, period, centre.clock.now_us())
        assert rows(session, Period(date(2001, 1, 1), date(2002, 1, 1)), 0) == []
    assert (georgia.country, georgia.sent, georgia.answered, georgia.refused) == ("GE", 3, 1, 1)
    assert (georgia.waiting, georgia.due, georgia.in_time) == (1, 3, 1)
    assert georgia.answer_us == (2 * HOUR + 4 * DAY) // 2
    assert (turkey.kind, turkey.answer_us, turkey.due) == ("takedown", None, 0)
    assert third.state == "sent"
