"""What is blocked has a page: by which orders, on which ground, until when, and who appealed."""

from __future__ import annotations

import re
from html import unescape

import pytest

from persons import Officer
from qalqan.cases import appeals, drafting, order_book
from qalqan.cases.approvals import decide
from qalqan.cases.choices import Act
from qalqan.cases.drafting import Wish
from qalqan.cases.grounds import usual_ground
from qalqan.clock import DAY
from qalqan.model.order import Kind, State
from qalqan.register import indicators, orm, partners
from qalqan.register.indicators import Entry
from qalqan.register.orm import Audit
from qalqan.text.catalogue import say

CHASE, RETURN = "C-26-000002", "C-26-000001"
NUMBER = "+77011234567"
WHY = "Нөмірден жәбірленушілерге қоңырау шалынған"
WORDS = "Бұл менің нөмірім, ешкімге қоңырау шалған жоқпын"


def text(answer):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text))).replace("\xa0", " ")


def block(console, case=CHASE, partner="dala", kind="phone", subject=NUMBER):
    """A block that its operator has carried out."""
    state = console.app.state
    database, keys, now = state.database, state.keys, console.clock.now_us()
    with database.write() as session:
        names = dict.fromkeys(("kk", "ru", "en"), partner.title())
        partners.add_partner(session, partner, "operator", names)
    legal = usual_ground(Kind.BLOCK, now).code
    wish = Wish(Act.BLOCK, legal, WHY, partner=partner, subject_kind=kind, subject=subject)
    order = drafting.draft(database, keys, Officer("d.ospanov"), case, wish, partner)
    for login in ("a.nurlanova", "b.seitkali"):
        order = decide(database, order.id, Officer(login, "supervisor"), True)
    with database.write() as session:
        session.get_one(orm.Order, order.id).state = State.ANSWERED
        session.get_one(orm.Order, order.id).answered_us = now
    return order


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_it_says_by_which_order_on_which_ground_and_until_when(console, language):
    order = block(console)
    answer = console.get(f"/blocked/{order.id}", language=language)
    words = text(answer)
    for key in ("blocked.state.in_force", "blocked.since", "blocked.until", "orders.kind.block",
                "console.entities.kind.phone", "appeals.none", "blocked.by"):  # fmt: skip
        assert say(key, language) in words, key
    assert "Dala" in words
    assert "…4567" in words
    assert NUMBER not in answer.text
    assert WHY in words
    assert f'href="/cases/{CHASE}/sealed/' in answer.text
    assert f'href="/blocked/{order.id}"' in console.get(f"/orders/{order.id}").text
    assert "style=" not in answer.text


def test_the_search_leads_to_it_and_the_look_is_noted(console):
    order = block(console)
    found = console.get(f"/search?q={NUMBER[2:]}", language="en")
    assert f'href="/blocked/{order.id}"' in found.text
    assert "Blocks and holds" in text(found)
    console.get(f"/blocked/{order.id}", "a.nurlanova")
    with console.app.state.database.session() as session:
        row = session.query(Audit).filter_by(actor="a.nurlanova", action="view").all()[-1]
    assert (row.object, row.detail["route"]) == (CHASE, "/blocked/{order}")
    assert row.detail["order"] == order.id


def test_who_appealed_and_what_came_of_it_is_told(console):
    order = block(console)
    state = console.app.state
    made = appeals.record(
        state.database, state.keys, Officer("s.oper", "operator"), order.id, "phone", WORDS, "k"
    )
    words = text(console.get(f"/blocked/{order.id}", language="en"))
    assert made.id in words
    assert "s.oper" in words
    assert "In force" in words  # an appeal stops nothing by itself
    with state.database.write() as session:
        session.get_one(orm.Order, order.id).expires_us = console.clock.now_us()
    assert "Not in force now" in text(console.get(f"/blocked/{order.id}", language="en"))


def test_orders_of_other_regions_count_without_their_numbers(console):
    mine, other = block(console), block(console, RETURN, "orda")
    assert mine.subject == other.subject
    with console.app.state.database.write() as session:
        session.get_one(orm.Case, RETURN).region = "KZ-75"
        session.get_one(orm.Case, RETURN).owner = None
        session.get_one(orm.User, "d.ospanov").region = session.get_one(orm.Case, CHASE).region
    answer = console.get(f"/blocked/{mine.id}", language="en")
    assert "Orders of cases out of your view" in text(answer)
    assert other.id not in answer.text
    assert RETURN not in answer.text
    assert console.get(f"/blocked/{other.id}").status_code == 403
    found = console.get(f"/search?q={NUMBER}").text
    assert f'href="/blocked/{mine.id}"' in found
    assert other.id not in found


def test_an_account_shows_what_is_held_there_and_the_lists_it_is_on(console):
    state = console.app.state
    with state.database.write() as session:
        hold = order_book.find(
            session, orm.Order.kind == "hold", orm.Order.case_id == CHASE, orm.Order.effect > 0
        )[0]
        until = console.clock.now_us() + 30 * DAY
        entry = Entry("account", hold.account, "block", "kz.list", "told", "Tulpar", until)
        indicators.put(session, entry, ["a.nurlanova", "b.seitkali"])
    answer = console.get(f"/blocked/{hold.id}", language="en")
    words = text(answer)
    assert "Held now" in words
    assert "payments there are held" in words
    assert hold.account not in answer.text
    assert f'href="/blocked/{hold.id}"' in console.get(f"/orders/{hold.id}").text


def test_a_link_is_shown_as_text_and_is_no_link(console):
    link = "https://bonus-kz.com/login"
    order = block(console, kind="url", subject=link)
    answer = console.get(f"/blocked/{order.id}")
    assert link in answer.text
    assert f'href="{link}' not in answer.text
    assert f'href="/blocked/{order.id}"' in console.get(f"/search?q={link}").text


def test_what_blocks_nothing_has_no_such_page(console):
    with console.app.state.database.session() as session:
        (asked, *_) = order_book.find(session, orm.Order.kind == "confirm")
    assert console.get(f"/blocked/{asked.id}").status_code == 404
    assert "/blocked/" not in console.get(f"/orders/{asked.id}").text
    assert console.get("/blocked/O-26-999999").status_code == 404
