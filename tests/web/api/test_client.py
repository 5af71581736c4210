"""The client of a hundred lines against the real centre (REQ-19)."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

sys.path.append(str(Path(__file__).parents[3] / "clients" / "python"))

from qalqan_client import FRESH_S, Centre

from qalqan.cases import delivery, reach
from qalqan.clock import SECOND, wall_us
from qalqan.register import orm, partner_events
from qalqan.trust import signing
from qalqan.web.api.ends import NOTICE, End, Ends


@pytest.fixture
def altyn(web: Any) -> Centre:
    key = web.get("/v1/key").json()["key"]
    return Centre("", web.tokens["altyn"], "altyn", key, http=web.http, tries=1)


def test_an_order_is_fetched_verified_and_answered(web: Any, altyn: Centre) -> None:
    web.report().raise_for_status()
    delivery.sign_waiting(web.database, web.keys, "altyn")
    (order,) = altyn.orders()
    assert (order["kind"], order["partner"]) == ("confirm", "altyn")
    stands = altyn.answer(order["order"], "confirmed", payment=web.payment())
    assert stands["state"] == "closed"
    assert altyn.answer(order["order"], "confirmed", payment=web.payment()) == stands
    assert list(altyn.orders()) == []
    with pytest.raises(httpx.HTTPStatusError):
        altyn.answer(order["order"], "not_found")


def test_facts_are_told_once_and_refusals_named(web: Any, altyn: Centre) -> None:
    facts = [web.payment("p-1"), web.payment("p-2", amount=-1)]
    told = altyn.tell("payment", facts, "k-1")
    assert (told["accepted"], told["quarantined"]) == (1, 1)
    assert altyn.tell("payment", facts, "k-1") == told
    for number in range(101):
        altyn.tell("payment", [web.payment(f"q-{number}")], f"q-{number}")
    handed = list(altyn.batches("payment"))
    assert {one["key"] for one in handed} == {"k-1", *(f"q-{n}" for n in range(101))}
    assert sum(one["quarantined"] for one in handed) == 1


def test_events_are_heard_in_their_order(web: Any, altyn: Centre) -> None:
    web.report().raise_for_status()
    delivery.sign_waiting(web.database, web.keys, "altyn")
    (event,) = altyn.events()
    assert (event["event"], event["kind"]) == (1, "order.waits")
    assert list(altyn.events(event["event"])) == []
    assert list(altyn.warnings()) == []


def test_only_what_the_centre_signed_for_us_just_now_is_believed(web: Any, altyn: Centre) -> None:
    with web.database.write() as session:
        partner_events.note(session, "altyn", "order.waits", 1, order="O-1")
    partner_events.place(web.database, "altyn")
    with web.database.session() as session:
        jws = reach.signed(session.query(orm.PartnerEvent).one(), web.keys)
    assert altyn.opened_event(jws)["order"] == "O-1"
    with pytest.raises(ValueError, match="too long ago"):
        altyn.opened_event(jws, wall_us() / SECOND + FRESH_S + 5)
    other = signing.sign({"partner": "baiterek"}, web.keys.signing_key)
    with pytest.raises(ValueError, match="signed for"):
        altyn.opened(other)
    with pytest.raises(jwt.InvalidTokenError):
        altyn.opened(jws[:-4] + "AAAA")


def test_what_ends_is_logged(web: Any, altyn: Centre, caplog: pytest.LogCaptureFixture) -> None:
    assert list(altyn.orders()) == []
    assert caplog.messages == []
    today = datetime.now(UTC).date()
    web.http.app.state.ends = Ends([End("/v1/orders", today, today + NOTICE, "https://c.example")])
    assert list(altyn.orders()) == []
    (said,) = [one for one in caplog.messages if "ends" in one]
    assert "GET /v1/orders ends" in said
    assert "https://c.example" in said
