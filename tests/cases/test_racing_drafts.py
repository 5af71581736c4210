"""Who drafts at the same moment drafts one after the other, machine and officers alike (REQ-44)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from cases.conftest import DROP, ORGANISER, VICTIM
from persons import Officer
from qalqan.cases import choices, drafting, order_book, pursuit
from qalqan.cases.approvals import decide
from qalqan.cases.choices import Act
from qalqan.cases.drafting import Wish
from qalqan.cases.grounds import grounds
from qalqan.clock import HOUR, MINUTE
from qalqan.errors import InputRejected
from qalqan.model.order import State

WHY = "Ақша иесінікі екені құжатпен расталды"
OFFICERS = tuple(Officer(login, "investigator", "KZ-75") for login in ("almas", "dana", "ermek"))


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


@pytest.fixture
def hold(centre: Any) -> Any:
    """A hold that its bank has answered."""
    centre.report()
    centre.work()
    centre.confirm(centre.order("confirm"))
    centre.answer(centre.order("hold"), "held")
    return centre.order("hold")


def release(centre: Any, hold: Any, person: Officer) -> Any:
    legal = next(row.code for row in grounds() if Act.RELEASE.kind in row.kinds)
    wish = Wish(Act.RELEASE, legal, WHY, target=hold.id)
    return drafting.draft(centre.database, centre.keys, person, hold.case_id, wish, person.login)


def test_of_three_officers_who_let_the_whole_hold_go_at_once_one_does(
    centre: Any, hold: Any
) -> None:
    def tried(person: Officer) -> object:
        try:
            return release(centre, hold, person)
        except InputRejected as error:
            return error.field

    with ThreadPoolExecutor(len(OFFICERS)) as pool:
        found = list(pool.map(tried, OFFICERS))
    assert sorted(map(str, found)).count("target") == len(OFFICERS) - 1
    drafted = centre.orders_of("release")
    assert sum(order.amount for order in drafted) == hold.amount
    assert {order.state for order in drafted} == {State.DRAFTED}


def test_an_officer_waits_for_the_machine_that_is_drafting(centre: Any, hold: Any) -> None:
    found = pursuit.follow_cases(centre.database, centre.books.kept, [hold.case_id])
    began = Event()

    def officer() -> Any:
        began.set()
        return release(centre, hold, OFFICERS[0])

    with ThreadPoolExecutor(1) as pool:
        with centre.database.write() as session:
            pursuit.settle(session, found)
            waits = pool.submit(officer)
            began.wait()
            with pytest.raises(TimeoutError):
                waits.result(timeout=0.5)
        assert waits.result(timeout=20).amount == hold.amount


def twin(centre: Any, order: Any, **changes: Any) -> Any:
    """Another draft of the same, as if its bound had been looked up before there was one."""
    new = {"id": "", "idempotency_key": "twin", "version": 0, "approvals": ()}
    more = replace(order, **new | changes)
    with centre.database.write() as session:
        return order_book.draft(session, more)


def yes(centre: Any, order: Any, login: str) -> object:
    try:
        return decide(centre.database, order.id, Officer(login, "supervisor"), True).state
    except InputRejected as error:
        return error.expected, error.params["left"]


def test_of_two_drafts_that_pass_the_hold_together_one_becomes_an_order(
    centre: Any, hold: Any
) -> None:
    one = release(centre, hold, OFFICERS[0])
    other = twin(centre, one, drafted_by="dana")
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(yes, [centre] * 2, (one, other), ("asel", "daniyar")))
    assert sorted(found, key=str) == [("order.left", 0), State.APPROVED]
    assert sorted(o.state for o in centre.orders_of("release")) == ["approved", "drafted"]


def test_a_part_that_is_left_may_still_go(centre: Any, hold: Any) -> None:
    whole = release(centre, hold, OFFICERS[0])
    quarter = hold.amount // 4
    assert yes(centre, twin(centre, whole, amount=quarter), "asel") is State.APPROVED
    assert yes(centre, whole, "asel") == ("order.left", hold.amount - quarter)
    rest = twin(centre, whole, amount=hold.amount - quarter, idempotency_key="rest")
    assert yes(centre, rest, "asel") is State.APPROVED


def test_a_hold_where_the_money_is_no_longer_is_not_agreed_to(centre: Any) -> None:
    """An officer drafted it while the books were not told; what they told then, the machine holds
    where it went."""
    at_us = centre.clock.now_us() - 5 * HOUR
    case = centre.report(crime_us=at_us, discovered_us=at_us).case
    centre.work()
    paid = centre.line(VICTIM, DROP, 100_000_00, at_us, number="late")
    centre.answer(centre.order("confirm"), "confirmed", payment=paid)
    with centre.database.session() as session:
        (choice,) = choices.offered(session, case, Act.HOLD, centre.clock.now_us())
    legal = next(row.code for row in grounds() if Act.HOLD.kind in row.kinds)
    wish = Wish(Act.HOLD, legal, WHY, target=choice.key)
    mine = drafting.draft(centre.database, centre.keys, OFFICERS[0], case, wish, "mine")
    assert mine.amount == choice.most == 100_000_00
    assert yes(centre, mine, "asel") is State.DRAFTED  # one of two
    lines = [
        centre.line(VICTIM, DROP, 100_000_00, at_us, side="payee"),
        centre.line(DROP, ORGANISER, 90_000_00, centre.clock.now_us() - 5 * MINUTE),
    ]
    centre.statement(centre.order("statement"), DROP, lines)
    (machine,) = centre.orders_of("hold", "approved")
    assert (machine.partner, machine.amount) == ("kesek", 90_000_00)
    assert yes(centre, mine, "daniyar") == ("order.left", 10_000_00)
    assert centre.order("hold", "drafted").approvals[0].login == "asel"
