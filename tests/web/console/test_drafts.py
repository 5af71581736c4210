"""An officer drafts an order on plain pages: the kind, the form, whom it may harm (REQ-19, 44)."""

from __future__ import annotations

import re
from html import unescape

import pytest

from qalqan.cases import order_book
from qalqan.model.order import State
from qalqan.register import orm, partners
from qalqan.text.catalogue import say

NEW = "/cases/C-26-000002/orders/new"
WHY = "Осы нөмірден жәбірленушіге қоңырау шалынған"


def with_operator(console):
    with console.app.state.database.write() as session:
        partners.add_partner(session, "dala", "operator", dict.fromkeys(("kk", "ru", "en"), "Dala"))


def block(**more):
    return {
        "act": "block", "step": "check", "target": "", "partner": "dala", "words": WHY,
        "ground": "kz.communications.41-1", "subject_kind": "phone", "subject": "+77011234567",
        "amount": "", "term": "48", "key": "once",
    } | more  # fmt: skip


def newest(console):
    with console.app.state.database.session() as session:
        return order_book.find(session, orm.Order.drafted_by == "d.ospanov")


def test_the_kind_comes_first_and_says_where_there_is_nothing_to_ask(console):
    text = unescape(console.get(NEW).text)
    assert f'href="{NEW}?act=release"' in text
    assert say("draft.nothing", "en") in text
    assert 'act=return"' not in unescape(console.get(NEW, "s.oper").text)
    assert console.get(NEW, "s.oper").status_code == 403


def test_a_block_is_checked_for_harm_then_drafted_and_not_twice(console):
    with_operator(console)
    checked = console.post(NEW, **block())
    text = unescape(checked.text)
    assert checked.status_code == 200
    assert say("draft.harm.spoofed", "en") in text
    assert say("draft.harm.no_register_number", "en") in text
    assert say("draft.button.term", "en", kind=say("orders.kind.block", "en"), n=48) in text
    assert newest(console) == []
    for _ in range(2):
        done = console.post(NEW, **block(step="draft"))
        assert done.status_code == 303
    (order,) = newest(console)
    assert done.headers["location"] == f"/orders/{order.id}?done=draft"
    page = unescape(console.get(f"/orders/{order.id}").text)
    assert say("orders.done.draft", "en") not in page
    assert say("orders.done.draft", "en") in unescape(console.get(done.headers["location"]).text)
    assert "7701123" not in page
    assert "…4567" in page
    again = console.post(NEW, **block(key="other", step="draft"))
    assert again.status_code == 409
    assert 'role="alert"' in again.text


@pytest.mark.parametrize(
    ("more", "field"),
    [({"term": "x"}, "term"), ({"words": "жоқ"}, "words"), ({"subject": "102"}, "subject"),
     ({"partner": "tulpar"}, "partner"), ({"ground": ""}, "ground")],
)  # fmt: skip
def test_a_mistake_is_said_beside_its_field_and_nothing_is_lost(console, more, field):
    with_operator(console)
    answer = console.post(NEW, **block(**more))
    assert answer.status_code == 422
    assert f'name="{field}"' in answer.text
    assert 'id="problem"' in answer.text
    assert newest(console) == []


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_release_names_its_sum_on_the_button_in_every_language(console, language):
    console.language = language
    form = console.get(f"{NEW}?act=release").text
    key = re.search(r'name="target" value="(O-[^"]+)"', form)[1]
    asked = block(
        act="release", target=key, ground="kz.payments.release", amount="100 000", subject_kind="",
        subject="", partner="", term="",
    )  # fmt: skip
    text = unescape(console.post(NEW, **asked).text)
    kind = say("orders.kind.release", language)
    assert say("draft.button.sum", language, kind=kind, amount="100\u00a0000\u00a0₸") in text
    console.post(NEW, **asked | {"step": "draft"})
    (order,) = newest(console)
    assert (order.amount, order.state, order.parent_id) == (100_000_00, State.DRAFTED, key)


def test_hostile_text_stays_text_and_a_form_wants_proof_of_our_page(console):
    with_operator(console)
    evil = '<script>alert(1)</script> "x" жәбірленуші'
    text = console.post(NEW, **block(words=evil)).text
    assert "<script>alert" not in text
    assert console.browser().post(NEW, data=block()).status_code == 403


def test_another_regions_officer_gets_nothing(console):
    with console.app.state.database.write() as session:
        session.get_one(orm.User, "d.ospanov").region = "KZ-10"
    for path in (NEW, "/orders/O-26-000001", "/orders/O-26-000001/appeals/new"):
        answer = console.get(path)
        assert answer.status_code == 403
        assert "Keruen" not in answer.text
