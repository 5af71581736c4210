"""Yes and no by two different people, and what stands in the way (REQ-19)."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

import story
from qalqan.cases import order_book
from qalqan.model.order import State
from qalqan.register import orm
from qalqan.text.catalogue import say

CASE = "/cases/C-26-000001"


def orders(console, kind):
    with console.app.state.database.session() as session:
        return order_book.find(session, orm.Order.kind == kind, orm.Order.state == "drafted")


def decide(console, login, order, decision="approve", **more):
    form = {"decision": decision, "version": order.version, "note": "", "back": "case", **more}
    return console.post(f"/orders/{order.id}/decision", login, **form)


def stands(console, order):
    with console.app.state.database.session() as session:
        return order_book.load(session, order.id)


def test_money_goes_back_after_two_people_and_a_prosecutor(console):
    (order,) = orders(console, "return")
    answer = decide(console, "a.nurlanova", order, note="Сомасын тексердім")
    assert answer.headers["location"] == f"{CASE}?decided={order.id}"
    text = unescape(console.get(answer.headers["location"], "b.seitkali", language="en").text)
    assert say("console.approval.people", "en", n=1) in text
    assert say("console.approval.sanction", "en") in text
    assert "Сомасын тексердім" in text
    decide(console, "b.seitkali", stands(console, order))
    assert stands(console, order).state is State.DRAFTED
    decide(console, "e.kim", stands(console, order))
    assert stands(console, order).state is State.APPROVED


def test_one_person_can_not_say_yes_twice(console):
    (order,) = orders(console, "return")
    decide(console, "a.nurlanova", order)
    decide(console, "a.nurlanova", stands(console, order))
    assert [a.login for a in stands(console, order).approvals] == ["a.nurlanova"]
    assert order.id not in console.get("/approvals", "a.nurlanova").text


def test_a_no_ends_it(console):
    (order,) = orders(console, "return")
    decide(console, "d.ospanov", order, "refuse", note="Екі рет есептелген")
    assert stands(console, order).state is State.WITHDRAWN
    text = console.get(CASE).text
    assert "Екі рет есептелген" in text


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_an_order_that_moved_on_is_a_conflict_said_in_words(console, language):
    (order,) = orders(console, "return")
    decide(console, "d.ospanov", order, "refuse")
    console.language = language
    answer = decide(console, "a.nurlanova", order)
    assert answer.status_code == 409
    state = say("orders.state.withdrawn", language)
    assert say("failure.conflict.order_changed", language) in unescape(answer.text)
    assert state in answer.text
    assert say("api.error.conflict", language) not in unescape(answer.text)
    assert f'href="{CASE}#{order.id}"' in answer.text


@pytest.mark.parametrize("login", ["g.audit", "s.oper"])
def test_an_auditor_or_operator_looks_and_does_not_decide(console, login):
    (order,) = orders(console, "return")
    text = console.get(CASE, login).text
    assert "/decision" not in text
    browser = console.browser(login)
    form = {"csrf": console.csrf(browser), "decision": "approve", "version": order.version}
    answer = browser.post(f"/orders/{order.id}/decision", data=form)
    assert answer.status_code == 403
    assert say("failure.may_not.role_among", "en") in answer.text
    assert not stands(console, order).approvals


def test_a_prosecutor_sanctions_only_what_wants_a_sanction(console):
    (back,), (longer,) = orders(console, "return"), orders(console, "hold")
    text = console.get("/approvals", "e.kim").text
    assert back.id in text
    assert longer.id not in text
    assert decide(console, "e.kim", longer).status_code == 403


def test_whoever_drafted_does_not_decide(console):
    (order,) = orders(console, "return")
    mine = replace(order, id="", drafted_by="a.nurlanova", idempotency_key="mine", version=0)
    with console.app.state.database.write() as session:
        mine = order_book.draft(session, mine)
    assert mine.id not in console.get("/approvals", "a.nurlanova").text
    assert decide(console, "a.nurlanova", mine).status_code == 403
    assert mine.id in console.get("/approvals", "b.seitkali").text


def test_a_decision_wants_proof_of_our_own_page(console):
    (order,) = orders(console, "return")
    for csrf in ("", "x", None):
        form = {"decision": "approve", "version": order.version}
        form |= {} if csrf is None else {"csrf": csrf}
        answer = console.browser("a.nurlanova").post(f"/orders/{order.id}/decision", data=form)
        assert answer.status_code == 403
    assert not stands(console, order).approvals


def test_a_note_that_is_too_long_is_refused_in_words(console):
    (order,) = orders(console, "return")
    answer = decide(console, "a.nurlanova", order, note="й" * 401)
    assert answer.status_code == 422
    assert "400" in answer.text
    assert not stands(console, order).approvals


def test_what_waits_is_shown_with_its_checks(console):
    text = console.get("/approvals", "a.nurlanova", language="en").text.replace("\u00a0", " ")
    assert text.count('class="decision"') == 2
    assert "The sum is within what is traced at this account (960 000 ₸)" in text
    assert "I agree: return 960 000 ₸" in text
    assert "I agree: keep holding 960 000 ₸" in text
    assert "Not drafted by you: policy pursuit/1" in text


def test_a_sum_above_the_traced_one_is_warned_of(console):
    (order,) = orders(console, "return")
    more = replace(order, id="", amount=order.amount * 2, idempotency_key="more", version=0)
    with console.app.state.database.write() as session:
        order_book.draft(session, more)
    text = console.get("/approvals", "a.nurlanova", language="en").text.replace("\u00a0", " ")
    assert re.search(r'<li class="no">.{0,600}more than is traced', text, re.S)


def test_only_ones_own_decision_is_confirmed(console):
    (order,) = orders(console, "return")
    decide(console, "a.nurlanova", order)
    for path in (CASE, "/approvals"):
        told = f"{path}?decided={order.id}"
        assert 'class="notice"' in console.get(told, "a.nurlanova").text
        assert 'class="notice"' not in console.get(told, "b.seitkali").text
        assert (
            'class="notice"' not in console.get(f"{path}?decided=O-26-000001", "a.nurlanova").text
        )


def test_where_nothing_waits_it_says_so(console):
    for login in ("g.audit", "s.oper"):
        assert say("console.approvals.empty", "en") in console.get("/approvals", login).text


def test_unknown_orders_are_not_found(console):
    answer = console.post("/orders/O-26-999999/decision", decision="approve", version=0)
    assert answer.status_code == 404
    assert console.post("/orders/..%2F/decision", decision="approve", version=0).status_code == 404
    assert story.at("14:54") == console.clock.now_us()
