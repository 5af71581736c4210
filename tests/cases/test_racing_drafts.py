"""Who drafts at the same moment drafts one after the other, machine and officers alike (REQ-44)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from persons import Officer
from qalqan.cases import drafting, pursuit
from qalqan.cases.choices import Act
from qalqan.cases.drafting import Wish
from qalqan.cases.grounds import grounds
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
