"""REQ-39, 50: findings are reviewed, rules moved and tuned, on pages that work without scripts."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from qalqan.model.finding import Finding
from qalqan.register.orm import Backtest, FindingRow
from qalqan.trust import tokens
from qalqan.work.backtests import run
from qalqan.work.findings import keep, set_mode
from story import FIRST

CODE = "payments.passes_through"
DAY = 86_400_000_000
EVIDENCE = {
    "currency": "KZT", "received_minor": 10_000_00, "passed_minor": 9_000_00, "quick_minor": 1,
    "cash_minor": 0, "wallet_minor": 0, "crypto_minor": 0, "abroad_minor": 0, "payers": 2,
    "payees": 1, "first_us": DAY, "last_us": DAY + 1, "facts": ["bank:1"],
}  # fmt: skip


@pytest.fixture
def found(console):
    """Three findings of a live rule, one about an account of a case."""
    state = console.app.state
    subjects = (tokens.token(state.keys, "account", FIRST), "acc_b", "acc_<b>")
    made = [
        Finding(CODE, "account", one, DAY, 2 * DAY, 0.9 - place / 10, EVIDENCE, "1", 1)
        for place, one in enumerate(subjects)
    ]
    set_mode(state.database, CODE, "live", "a.nurlanova", "bound met")
    with state.database.write() as session:
        keep(session, CODE, made, 0)
        return list(session.scalars(select(FindingRow.id).order_by(FindingRow.id)))


def test_findings_say_what_was_seen_and_what_speaks_against(console, found):
    for language, words in {
        "kk": ("Белгілер", "Не қарсы айтады", "Растау"),
        "ru": ("Находки", "Что говорит против", "Подтвердить"),
        "en": ("Findings", "What speaks against", "Confirm"),
    }.items():
        page = console.get("/findings", "d.ospanov", language).text
        assert all(word in page for word in words)
    assert "…4471" in page
    assert "Seen in 1 case" in page
    assert "acc_" not in page  # a token is never shown
    assert 'data-key="KeyY"' not in console.get("/findings", "e.kim", "en").text
    assert console.get("/findings", "s.oper").status_code == 403


def test_every_kind_of_subject_has_a_word_and_only_what_is_sealed_is_hidden(console):
    state = console.app.state
    subjects = {"trunk": "op:t1", "dealer": "op:D1", "provider": "op", "device": "dev_1",
                "company": "per_1", "sole_trader": "per_2"}  # fmt: skip
    made = [Finding(CODE, kind, one, DAY, 2 * DAY, 0.5, EVIDENCE, "1", 1)
            for kind, one in subjects.items()]  # fmt: skip
    set_mode(state.database, CODE, "live", "a.nurlanova", "bound met")
    with state.database.write() as session:
        keep(session, CODE, made, 0)
    case = "C-26-000002"
    for number in range(1, len(made) + 1):
        console.post(f"/findings/{number}/decision", "d.ospanov", decision="confirmed", case=case)
    words = {"kk": ("Транк", "Дилер", "Провайдер", "Құрылғы", "Ұйым", "Жеке кәсіпкер"),
             "ru": ("Транк", "Дилер", "Провайдер", "Устройство", "Организация", "Предприниматель"),
             "en": ("Trunk", "Dealer", "Provider", "Device", "Firm", "Sole trader")}  # fmt: skip
    for language, said in words.items():
        page = console.get("/findings?state=confirmed", "d.ospanov", language).text
        assert [word for word in said if f">{word}</span>" not in page] == []
        assert page.count(f"/cases/{case}/entities/") == len(made)
        assert "op:t1" in page
        assert "dev_1" not in page
        named = console.get(f"/cases/{case}/entities", "d.ospanov", language).text
        assert [word for word in said[:4] if word not in named] == []
        assert "op:D1" in named
        assert "dev_1" not in named
        assert console.get(f"/cases/{case}/graph", "d.ospanov", language).status_code == 200


def test_a_word_is_given_once_and_can_be_taken_back(console, found):
    first, second, third = found
    answer = console.post(f"/findings/{first}/decision", decision="confirmed", was="new")
    assert answer.status_code == 303
    page = console.get(answer.headers["location"], "d.ospanov", "en").text
    assert "is confirmed" in page
    assert 'data-seconds="10"' in page
    other = console.post(
        f"/findings/{first}/decision", "a.nurlanova", decision="dismissed", was="new",
        reason="a family",
    )  # fmt: skip
    assert other.status_code == 409
    assert console.post(f"/findings/{second}/decision", decision="dismissed").status_code == 422
    console.post(f"/findings/{first}/decision", decision="new", was="confirmed")
    bulk = console.post("/findings/bulk", finding=[first, third], reason="one family")
    assert "Dismissed: 2" in bulk.text
    huge = console.post("/findings/bulk", finding=["9" * 23], reason="one family")
    assert huge.status_code == 422
    assert console.post("/findings/bulk", "e.kim", finding=[second], reason="no").status_code == 403
    with console.app.state.database.session() as session:
        states = [session.get_one(FindingRow, number).state for number in found]
    assert states == ["dismissed", "new", "dismissed"]


def test_whoever_confirms_may_name_the_case_it_belongs_to(console, found):
    _, second, _ = found
    path, case = f"/findings/{second}/decision", "C-26-000002"
    page = console.get("/findings", "d.ospanov", "en").text
    assert f'id="tie-{second}"' in page
    assert f'id="tie-{found[0]}"' not in page  # its subject stands in a case already
    wrong = console.post(path, "d.ospanov", decision="confirmed", case="C-26-009999")
    assert wrong.status_code == 422
    assert "C-26-000123" in wrong.text
    assert console.post(path, "d.ospanov", decision="confirmed", case=case).status_code == 303
    for language, said in {"kk": "расталған белгіден", "ru": "из подтверждённой находки",
                           "en": "from a confirmed finding"}.items():  # fmt: skip
        assert said in console.get(f"/cases/{case}/entities", "d.ospanov", language).text


def test_rules_are_moved_and_tuned_by_two(console, found):
    for language, words in {
        "kk": ("Ережелер", "Жалған дабыл шегі"),
        "ru": ("Правила", "Граница ложных тревог"),
        "en": ("Rules", "False-alarm bound"),
    }.items():
        page = console.get("/rules", "a.nurlanova", language).text
        assert all(word in page for word in words)
    assert console.get("/rules", "d.ospanov").status_code == 403
    assert console.get("/rules/payments.rumour", "a.nurlanova").status_code == 404
    other = "/rules/loans.several_within_an_hour"
    assert console.post(f"{other}/mode", "a.nurlanova", mode="live", reason="x").status_code == 422
    why = {"mode": "live", "reason": "The bound is met in shadow"}
    assert console.post(f"{other}/mode", "a.nurlanova", **why).status_code == 303
    assert console.post(f"{other}/changes/1", "a.nurlanova", word="agree").status_code == 403
    assert console.post(f"{other}/changes/1", "b.seitkali", word="agree").status_code == 303
    assert "Live" in console.get(other, "a.nurlanova").text


def test_a_rule_is_tried_and_its_numbers_are_proposed(console, found, duck_lake):
    path, by = f"/rules/{CODE}", "a.nurlanova"
    bad = console.post(f"{path}/tests", by, max_payers="many")
    assert (bad.status_code, "many" in bad.text) == (422, True)
    asked = console.post(f"{path}/tests", by, max_payers="9")
    assert asked.status_code == 303
    page = console.get(path, by).text
    assert "Queued" in page
    assert 'hx-trigger="every 2s"' in page
    state = console.app.state
    with state.database.session() as session:
        number = session.scalar(select(Backtest.id))
    run(state.database, duck_lake.duck(), number)
    page = console.get(f"{path}/tests?test={number}", by).text
    assert "Done" in page
    assert "max_payers: 9" in page
    why = "It finds more of what we confirmed"
    assert console.post(f"{path}/tests/{number}/adopt", by, reason=why).status_code == 303
    assert "max_payers = 9" in console.get(path, "b.seitkali").text
    assert console.post(f"{path}/changes/1", "b.seitkali", word="agree").status_code == 303
    assert "default: 5" in console.get(path, by, "en").text
    again = console.post(f"{path}/tests", by, max_payers="5")
    number = int(re.search(r"test=(\d+)", again.headers["location"])[1])
    assert console.post(f"{path}/tests/{number}/cancel", by).status_code == 303
    assert console.post(f"{path}/tests/{number}/cancel", by).status_code == 409


def test_a_list_of_a_rule_is_filled_in_on_its_page(console):
    path, by = "/rules/subscriptions.gateway_device", "a.nurlanova"
    page = console.get(path, by, "en").text
    assert 'name="types"' in page
    assert "eight digits each" in page
    wrong = console.post(f"{path}/tests", by, types="1234")
    assert wrong.status_code == 422
    assert ">1234</textarea>" in wrong.text
    asked = console.post(f"{path}/tests", by, types="35000000 35000001")
    assert asked.status_code == 303
    page = console.get(asked.headers["location"], by, "en").text
    assert "types: 35000000, 35000001" in page
