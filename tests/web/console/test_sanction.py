"""The prosecutor's sanction for a release is asked and given in the system (REQ-19; issue 5)."""

from __future__ import annotations

import re
from html import unescape

import pytest

from qalqan.cases import order_book
from qalqan.cases.grounds import grounds, usual_ground
from qalqan.clock import HOUR
from qalqan.model.order import Kind, State
from qalqan.register import orm
from qalqan.text.catalogue import say

CASE = "C-26-000002"
WHY = "Ақша иесінікі екені құжатпен расталды"


@pytest.fixture
def asked(console):
    """A release on a ground that wants a sanction, drafted by an investigator."""
    path = f"/cases/{CASE}/orders/new"
    target = re.search(r'name="target" value="(O-[^"]+)"', console.get(f"{path}?act=release").text)[
        1
    ]
    console.post(
        path, act="release", step="draft", target=target, ground="kz.criminal.seizure", words=WHY,
        key="k", amount="50 000",
    )  # fmt: skip
    with console.app.state.database.session() as session:
        (order,) = order_book.find(session, orm.Order.drafted_by == "d.ospanov")
    return order


def decide(console, login, order, decision="approve", **more):
    with console.app.state.database.session() as session:
        version = order_book.load(session, order.id).version
    form = {"decision": decision, "version": version, "note": "", "back": "order", **more}
    assert console.post(f"/orders/{order.id}/decision", login, **form).status_code == 303
    with console.app.state.database.session() as session:
        return order_book.load(session, order.id)


def test_the_law_of_the_day_says_which_release_wants_a_sanction():
    now = 1_796_000_000_000_000
    assert not usual_ground(Kind.RELEASE, now).sanction
    wanting = [row.code for row in grounds() if row.sanction and Kind.RELEASE in row.kinds]
    assert wanting == ["kz.criminal.seizure"]


def test_the_prosecutor_sees_reason_and_evidence_and_gives_it(console, asked):
    assert asked.sanction
    page = unescape(console.get("/approvals", "e.kim").text)
    assert WHY in page
    amount = "50\u00a0000\u00a0₸"
    kind = say("orders.kind.release", "en")
    assert say("console.approval.sanction_sum", "en", kind=kind, amount=amount) in page
    assert say("console.approval.evidence", "en") in page
    assert "Sanction due in" in page
    one = decide(console, "a.nurlanova", asked)
    assert one.state is State.DRAFTED
    done = decide(console, "e.kim", asked, note="Келісемін")
    assert done.state is State.APPROVED
    history = unescape(console.get(f"/orders/{asked.id}").text)
    assert say("orders.event.sanction.approve", "en", kind=kind) in history


def test_a_refused_sanction_ends_it_and_the_history_says_so(console, asked):
    console.clock.set(console.clock.now_us() + 25 * HOUR)
    assert "The sanction is late by" in unescape(console.get("/approvals", "e.kim").text)
    done = decide(console, "e.kim", asked, "refuse", note="Дәлел жеткіліксіз")
    assert done.state is State.WITHDRAWN
    history = unescape(console.get(f"/orders/{asked.id}").text)
    kind = say("orders.kind.release", "en")
    assert say("orders.event.sanction.reject", "en", kind=kind) in history
    assert "Дәлел жеткіліксіз" in history
