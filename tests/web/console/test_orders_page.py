"""All orders by the clock, one order whole, appeals at the desk, escalation (REQ-19, 44)."""

from __future__ import annotations

import re
from html import unescape

import pytest

from qalqan.cases import appeal_book, clocks, order_book, order_list
from qalqan.clock import HOUR
from qalqan.model.order import State, clock_us
from qalqan.register import orm
from qalqan.text.catalogue import say

WORDS = "Бұл менің жалақым, ешкімді алдаған жоқпын"


def hold(console):
    with console.app.state.database.session() as session:
        return order_book.find(
            session, orm.Order.kind == "hold", orm.Order.case_id == "C-26-000001",
            orm.Order.state.in_(["answered", "appealed"]),
        )[0]  # fmt: skip


def shown(text):
    return re.findall(r'class="title" href="/orders/(O-[^"]+)"', text)


def test_the_list_goes_by_the_clock_and_filters(console):
    with console.app.state.database.session() as session:
        every = order_book.find(session)
    running = [o for o in every if clock_us(o) is not None]
    listed = shown(console.get("/orders").text)
    assert listed == [o.id for o in sorted(running, key=lambda o: (clock_us(o), o.id))]
    kinds = {o.id: o.kind for o in every}
    only = shown(console.get("/orders?shown=all&kind=statement").text)
    assert {kinds[each] for each in only} == {"statement"}
    assert len(shown(console.get("/orders?shown=all").text)) == len(every)
    none = console.get("/orders?shown=late&partner=nobody").text
    assert say("orders.list.empty", "en") in unescape(none)
    assert shown(console.get("/orders?shown=drafts").text) == [
        o.id for o in reversed(every) if o.state is State.DRAFTED
    ]


@pytest.mark.parametrize("by", ["clock", "all"])
def test_pages_follow_each_other_without_gap_or_repeat(console, monkeypatch, by):
    whole = shown(console.get(f"/orders?shown={by}").text)
    monkeypatch.setattr(order_list, "A_PAGE", 3)
    path, seen = f"/orders?shown={by}", []
    for _ in range(len(whole)):
        text = console.get(path).text
        seen += shown(text)
        found = re.search(r'href="(/orders\?[^"]*after=[^"]+)"', text)
        if found is None:
            break
        path = unescape(found[1])
    assert seen == whole


@pytest.mark.parametrize("after", ["x", "9" * 30, "1.1.1", "%25", "1."])
def test_a_cursor_that_was_never_given_begins_again_or_ends(console, after):
    assert console.get(f"/orders?after={after}").status_code == 200


def test_one_order_shows_what_was_signed_without_the_account(console):
    order = hold(console)
    text = unescape(console.get(f"/orders/{order.id}").text)
    assert say("orders.signed.title", "en") in text
    assert '"account": "…6631"' in text
    assert "313:0000" not in text
    assert "SHA-256" in text
    assert say("orders.ladder.owner", "en") in text
    assert console.get("/orders/O-26-999999").status_code == 404


def test_an_appeal_is_written_down_decided_by_another_and_the_money_let_go(console):
    order = hold(console)
    path = f"/orders/{order.id}/appeals/new"
    form = {"channel": "phone", "words": WORDS, "key": "k"}
    assert console.post(path, "s.oper", **form | {"words": "?"}).status_code == 422
    made = console.post(path, "s.oper", **form)
    assert made.headers["location"] == "/appeals?done=A-26-000001"
    assert console.post(path, "s.oper", **form).status_code == 303
    assert console.post(path, "s.oper", **form | {"key": "2"}).status_code == 409
    listed = unescape(console.get("/appeals", "a.nurlanova").text)
    assert "A-26-000001" in listed
    assert WORDS not in listed
    assert 'href="/appeals/A-26-000001"' in listed
    assert 'href="/appeals/A-26-000001"' not in console.get("/appeals", "s.oper").text
    decision = {
        "version": 0, "verdict": "part", "reason": "part.wages", "words": "Жалақы екені расталды",
        "amount": "200 000",
    }  # fmt: skip
    wrong = console.post("/appeals/A-26-000001", **decision | {"amount": ""})
    assert wrong.status_code == 422
    assert console.post("/appeals/A-26-000001", "s.oper", **decision).status_code == 403
    assert console.post("/appeals/A-26-000001", **decision).status_code == 303
    assert console.post("/appeals/A-26-000001", **decision).status_code == 303  # done once
    other = decision | {"amount": "200 001"}
    assert console.post("/appeals/A-26-000001", **other).status_code == 409
    with console.app.state.database.session() as session:
        found = appeal_book.load(session, "A-26-000001")
        release = order_book.load(session, found.undone_by or "")
    assert (release.amount, release.state) == (200_000_00, State.APPROVED)
    page = unescape(console.get(f"/orders/{order.id}").text)
    assert say("appeals.state.part", "en") in page
    assert say("orders.event.settle", "en", kind=say("orders.kind.hold", "en")) in page


def test_an_overdue_order_is_reminded_by_hand_and_climbs_to_the_supervisor(console):
    with console.app.state.database.session() as session:
        waiting = order_book.find(session, orm.Order.state == "received")
    order = waiting[0]
    done = console.post(f"/orders/{order.id}/remind")
    assert done.headers["location"] == f"/orders/{order.id}?done=remind"
    again = console.post(f"/orders/{order.id}/remind")
    assert again.headers["location"] == done.headers["location"]
    with console.app.state.database.session() as session:
        reminded = (orm.OrderEvent.order_id == order.id, orm.OrderEvent.event == "nudge")
        assert session.query(orm.OrderEvent).filter(*reminded).count() == 1
    assert console.post(f"/orders/{order.id}/remind", "s.oper").status_code == 403
    for _ in range(5):
        console.clock.set(console.clock.now_us() + HOUR)
        clocks.tick(console.app.state.database)
    assert order.id in console.get("/escalated", "a.nurlanova").text
    assert order.id not in console.get("/escalated", "g.audit").text


def test_a_draft_is_withdrawn_as_it_was_seen(console):
    with console.app.state.database.session() as session:
        (order,) = order_book.find(
            session, orm.Order.state == "drafted", orm.Order.kind == "return"
        )
    path = f"/orders/{order.id}/withdraw"
    assert console.post(path, version=order.version).status_code == 403  # not his, no supervisor
    assert console.post(path, "a.nurlanova", version=order.version + 1).status_code == 409
    assert console.post(path, "a.nurlanova", version=order.version).status_code == 303
