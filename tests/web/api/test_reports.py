"""Victims' reports by HTTP: one key, one report, one case (REQ-16, 33)."""

import pytest
from sqlalchemy import func, select

from qalqan.register.orm import Case, Order, Report


@pytest.fixture
def server(either_server):
    return either_server


def counted(web, table):
    with web.database.session() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_report_opens_a_case_and_asks_the_payers_bank(web):
    answer = web.report()
    assert answer.status_code == 201
    assert answer.json()["report"].startswith("R-")
    assert answer.json()["case"].startswith("C-")
    assert len(answer.json()["receipt"]) == 16
    (question,) = web.signed("altyn")
    assert (question.kind, question.account, question.amount) == ("confirm", "211:V1", 100_000_00)


def test_the_same_key_is_the_same_report(web):
    assert web.report("k").json() == web.report("k").json()
    assert web.report("other").json() != web.report("k").json()
    assert (counted(web, Report), counted(web, Case), counted(web, Order)) == (2, 2, 2)


def test_another_report_under_a_taken_key(web):
    web.report("k")
    other = web.report("k", amount=5)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "key_used")
    assert counted(web, Report) == 1


def test_a_report_without_a_key_could_count_twice(web):
    answer = web.post("/v1/reports", "hotline", json=web.victim())
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "Idempotency-Key"


@pytest.mark.parametrize("who", ["altyn", "dala"])
def test_only_channels_report(web, who):
    answer = web.post("/v1/reports", who, json=web.victim(), headers={"Idempotency-Key": "k"})
    assert answer.status_code == 403
    assert counted(web, Case) == 0


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"methods": []}, "methods", "api.least_items"),
        ({"methods": ["99"]}, "methods", "report.method"),
        ({"amount": 0}, "amount", "report.positive"),
        ({"amount": 10**30}, "amount", "report.positive"),
        ({"amount": 1.5}, "amount", "number.whole"),
        ({"amount": "100"}, "amount", "number.whole"),
        ({"currency": "BTC1"}, "currency", "report.currency"),
        ({"region": "KZ-00"}, "region", "report.region"),
        ({"language": "fr"}, "language", "api.pattern"),
        ({"victim_iin": "900101300018"}, "victim_iin", "iin.check_digit"),
        ({"payer_account": "999:X1"}, "payer_account", "report.own_bank"),
        ({"crime_us": 0}, "crime_us", "report.year"),
        ({"reported_us": 2**61}, "reported_us", "report.not_in_future"),
        ({"cause": "fate"}, "cause", "report.cause"),
        ({"words": "a\x00b"}, "body", "text.characters"),
        ({"words": "x" * 20_001}, "words", "text.too_long"),
        ({"surname": "x"}, "surname", "api.unknown_field"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_field(web, change, field, expected):
    answer = web.report(**change)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert (error["field"], error["expected"]) == (field, expected)
    assert counted(web, Case) == 0


@pytest.mark.parametrize(
    ("language", "word"),
    [("kk-KZ,ru;q=0.8", "күтілгені"), ("de, ru;q=0.5, kk;q=0.4", "ожидалось"), ("*", "күтілгені")],
)
def test_the_reader_is_told_in_his_language_and_nobodys_number_is_repeated(web, language, word):
    answer = web.post(
        "/v1/reports", "hotline", json=web.victim(victim_iin="900101300018"), language=language,
        headers={"Idempotency-Key": "k"},
    )  # fmt: skip
    assert word in answer.json()["error"]["message"]
    assert "9001013000" not in answer.text
