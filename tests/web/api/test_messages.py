"""ISO 20022 messages over HTTP: facts and answers, each taken or refused by itself (REQ-19)."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator

from exchange.iso20022.samples import (
    OTHER,
    OTHER_BIC,
    OWN,
    OWN_BIC,
    balance,
    camt053,
    details,
    entry,
    iban,
    pacs008,
    statement,
    transfer,
)
from qalqan.exchange.iso20022 import building, resolution
from qalqan.exchange.iso20022.resolution import Resolution, Status
from qalqan.register import orm

XML = {"Content-Type": "application/xml"}
MINE = {"debtor_account": f"<DbtrAcct><Id><IBAN>{OTHER}</IBAN></Id></DbtrAcct>",
        "creditor_account": f"<CdtrAcct><Id><IBAN>{OWN}</IBAN></Id></CdtrAcct>"}  # fmt: skip
BEFORE = "2025-12-20"
"""A day before the tests' own."""


def told(web, kind, xml, who="altyn", **more):
    xml = xml.replace(b"2026-11-20", BEFORE.encode()).replace(b"2026-11-19", b"2025-12-19")
    return web.post(f"/v1/facts/{kind}", who, content=xml, headers=XML | more)


def test_payments_as_a_message_count_once(web):
    """`altyn` keeps the books of 211, which pays here."""
    xml = pacs008(transfer(**MINE))
    first = told(web, "payment", xml)
    assert (first.status_code, first.json()["accepted"]) == (200, 1)
    again = told(web, "payment", xml)
    assert (again.json()["accepted"], again.json()["duplicate"]) == (0, 1)
    keyed = [told(web, "payment", xml, **{"Idempotency-Key": "k"}).json() for _ in range(2)]
    assert keyed[0] == keyed[1]


def test_what_is_refused_of_a_message_is_named_by_its_element(web):
    amount = '<IntrBkSttlmAmt Ccy="KZT">1.001</IntrBkSttlmAmt>'
    answer = told(web, "payment", pacs008(transfer(**MINE), transfer(amount=amount, **MINE)))
    assert answer.status_code == 207
    (refused,) = answer.json()["refusals"]
    assert refused["place"] == "CdtTrfTxInf[2]/IntrBkSttlmAmt"
    assert "KZT" in refused["message"]


def test_nobody_is_believed_about_others_books(web):
    answer = told(web, "payment", pacs008(transfer()), who="baiterek")
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "rejected"


def test_a_statement_as_a_message_brings_its_lines(web):
    own = statement(
        entry("500", "CRDT"),
        entry("300", "DBIT", reference="<AcctSvcrRef>L-2</AcctSvcrRef>"),
        account=OTHER,
    )
    answer = told(web, "statement", camt053(own))
    assert answer.status_code == 200, answer.json()
    assert (answer.json()["accepted"], answer.json()["lines"]["accepted"]) == (1, 2)


def test_a_line_tells_the_payment_of_an_earlier_message_again(web):
    paid = transfer(**MINE, creditor_agent="").replace(OWN_BIC, OTHER_BIC)
    assert told(web, "payment", pacs008(paid)).json()["accepted"] == 1
    line = entry("1500.50", "DBIT", details=details("Cdtr", iban(OWN), OWN_BIC))
    held = balance("OPBD", "5000", "2026-11-20") + balance("CLBD", "3499.50", "2026-11-20")
    answer = told(web, "statement", camt053(statement(line, balances=held, account=OTHER))).json()
    assert (answer["accepted"], answer["lines"]["accepted"]) == (1, 0), answer
    assert answer["lines"]["duplicate"] == 1


def test_a_torn_message_and_another_kind_are_refused_whole(web):
    for kind, xml, field in (
        ("payment", pacs008(transfer(**MINE))[:-20], "file"),
        ("payment", camt053(statement()), "Document"),
        ("session", pacs008(transfer(**MINE)), "kind"),
        ("payment", b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "file"),
    ):
        answer = told(web, kind, xml)
        assert answer.status_code == 422
        assert answer.json()["error"]["field"] == field


def hold_of(web):
    """A hold at `baiterek`, which speaks ISO 20022."""
    with web.database.write() as session:
        session.get_one(orm.Partner, "baiterek").iso20022 = True
    question = web.asked()
    web.post(f"/v1/orders/{question.order}/answers", "altyn", json=web.confirmed(question))
    with web.database.write() as session:
        report = session.query(orm.Report).one()
        session.add(
            orm.Order(
                id="O-26-000099", case_id=report.case_id, report_id=report.id, kind="hold",
                partner="baiterek", state="approved", provisional=True, amount=500,
                account=session.query(orm.Root).one().payee_account, currency="KZT",
                ground="kz.payments.hold", drafted_by="policy:pursuit/1", idempotency_key="k-99",
                created_us=web.clock.now_us(), expires_us=web.clock.now_us() + 10**10,
            )
        )  # fmt: skip
    (message,) = [one for one in web.signed("baiterek") if one.kind == "hold"]
    return message


def test_a_recall_goes_out_beside_the_order_and_its_answer_comes_back(web):
    message = hold_of(web)
    offered = {one["id"]: one for one in web.get("/v1/orders", "baiterek").json()["orders"]}
    assert message.order in offered[message.order]["iso20022"]
    Draft202012Validator(web.get("/v1/schemas/order.json").json()).validate(
        message.model_dump(mode="json", exclude_none=True)
    )

    def answer(*statuses: Status) -> bytes:
        at = web.clock.now_us()
        return resolution.write(Resolution(message.order, message.case, at, statuses), "223", "A")

    wrong = answer(Status("ACCR", amount=501, currency="KZT"))
    refused = web.post("/v1/answers", "baiterek", content=wrong, headers=XML)
    assert (refused.status_code, refused.json()["refused"]) == (422, 1)
    right = answer(Status("ACCR", amount=400, currency="KZT"))
    taken = web.post("/v1/answers", "baiterek", content=right, headers=XML)
    assert (taken.status_code, taken.json()["taken"]) == (200, 1), taken.json()
    assert taken.json()["answers"][0]["effect"] == 400
    path = f"/v1/orders/{message.order}/answers"
    again = web.post(path, "baiterek", content=right, headers=XML)
    assert (again.status_code, again.json()["effect"]) == (200, 400)
    other = web.post("/v1/orders/O-26-000001/answers", "altyn", content=right, headers=XML)
    assert (other.status_code, other.json()["error"]["field"]) == (422, "order")
    stranger = web.post("/v1/answers", "altyn", content=right, headers=XML)
    assert stranger.status_code == 422
    assert building.CENTRE in offered[message.order]["iso20022"]


def test_signed_orders_are_valid_by_the_published_schema(web):
    schema = web.get("/v1/schemas/order.json")
    assert schema.headers["content-type"] == "application/schema+json"
    held = Draft202012Validator(json.loads(schema.content))
    question = web.asked()
    held.validate(question.model_dump(mode="json", exclude_none=True))
    assert web.get("/v1/schemas/answer.json").status_code == 200
    assert web.get("/v1/schemas/nothing.json").status_code == 404
