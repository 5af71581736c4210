"""An order as a request on paper, and the answer that comes as a letter (REQ-19, 44)."""

from __future__ import annotations

import io
from html import unescape

import docx
import pytest
from sqlalchemy import select

import story
from qalqan.cases import order_book
from qalqan.model.order import State
from qalqan.register import orm
from qalqan.text.catalogue import say


def orders(console, *where):
    with console.app.state.database.session() as session:
        return order_book.find(session, *where)


def text_of(answer):
    document = docx.Document(io.BytesIO(answer.content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    whole = "\n".join([*(each.text for each in document.paragraphs), *cells])
    return whole.replace("\u00a0", " ")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_request_says_what_is_asked_on_which_ground_and_who_agreed(console, language):
    (hold,) = orders(console, orm.Order.kind == "hold", orm.Order.case_id == "C-26-000001",
                     orm.Order.state == "answered")  # fmt: skip
    text = text_of(console.post(f"/orders/{hold.id}/request", language=language))
    for part in (
        story.BANKS["keruen"][1][language], hold.id, "C-26-000001", story.HELD, "960 000 ₸",
        say("request.unconfirmed", language), say("request.rest_payable", language),
        say("request.no_register_number", language), say("request.by_policy", language),
        "pensions and benefits stay available",
    ):  # fmt: skip
        assert part in text, part
    with console.app.state.database.session() as session:
        rows = session.scalars(select(orm.Audit).where(orm.Audit.actor == "d.ospanov")).all()
    assert {row.action for row in rows} >= {"reveal", "order.request"}


def test_there_is_no_request_before_everybody_agreed_nor_for_who_may_not(console):
    (draft,) = orders(console, orm.Order.kind == "return", orm.Order.state == "drafted")
    early = console.post(f"/orders/{draft.id}/request", language="kk")
    assert early.status_code == 409
    assert say("orders.state.drafted", "en") in unescape(early.text)
    (hold,) = orders(console, orm.Order.kind == "hold", orm.Order.case_id == "C-26-000001",
                     orm.Order.state == "answered")  # fmt: skip
    assert console.post(f"/orders/{hold.id}/request", "s.oper", language="kk").status_code == 403
    assert "request" not in console.get(f"/orders/{hold.id}", "g.audit").text.split("main")[1]


def test_the_answer_on_paper_moves_the_order_and_its_scan_is_evidence(console):
    order = orders(console, orm.Order.kind == "hold", orm.Order.state == "received")[0]
    assert console.post(f"/orders/{order.id}/paper").status_code == 303
    browser = console.browser("d.ospanov")
    form = {"csrf": console.csrf(browser), "outcome": "partial", "words": "Хат № 7"}

    def sent(amount, scan):
        files = {"file": ("жауап.pdf", scan, "application/pdf")}
        return browser.post(
            f"/orders/{order.id}/answer", data=form | {"amount": amount}, files=files
        )

    assert sent("1000", b"").status_code == 422
    assert sent("x", b"%PDF-1").status_code == 422
    assert sent("10\x0000", b"%PDF-1").status_code == 400
    assert sent("900000000", b"%PDF-1").status_code == 422  # more than was asked
    with console.app.state.database.session() as session:
        assert session.scalars(select(orm.CaseDocument)).all() == []
    long = b"%PDF-1" + bytes(1 << 20)
    assert sent("1000", long).headers["location"] == f"/orders/{order.id}?done=answer"
    assert sent("1000", long).status_code == 409
    (moved,) = orders(console, orm.Order.id == order.id)
    assert (moved.state, moved.effect) == (State.ANSWERED, 1000_00)
    with console.app.state.database.session() as session:
        (scan,) = session.scalars(select(orm.CaseDocument))
    page = unescape(console.get(f"/orders/{order.id}").text)
    assert scan.id in page
    assert "Хат № 7" in page
