"""A bank that speaks ISO 20022: a recall beside the hold, camt.029 and camt.053 back (REQ-44)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from lxml import etree

from cases.conftest import BAYTEREK, DROP, SECOND, VICTIM, Centre
from exchange.iso20022.samples import camt053, details, entry
from peers import iso
from qalqan.cases import delivery, messages
from qalqan.cases.answers import take_answer
from qalqan.clock import MINUTE
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.exchange.iso20022 import building, resolution
from qalqan.exchange.iso20022.resolution import Resolution, Status
from qalqan.exchange.order_message import OrderMessage
from qalqan.model.order import Kind, Order, State
from qalqan.register import orm

AMOUNT = 100_000_00


@pytest.fixture
def speaking(centre: Centre) -> Centre:
    with centre.database.write() as session:
        session.get_one(orm.Partner, BAYTEREK).iso20022 = True
    return centre


@pytest.fixture
def held(speaking: Centre) -> tuple[Centre, Order]:
    """The bank was asked to hold what the victim paid to its customer."""
    speaking.report(AMOUNT)
    speaking.work()
    speaking.confirm(speaking.order("confirm"))
    return speaking, speaking.order("hold")


def recall_of(centre: Centre, order: Order) -> bytes | None:
    with centre.database.session() as session:
        text = delivery.recall_text(session, centre.keys, order.id)
    return None if text is None else text.encode()


def texts(xml: bytes, path: str) -> list[str]:
    root = etree.fromstring(xml)
    steps = "/".join(f"n:{step}" for step in path.split("/"))
    return [one.text for one in root.iterfind(f".//{steps}", {"n": etree.QName(root).namespace})]


def said(centre: Centre, order: Order, *statuses: Status, case: str = "") -> bytes:
    told = Resolution(order.id, case or order.case_id, centre.clock.now_us(), tuple(statuses))
    xml = resolution.write(told, "223", "A-1")
    assert iso.problems(xml) == []
    return xml


def taken(centre: Centre, order: Order, xml: bytes) -> Order | None:
    (part,) = messages.parts(xml)
    found = messages.order_of(part)
    answer = messages.answer_of(centre.database, centre.keys, order.partner, part, found)
    if answer is None:
        return None
    moved = take_answer(centre.database, centre.keys, order.partner, answer)
    centre.work()
    return moved


def test_a_hold_brings_a_recall_of_the_victim_s_payment(held: tuple[Centre, Order]) -> None:
    centre, order = held
    xml = recall_of(centre, order)
    assert xml is not None
    assert iso.problems(xml) == []
    assert texts(xml, "Assgnmt/Id") == [order.id]
    assert texts(xml, "FIToFIPmtCxlReq/Case/Id") == [order.case_id]
    assert texts(xml, "OrgnlIntrBkSttlmAmt") == ["100000.00"]
    assert texts(xml, "DbtrAcct/Id/Othr/Id") == [VICTIM.partition(":")[2]]
    assert f"/TRACED/KZT{building.major(AMOUNT, 'KZT')}" in texts(xml, "CxlRsnInf/AddtlInf")
    page = delivery.offer(centre.database, centre.keys, BAYTEREK)
    beside = {each.id: each.body().get("iso20022") for each in page.orders}
    assert beside.pop(order.id) == xml.decode()
    assert set(beside.values()) == {None}  # the question for the statement has no recall


def test_a_bank_that_did_not_ask_for_recalls_gets_none(centre: Centre) -> None:
    centre.report(AMOUNT)
    centre.work()
    centre.confirm(centre.order("confirm"))
    assert recall_of(centre, centre.order("hold")) is None


def test_the_answer_to_a_recall_counts_once(held: tuple[Centre, Order]) -> None:
    centre, order = held
    assert taken(centre, order, said(centre, order, Status("PDCR"))) is None
    one_is_open = said(centre, order, Status("RJCR", "AM04"), Status("PDCR"))
    assert taken(centre, order, one_is_open) is None  # that one is gone does not end the order
    assert centre.order("hold").answers == ()
    xml = said(centre, order, Status("ACCR", amount=7, currency="KZT"), Status("RJCR", "LEGL"))
    moved = taken(centre, order, xml)
    assert moved is not None
    assert (moved.state, moved.effect, moved.answers[-1].outcome) == (State.ANSWERED, 7, "partial")
    assert taken(centre, order, xml) is not None  # the same message again changes nothing
    with pytest.raises(Conflict):
        taken(centre, order, said(centre, order, Status("ACCR", amount=3, currency="KZT")))
    (part,) = messages.parts(xml)
    with pytest.raises(NotFound):
        messages.answer_of(centre.database, centre.keys, "altyn", part, order.id)


HOLD = OrderMessage(
    order="O-1", case="C-1", kind=Kind.HOLD, partner=BAYTEREK, account=DROP, amount=AMOUNT,
    currency="KZT", ground="g", issued_us=1,
)  # fmt: skip


def of(*statuses: Status, case: str = "C-1") -> Resolution:
    return Resolution("O-1", case, 2, statuses)


@pytest.mark.parametrize(
    ("statuses", "outcome", "amount"),
    [
        ([Status("ACCR")], "held", None),
        ([Status("ACCR", amount=AMOUNT, currency="KZT")], "held", AMOUNT),
        ([Status("ACCR", amount=7, currency="KZT")], "partial", 7),
        ([Status("ACCR", amount=7, currency="KZT"), Status("ACCR", amount=8, currency="KZT")],
         "partial", 15),
        ([Status("ACCR", amount=7, currency="KZT"), Status("RJCR", "LEGL")], "partial", 7),
        ([Status("ACCR", amount=0, currency="KZT")], "gone", 0),
        ([Status("RJCR", "AM04"), Status("RJCR", "ARDT")], "gone", 0),
        ([Status("RJCR", "LEGL", "court order needed")], "refused", None),
        ([Status("RJCR", "AM04"), Status("RJCR", "CUST")], "refused", None),
    ],
)  # fmt: skip
def test_what_became_of_a_recall_says_what_is_held(
    statuses: Sequence[Status], outcome: str, amount: int | None
) -> None:
    answer = messages.resolved(HOLD, of(*statuses))
    assert answer is not None
    assert (answer.outcome, answer.amount) == (outcome, amount)


def test_a_refusal_keeps_the_bank_s_reasons() -> None:
    answer = messages.resolved(HOLD, of(Status("RJCR", "LEGL", "court"), Status("RJCR", "CUST")))
    assert answer is not None
    assert answer.reason == "LEGL court; CUST"


@pytest.mark.parametrize(
    ("order", "part", "field", "expected"),
    [
        (HOLD, of(Status("ACCR"), Status("RJCR", "LEGL")),
         "CxlDtls/TxInfAndSts/RsltnRltdInf/IntrBkSttlmAmt", "iso.element"),
        (HOLD, of(Status("ACCR", amount=7, currency="USD")),
         "CxlDtls/TxInfAndSts/RsltnRltdInf/IntrBkSttlmAmt/@Ccy", "order.same_currency"),
        (HOLD, of(Status("ACCR"), case="C-2"), "RslvdCase/Id", "iso.case"),
        (HOLD.model_copy(update={"kind": Kind.STATEMENT}), of(Status("ACCR")),
         "order", "iso.not_by_message"),
        (HOLD.model_copy(update={"kind": Kind.RETURN}), of(Status("ACCR")),
         "CxlDtls/TxInfAndSts/RsltnRltdInf/TxId", "iso.element"),
    ],
)  # fmt: skip
def test_an_answer_that_does_not_say_what_it_must_is_refused(
    order: OrderMessage, part: Resolution, field: str, expected: str
) -> None:
    with pytest.raises(InputRejected) as refused:
        messages.resolved(order, part)
    assert (refused.value.field, refused.value.expected) == (field, expected)


def statement_of(
    centre: Centre, order: Order, *entries: str, opening: int, closing: int, query: str = ""
) -> bytes:
    """The bank's statement of the drop's account up to now, as a message."""

    def balance(code: str, minor: int) -> str:
        day = building.day(centre.clock.now_us())
        return (
            f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
            f'<Amt Ccy="KZT">{building.major(minor, "KZT")}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
            f"<Dt><Dt>{day}</Dt></Dt></Bal>"
        )

    begins, ends = (building.moment(us) for us in (order.from_us or 0, centre.clock.now_us()))
    bank, number = DROP.split(":")
    xml = camt053(
        f"<Stmt><Id>S-1</Id><CreDtTm>{ends}</CreDtTm>"
        f"<FrToDt><FrDtTm>{begins}</FrDtTm><ToDtTm>{ends}</ToDtTm></FrToDt>"
        f"<Acct><Id><Othr><Id>{number}</Id></Othr></Id><Ccy>KZT</Ccy><Svcr><FinInstnId>"
        f"<ClrSysMmbId><MmbId>{bank}</MmbId></ClrSysMmbId></FinInstnId></Svcr></Acct>"
        f"{balance('OPBD', opening)}{balance('CLBD', closing)}{''.join(entries)}</Stmt>",
        query=query or order.id,
    )
    assert iso.problems(xml) == []
    return xml


def line(centre: Centre, direction: str, counter: str, minor: int, ago: int, reference: str) -> str:
    bank, number = counter.split(":")
    end = "Dbtr" if direction == "CRDT" else "Cdtr"
    account = f"<Id><Othr><Id>{number}</Id></Othr></Id>"
    one = details(end, account, refs=" ").replace(
        "</TxDtls>",
        f"<RltdAgts><{end}Agt><FinInstnId><ClrSysMmbId><MmbId>{bank}</MmbId></ClrSysMmbId>"
        f"</FinInstnId></{end}Agt></RltdAgts></TxDtls>",
    )
    at = building.moment(centre.clock.now_us() - ago * MINUTE)
    return entry(
        building.major(minor, "KZT"),
        direction,
        booked=f"<DtTm>{at}</DtTm>",
        reference=f"<AcctSvcrRef>{reference}</AcctSvcrRef>",
        details=one,
    )


def test_a_statement_as_a_message_carries_the_trail_on(held: tuple[Centre, Order]) -> None:
    """The drop has passed it on within the bank: the next hold's recall names that payment by
    the number under which the bank told of it."""
    centre, _ = held
    asked = centre.order("statement")
    ins = line(centre, "CRDT", VICTIM, AMOUNT, 60, "IN-1")
    for entry_, field, expected in (
        (ins, "statement.closing", "statement.balance"),  # it does not add up
        (ins.replace("100000.00", "1.001"), "Stmt[1]/Ntry[1]/Amt", "iso.amount"),
    ):
        with pytest.raises(InputRejected) as refused:
            taken(centre, asked, statement_of(centre, asked, entry_, opening=0, closing=1))
        assert (refused.value.field, refused.value.expected) == (field, expected)
        assert not centre.order("statement").answers
    xml = statement_of(
        centre,
        asked,
        ins,
        line(centre, "DBIT", SECOND, 90_000_00, 30, "OUT-1"),
        opening=5_00,
        closing=10_005_00,
    )
    moved = taken(centre, asked, xml)
    assert moved is not None
    assert moved.state == State.CLOSED
    first, second = centre.orders_of("hold")
    assert first.account != second.account
    beside = recall_of(centre, second)
    assert beside is not None
    assert iso.problems(beside) == []
    assert texts(beside, "OrgnlTxId") == ["OUT-1"]
    assert texts(beside, "OrgnlIntrBkSttlmAmt") == ["90000.00"]
    assert f"/TRACED/KZT{building.major(second.amount or 0, 'KZT')}" in texts(
        beside, "CxlRsnInf/AddtlInf"
    )


def test_a_return_is_answered_by_the_payment_that_gave_it_back(
    held: tuple[Centre, Order],
) -> None:
    centre, order = held
    taken(centre, order, said(centre, order, Status("ACCR")))
    asked = centre.order("statement")
    ins = line(centre, "CRDT", VICTIM, AMOUNT, 60, "IN-1")
    taken(centre, asked, statement_of(centre, asked, ins, opening=0, closing=AMOUNT))
    back = centre.agree(centre.order("return"))
    xml = recall_of(centre, back)
    assert xml is not None
    assert iso.problems(xml) == []
    assert f"/HOLD/{order.id}" in texts(xml, "CxlRsnInf/AddtlInf")
    centre.clock.set(centre.clock.now_us() + MINUTE)
    without: dict[str, Any] = {"amount": AMOUNT, "currency": "KZT"}
    with pytest.raises(InputRejected):
        taken(centre, back, said(centre, back, Status("ACCR", **without)))
    moved = taken(centre, back, said(centre, back, Status("ACCR", **without, payment="BACK-1")))
    assert moved is not None
    assert (moved.state, moved.effect) == (State.CLOSED, AMOUNT)
