"""Requests abroad in lists: what is due first stands first; cases out of view are not there."""

from __future__ import annotations

import pytest

from cases.abroad_told import ASEL, DANIYAR, WORDS, drafted, sent, step
from persons import Officer
from qalqan.cases import abroad_list, abroad_requests
from qalqan.cases.abroad_requests import Came
from qalqan.clock import DAY
from qalqan.errors import NotAllowed


def ids(centre, tab, officer=ASEL):
    with centre.database.session() as session:
        found = abroad_list.listed(session, officer, tab, centre.clock.now_us())
    return [line.row.id for line in found.lines]


def test_what_is_due_first_stands_first(centre):
    case = centre.report().case
    slow = sent(centre, case, "a", kind="takedown").id
    quick = sent(centre, case, "b").id
    waits = drafted(centre, case, "c").id
    gone = step(centre, drafted(centre, case, "d").id, "withdraw").id
    assert ids(centre, "open") == [quick, slow, waits]
    assert ids(centre, "drafted") == [waits]
    assert ids(centre, "closed") == [gone]
    with centre.database.session() as session:
        found = abroad_list.listed(session, ASEL, "nonsense", centre.clock.now_us())
        assert found.counts == {"open": 3, "drafted": 1, "in": 0, "closed": 1}
        assert [line.left_us for line in found.lines] == [3 * DAY, 7 * DAY, None]


def test_cases_out_of_view_are_not_listed_and_what_came_is_everybodys(centre):
    drafted(centre, centre.report().case)
    far = Officer("far", "operative", "KZ-10")
    with centre.database.write() as session:
        came = abroad_requests.receive(
            session, DANIYAR, Came("data", "tr", "Ankara", WORDS), "k"
        ).id
    assert ids(centre, "open", far) == []
    assert ids(centre, "in", far) == [came]
    with centre.database.session() as session, pytest.raises(NotAllowed):
        abroad_list.listed(session, Officer("anna", "analyst"), "open", 0)


def test_one_request_with_all_about_it(centre):
    case = centre.report().case
    first = sent(centre, case)
    later = drafted(centre, case, "b", parent=first.id)
    with centre.database.session() as session:
        view = abroad_list.one(session, ASEL, first.id, first.due_us)
        assert (view.state, view.basis.code, list(view.prolonged_by)) == (
            "expired", "interpol", [later.id],
        )  # fmt: skip
        assert "answer" in view.events
        assert abroad_list.of_case(session, case)[first.task].id == first.id
