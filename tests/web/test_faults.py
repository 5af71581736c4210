"""What goes wrong, as partners and officers see it over HTTP: a clear answer of the right status,
nothing lost, nothing twice (issue 5, bad input and faults)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from qalqan.cases import order_book
from qalqan.cases.grounds import usual_ground
from qalqan.cases.reasons import money, reason, when
from qalqan.clock import wall_us
from qalqan.model.order import Kind, Order, State
from qalqan.register import orm, partner_keys

LANGUAGES = ("kk", "ru", "en")
DECIDERS = ("asel", "daniyar")


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


def drafted(web: Any, number: int) -> Order:
    """A draft that two people must agree to."""
    report, now = web.report(f"r-{number}").json(), web.clock.now_us()
    order = Order(
        id="", case_id=report["case"], kind=Kind.BLOCK, partner="altyn", state=State.DRAFTED,
        ground=usual_ground(Kind.BLOCK, now).code, drafted_by="marat",
        idempotency_key=f"draft {number}", created_us=now,
        reason=reason("confirm", amount=money(5, "KZT"), at=when(now)),
    )  # fmt: skip
    with web.database.write() as session:
        return order_book.draft(session, replace(order, report_id=report["report"]))


def state_of(web: Any, order: Order) -> Order:
    with web.database.session() as session:
        return order_book.load(session, order.id)


def test_of_two_who_decide_the_opposite_at_once_one_is_told_and_nothing_goes_out(web: Any) -> None:
    for login in DECIDERS:
        web.sign_in(login)
    for number in range(4):
        order, ready = drafted(web, number), Barrier(2)

        def decide(login: str, order: Order = order, ready: Barrier = ready) -> int:
            body = {"approved": login == "asel", "version": order.version}
            ready.wait()
            answer = web.post(f"/v1/orders/{order.id}/approvals", login, json=body)
            assert answer.status_code == 200 or answer.json()["error"]["message"]
            return int(answer.status_code)

        with ThreadPoolExecutor(2) as pool:
            said = list(pool.map(decide, DECIDERS))
        assert sorted(said) == [200, 409]
        yes = said[0] == 200
        after = state_of(web, order)
        assert after.state == ("drafted" if yes else "withdrawn")
        assert [each.login for each in after.approvals] == ["asel" if yes else "daniyar"]
        late = {"approved": not yes, "version": after.version}
        again = web.post(f"/v1/orders/{order.id}/approvals", DECIDERS[yes], json=late)
        assert again.status_code == (200 if yes else 409)
        assert state_of(web, order).state == "withdrawn", "one no ends it, whoever was first"
    assert {message.kind for message in web.signed("altyn")} == {Kind.CONFIRM}


def test_a_key_that_has_ended_says_so_and_its_successor_goes_on(web: Any) -> None:
    message, old = web.asked(), web.tokens["altyn"]
    with web.database.write() as session:
        key = partner_keys.known(session, old).key
        web.tokens["altyn"] = partner_keys.rotate_key(session, key, "asel")
    path = f"/v1/orders/{message.order}/answers"
    web.tokens["before"] = old
    assert web.get("/v1/orders", "before").status_code == 200, "both are good for a day"
    with web.database.write() as session:
        session.get_one(orm.PartnerKey, key).until_us = wall_us() - 1
    for language in LANGUAGES:
        ended = web.post(path, "before", language=language, json=web.confirmed(message))
        assert (ended.status_code, ended.headers["www-authenticate"]) == (401, "Bearer")
        assert ended.json()["error"]["message"]
    assert web.post(path, "altyn", json=web.confirmed(message)).status_code == 200
