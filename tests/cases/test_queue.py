"""In which order cases stand in the queue (issue 5, Build 4): appeals first."""

from __future__ import annotations

import pytest

from persons import Officer
from qalqan.cases import appeals, queue
from qalqan.cases.queue import Asked
from qalqan.clock import HOUR, MINUTE
from qalqan.register import orm

ASEL, CLERK = Officer("asel", "supervisor"), Officer("s.oper", "operator")


@pytest.fixture
def server(either_server):
    return either_server


def ids(centre, sort="risk", page=1, **more):
    with centre.database.session() as session:
        asked = Asked(sort=sort, page=page, **more)
        found = queue.listed(session, ASEL, asked, centre.clock.now_us())
    return [row.case_id for row in found.rows]


def stand(centre, case, at_risk=0, clock_us=0, appealed=0):
    with centre.database.write() as session:
        row = session.get_one(orm.CaseStanding, case)
        row.at_risk, row.clock_us, row.appealed = at_risk, clock_us, appealed
        row.active = True


def centre_cases(centre):
    return [centre.report(payer_account=f"211:P{at}", amount=100 + at).case for at in range(5)]


def test_an_appeal_puts_its_case_first_though_more_money_is_at_risk_elsewhere(centre):
    told = centre.report().case
    centre.work()
    centre.confirm(centre.order("confirm"))
    hold = centre.answer(centre.order("hold"), "held")
    other = centre.report(payer_account="211:V2", payee_account="223:D7", amount=7_000_000_00)
    centre.work()
    line = centre.line("211:V2", "223:D7", 7_000_000_00, centre.clock.now_us(), number="big")
    centre.answer(centre.order("confirm", "approved"), "confirmed", payment=line)
    assert ids(centre) == [other.case, told]
    words = "Бұл менің жалақым, сатып алушыдан түскен ақша емес"
    appeals.record(centre.database, centre.keys, CLERK, hold.id, "phone", words, "k")
    centre.work()
    assert ids(centre) == [told, other.case]
    with centre.database.session() as session:
        row = session.get_one(orm.CaseStanding, told)
    assert (row.appealed, row.step) == (1, "appeal")
    assert row.clock_us <= centre.clock.now_us() + 2 * HOUR


def test_appeals_go_by_their_clocks_and_the_rest_by_what_is_at_risk(centre):
    now = centre.clock.now_us()
    late, soon, rich, poor, early = made = centre_cases(centre)
    stand(centre, late, 900, now + 90 * MINUTE, appealed=2)
    stand(centre, soon, 0, now + 30 * MINUTE, appealed=1)
    stand(centre, rich, 500_000_00, now + 120 * MINUTE)
    stand(centre, poor, 100, now + 45 * MINUTE)
    stand(centre, early, 100, now + 5 * MINUTE)
    assert ids(centre) == [soon, late, rich, early, poor]
    assert ids(centre, tab="appeals") == [soon, late]
    assert sorted(ids(centre, "new")) == sorted(made)


def test_of_clocks_that_end_together_the_appeal_s_is_first(centre):
    now = centre.clock.now_us()
    one, two, three, four, five = centre_cases(centre)
    for case, risk in ((one, 9), (two, 8), (three, 7), (four, 6)):
        stand(centre, case, risk, now + HOUR)
    stand(centre, five, 0, now + HOUR, appealed=1)
    assert ids(centre, "clock") == [five, one, two, three, four]


def test_every_case_stands_once_on_whatever_page(centre, monkeypatch):
    monkeypatch.setattr(queue, "A_PAGE", 2)
    now = centre.clock.now_us()
    a, b, c, d, e = centre_cases(centre)
    for place, case in enumerate((a, b, c)):
        stand(centre, case, 0, now + place, appealed=1)
    stand(centre, d, 10, now)
    stand(centre, e, 20, now)
    pages = [ids(centre, page=page) for page in (1, 2, 3)]
    assert pages == [[a, b], [c, e], [d]]
    with centre.database.session() as session:
        found = queue.listed(session, ASEL, Asked(page=9), now)
    assert (found.page, found.pages, found.cases) == (3, 3, 5)
