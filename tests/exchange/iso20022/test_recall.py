"""Recalls beside orders, and the answers to them: valid by ISO's own schemas (REQ-44)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from exchange.iso20022.samples import OTHER, OWN, UETR
from peers import iso
from qalqan.errors import InputRejected
from qalqan.exchange.iso20022 import codes, recall, resolution
from qalqan.exchange.iso20022.recall import Leg
from qalqan.exchange.iso20022.resolution import Resolution, Status
from qalqan.exchange.order_message import OrderMessage
from qalqan.model.money import MINOR_DIGITS
from qalqan.model.order import Kind

AT = 1_795_150_800_000_000
ORDER = OrderMessage(
    order="O-26-000007",
    case="C-26-000003",
    kind=Kind.HOLD,
    partner="saryarqa",
    account=OTHER,
    amount=120_000,
    currency="KZT",
    ground="aml-21",
    expires_us=AT + 86_400_000_000,
    issued_us=AT,
)
LEG = Leg(
    amount=150_050,
    currency="KZT",
    at_us=AT,
    traced=120_000,
    payer_account=OWN,
    payer_bank="125",
    payee_account=OTHER,
    payee_bank="BBBBKZKA",
    number="T-1",
    uetr=UETR.format(1),
    end_to_end_id="E-1",
)


def texts(xml: bytes, path: str) -> list[str]:
    root = etree.fromstring(xml)
    steps = "/".join(f"n:{step}" for step in path.split("/"))
    return [one.text for one in root.iterfind(f".//{steps}", {"n": etree.QName(root).namespace})]


def written(order: OrderMessage, *legs: Leg, bank: str = "211") -> bytes:
    xml = recall.write(order, legs, bank)
    assert xml is not None
    assert iso.problems(xml) == []
    return xml


def test_a_hold_travels_with_a_recall_for_each_payment_that_brought_the_money() -> None:
    xml = written(ORDER, LEG, replace(LEG, number="T-2", uetr=None, traced=7))
    assert texts(xml, "Assgnmt/Id") == [ORDER.order]
    assert texts(xml, "FIToFIPmtCxlReq/Case/Id") == [ORDER.case]
    assert texts(xml, "TxInf/Case/Id") == [ORDER.case] * 2
    assert texts(xml, "Assgne/Agt/FinInstnId/ClrSysMmbId/MmbId") == ["211"]
    assert texts(xml, "CxlId") == ["O-26-000007/1", "O-26-000007/2"]
    assert texts(xml, "CxlRsnInf/Rsn/Cd") == ["FRAD"] * 2
    assert texts(xml, "OrgnlUETR") == [UETR.format(1)]
    assert texts(xml, "OrgnlTxId") == ["T-1", "T-2"]
    assert texts(xml, "OrgnlIntrBkSttlmAmt") == ["1500.50"] * 2  # no element says a part …
    told = texts(xml, "CxlRsnInf/AddtlInf")
    assert told[:5] == [
        "/CASE/C-26-000003",
        "/ORDER/O-26-000007",
        "/KIND/HOLD",
        "/TRACED/KZT1200.00",  # … so it stands in words
        "/AMOUNT/KZT1200.00",
    ]
    assert told[5].startswith("/UNTIL/")
    assert texts(xml, "DbtrAcct/Id/IBAN") == [OWN] * 2


def test_a_bank_that_numbers_by_uetr_is_asked_by_it() -> None:
    xml = written(ORDER, replace(LEG, number=UETR.format(2), uetr=None))
    assert (texts(xml, "OrgnlUETR"), texts(xml, "OrgnlTxId")) == ([UETR.format(2)], [])


def test_a_bank_with_a_bic_is_named_by_it() -> None:
    assert texts(written(ORDER, LEG, bank="BBBBKZKA"), "Assgne/Agt/FinInstnId/BICFI") == [
        "BBBBKZKA"
    ]


def test_a_return_names_the_hold_it_comes_out_of() -> None:
    order = ORDER.model_copy(
        update={"kind": Kind.RETURN, "reply_to": "O-26-000005", "beneficiary": OWN}
    )
    told = texts(written(order, LEG), "CxlRsnInf/AddtlInf")
    assert "/KIND/RETURN" in told
    assert "/HOLD/O-26-000005" in told


def test_other_orders_and_unknown_payments_have_no_recall() -> None:
    assert recall.write(ORDER, [], "211") is None
    for kind in set(Kind) - {Kind.HOLD, Kind.RETURN}:
        assert recall.write(ORDER.model_copy(update={"kind": kind}), [LEG], "211") is None


ACCOUNTS = st.none() | st.sampled_from(
    [OWN, OTHER, "KZAML:C-123", "TRX:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "125:UNNAMED",
     "BTC:bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"]
)  # fmt: skip
BANKS = st.none() | st.sampled_from(["125", "BBBBKZKA", "NWBKGB2L", "KZAML"])
NUMBERS = st.none() | st.text(
    st.characters(codec="ascii", categories=["L", "N", "P", "S"]), max_size=100
)
LEGS = st.builds(
    Leg,
    amount=st.integers(1, 10**15),
    currency=st.sampled_from(sorted(MINOR_DIGITS)),
    at_us=st.integers(946_684_800_000_000, 4_000_000_000_000_000),
    traced=st.integers(1, 10**15),
    payer_account=ACCOUNTS,
    payer_bank=BANKS,
    payee_account=ACCOUNTS,
    payee_bank=BANKS,
    number=NUMBERS,
    uetr=st.none() | st.uuids(version=4).map(str),
    end_to_end_id=NUMBERS,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LEGS, min_size=1, max_size=4), st.sampled_from(["211", "BBBBKZKA", "KZAML"]))
def test_whatever_is_recalled_is_valid(legs: list[Leg], bank: str) -> None:
    xml = written(ORDER, *legs, bank=bank)
    assert texts(xml, "TxInf/Case/Id") == [ORDER.case] * len(legs)


def test_pyiso20022_understands_a_recall_and_an_answer() -> None:
    xml = written(ORDER, LEG).replace(b"camt.056.001.12", b"camt.056.001.11")
    name, again = iso.twice(xml)
    assert name.endswith("camt_056_001_11.camt_056_001_11")
    for path in ("CxlId", "OrgnlUETR", "CxlRsnInf/AddtlInf", "OrgnlIntrBkSttlmAmt"):
        assert texts(again, path) == texts(xml, path)
    answer = resolution.write(ACCEPTED, "211", "A-1")
    name, again = iso.twice(answer.replace(b"camt.029.001.14", b"camt.029.001.13"))
    assert name.endswith("camt_029_001_13.camt_029_001_13")
    assert resolution.read(again) == [ACCEPTED]


ACCEPTED = Resolution(
    ORDER.order,
    ORDER.case,
    AT,
    (Status("ACCR", amount=90_000, currency="KZT", payment="P-9", uetr=UETR.format(3)),),
)


@pytest.mark.parametrize(
    "statuses",
    [
        (Status("ACCR"),),
        (Status("PDCR"),),
        (Status("PDCR"), Status("RJCR", "AM04")),
        (Status("ACCR", amount=1, currency="KZT"), Status("PDCR")),
        (Status("RJCR", "AM04", "nothing left"), Status("RJCR", "LEGL")),
        (Status("ACCR", amount=1, currency="JPY", payment="P"), Status("RJCR", "AC04")),
        ACCEPTED.statuses,
    ],
)
def test_an_answer_says_the_same_when_it_is_read(statuses: tuple[Status, ...]) -> None:
    told = replace(ACCEPTED, statuses=statuses)
    xml = resolution.write(told, "BBBBKZKA", "A-1")
    assert iso.problems(xml) == []
    assert resolution.read(xml) == [told]
    assert resolution.read(xml)[0].is_pending is (statuses[0].status == "PDCR")


def answer(body: str, version: int = 14) -> bytes:
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.029.001.{version:02d}">'
        "<RsltnOfInvstgtn><Assgnmt><Id>A</Id><Assgnr><Pty><Nm>B</Nm></Pty></Assgnr>"
        "<Assgne><Pty><Nm>C</Nm></Pty></Assgne><CreDtTm>2026-11-20T05:00:00Z</CreDtTm></Assgnmt>"
        f"{body}</RsltnOfInvstgtn></Document>"
    ).encode()


def test_an_answer_finds_its_order_by_what_it_has() -> None:
    rejected = "<Sts><Conf>RJCR</Conf></Sts>"
    by_id = f"<TxInfAndSts><CxlStsId>{ORDER.order}/2</CxlStsId></TxInfAndSts>"
    by_message = (
        f"<TxInfAndSts><OrgnlGrpInf><OrgnlMsgId>{ORDER.order}</OrgnlMsgId>"
        "<OrgnlMsgNmId>camt.056.001.08</OrgnlMsgNmId></OrgnlGrpInf></TxInfAndSts>"
    )
    by_payment = by_message.replace("camt.056.001.08", "pacs.008.001.08")
    for part, order in ((by_id, ORDER.order), (by_message, ORDER.order), (by_payment, "")):
        xml = answer(f"{rejected}<CxlDtls>{part}</CxlDtls>")
        assert iso.problems(xml) == []
        (found,) = resolution.read(xml)
        assert (found.order, found.statuses[0].status) == (order, "RJCR")
    (found,) = resolution.read(answer(rejected))
    assert (found.order, len(found.statuses)) == ("", 1)


@pytest.mark.parametrize(
    ("body", "field", "expected"),
    [
        # The schema takes each of these codes for valid.
        ("<Sts><Conf>ZZZZ</Conf></Sts>", "Sts/Conf", "iso.code"),
        ("<Sts><Conf>CNCL</Conf></Sts><CxlDtls><TxInfAndSts><TxCxlSts>RJCR</TxCxlSts>"
         "<CxlStsRsnInf><Rsn><Cd>ZZZZ</Cd></Rsn></CxlStsRsnInf></TxInfAndSts></CxlDtls>",
         "CxlDtls/TxInfAndSts/CxlStsRsnInf/Rsn/Cd", "iso.code"),
        ("<Sts><Conf>CNCL</Conf></Sts><CxlDtls><TxInfAndSts><TxCxlSts>ACCR</TxCxlSts>"
         '<RsltnRltdInf><IntrBkSttlmAmt Ccy="KZT">1.001</IntrBkSttlmAmt></RsltnRltdInf>'
         "</TxInfAndSts></CxlDtls>",
         "CxlDtls/TxInfAndSts/RsltnRltdInf/IntrBkSttlmAmt", "iso.amount"),
    ],
)  # fmt: skip
def test_what_only_a_schema_would_take_is_refused(body: str, field: str, expected: str) -> None:
    xml = answer(body)
    assert iso.problems(xml) == []
    with pytest.raises(InputRejected) as refused:
        resolution.read(xml)
    assert (refused.value.field, refused.value.expected) == (field, expected)


def test_code_lists_are_ours_since_a_schema_has_none() -> None:
    assert codes.checked("cancellation_reason", "FRAD", "x") == "FRAD"
    with pytest.raises(InputRejected) as refused:
        codes.checked("cancellation_reason", "ZZZZ", "CxlRsnInf/Rsn/Cd")
    said: dict[str, Any] = dict(refused.value.params)
    assert said["list"] == "ExternalCancellationReason1Code"
    xml = written(ORDER, LEG)
    assert iso.problems(xml.replace(b"FRAD", b"ZZZZ")) == []
    assert [codes.is_gone(one) for one in ("AM04", "LEGL")] == [True, False]
