"""Payments and returns as messages: the columns of the fact, the side, what is refused (REQ-19)."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.iso20022.samples import (
    IIN,
    OTHER,
    OTHER_BIC,
    OWN,
    OWN_BIC,
    UETR,
    bank,
    iban,
    other,
    pacs004,
    pacs008,
    transfer,
)
from peers import iso
from qalqan.errors import InputRejected
from qalqan.exchange.given import Given
from qalqan.exchange.iso20022 import payments

AT = int(datetime(2026, 11, 20, 5, 0, 0, 250_000, UTC).timestamp() * 1_000_000)


def read(xml: bytes, *own: str) -> list[dict[str, Any]]:
    return [row for one in payments.read(io.BytesIO(xml), own) for row in one.table.to_pylist()]


def batch(xml: bytes) -> Given:
    (found,) = payments.read(io.BytesIO(xml), ["125"])
    return found


@pytest.mark.parametrize("version", range(8, 14))
def test_a_transfer_becomes_a_payment_in_every_version(version: int) -> None:
    accepted = "<AccptncDtTm>2026-11-20T10:00:00.25+05:00</AccptncDtTm>"
    times = f"<AddtlDtTm>{accepted}</AddtlDtTm>" if version == 13 else accepted
    xml = pacs008(transfer(times=times), version=version)
    assert iso.problems(xml) == []
    assert read(xml, "125") == [
        {
            "id": UETR.format(1),
            "at_us": AT,
            "side": "payer",
            "payer_account": OWN,
            "payer_bank": "125",
            "payee_account": OTHER,
            "payee_bank": "211",
            "amount": 150_050,
            "currency": "KZT",
            "instrument": "transfer",
            "uetr": UETR.format(1),
            "end_to_end_id": "E-1",
            "payee_country": "KZ",
            "payer_holder": IIN,
            "payee_holder": None,
            "purpose": "for goods",
        }
    ]


@pytest.mark.parametrize(
    ("own", "instructing", "side"),
    [
        (("125",), "", "payer"),
        (("211",), "", "payee"),
        (("125", "211"), "", "both"),
        (("999",), "", "payer"),
        ((), "", "payer"),
        ((), f"<InstgAgt>{bank(OWN_BIC)}</InstgAgt>", "payer"),
        ((), f"<InstgAgt>{bank(OTHER_BIC)}</InstgAgt>", "payee"),
    ],
)
def test_the_sender_says_whose_books_tell_it(
    own: tuple[str, ...], instructing: str, side: str
) -> None:
    (found,) = read(pacs008(transfer(instructing=instructing)), *own)
    assert found["side"] == side


def test_times_are_those_of_the_side_that_tells() -> None:
    times = (
        "<SttlmTmIndctn><DbtDtTm>2026-11-20T10:00:01+05:00</DbtDtTm>"
        "<CdtDtTm>2026-11-20T10:00:09+05:00</CdtDtTm></SttlmTmIndctn>"
    )
    xml = pacs008(transfer(times=times))
    assert iso.problems(xml) == []
    payer, payee = read(xml, "125")[0]["at_us"], read(xml, "211")[0]["at_us"]
    assert payee - payer == 8_000_000
    without = read(pacs008(transfer(times="")), "125")[0]["at_us"]
    assert without == AT - 250_000  # the header's
    almaty = "<AccptncDtTm>2026-11-20T10:00:00.25</AccptncDtTm>"
    assert read(pacs008(transfer(times=almaty)), "125")[0]["at_us"] == AT


def test_a_uetr_in_capitals_is_the_same_payment_s() -> None:
    xml = pacs008(transfer())
    capitals = xml.replace(UETR.format(1).encode(), UETR.format(1).upper().encode())
    assert capitals != xml
    assert [one["id"] for one in read(capitals)] == [UETR.format(1)]


def test_a_payment_without_a_uetr_goes_by_its_bank_s_own_number() -> None:
    ids = "<EndToEndId>NOTPROVIDED</EndToEndId><TxId>T-1</TxId>"
    xml = pacs008(transfer(ids=ids))
    assert iso.problems(xml) == []
    (mine,), (theirs,) = read(xml, "125"), read(xml, "211")
    assert (mine["id"], mine["uetr"], mine["end_to_end_id"]) == ("T-1", None, None)
    assert theirs["id"] == f"{OWN_BIC}/T-1"  # another bank may have a T-1 of its own


@pytest.mark.parametrize(
    ("said", "account", "payee_bank", "country", "instrument"),
    [
        ({"creditor_account": f"<CdtrAcct>{other('C-7')}</CdtrAcct>"},
         "BBBBKZKA:C-7", "BBBBKZKA", "KZ", "transfer"),
        ({"creditor_account": f"<CdtrAcct>{iban('GB29NWBK60161331926819')}</CdtrAcct>",
          "creditor_agent": f"<CdtrAgt>{bank('NWBKGB2LXXX')}</CdtrAgt>"},
         "GB29NWBK60161331926819", "NWBKGB2L", "GB", "transfer"),
        ({"creditor_account":
          f"<CdtrAcct>{other('TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t', 'TRX')}</CdtrAcct>"},
         "TRX:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "BBBBKZKA", "KZ", "crypto"),
        ({"kind": "<PmtTpInf><CtgyPurp><Cd>SALA</Cd></CtgyPurp></PmtTpInf>"},
         OTHER, "211", "KZ", "salary"),
        ({"purpose": "<Purp><Cd>PENS</Cd></Purp>"}, OTHER, "211", "KZ", "benefit"),
    ],
)  # fmt: skip
def test_accounts_banks_and_instruments(
    said: dict[str, str], account: str, payee_bank: str, country: str, instrument: str
) -> None:
    xml = pacs008(transfer(**said))
    assert iso.problems(xml) == []
    (found,) = read(xml, "125")
    assert found["payee_account"] == account
    assert found["payee_bank"] == ("TRX" if instrument == "crypto" else payee_bank)
    assert (found["payee_country"], found["instrument"]) == (country, instrument)


def test_a_return_goes_the_other_way_and_keeps_the_uetr() -> None:
    xml = pacs004()
    assert iso.twice(xml)[0].endswith("pacs_004_001_09.pacs_004_001_09")
    (found,) = read(xml, "211")
    assert (found["payer_account"], found["payee_account"]) == (OTHER, OWN)
    assert (found["side"], found["id"], found["uetr"]) == ("payer", "R-1", UETR.format(1))
    assert (found["instrument"], found["amount"]) == ("return", 150_050)
    assert read(pacs004("AC04"), "211")[0]["instrument"] == "refund"


def test_a_return_says_by_its_chain_who_really_gets_it() -> None:
    payee = "KZ86125KZT5004100100"
    chain = (
        f"<RtrChain><Dbtr><Pty><Nm>A</Nm></Pty></Dbtr><DbtrAcct>{iban(OTHER)}</DbtrAcct>"
        f"<Cdtr><Pty><Nm>B</Nm></Pty></Cdtr><CdtrAcct>{iban(payee)}</CdtrAcct></RtrChain>"
    )
    xml = pacs004(chain=chain, version=11)
    assert iso.twice(xml)[0].endswith("pacs_004_001_11.pacs_004_001_11")
    assert read(xml, "211")[0]["payee_account"] == payee


@pytest.mark.parametrize(
    ("said", "place", "value", "expected"),
    [
        ({"amount": '<IntrBkSttlmAmt Ccy="KZT">1.234</IntrBkSttlmAmt>'},
         "CdtTrfTxInf[2]/IntrBkSttlmAmt", "1.234", "iso.amount"),
        ({"amount": '<IntrBkSttlmAmt Ccy="JPY">1.5</IntrBkSttlmAmt>'},
         "CdtTrfTxInf[2]/IntrBkSttlmAmt", "1.5", "iso.amount"),
        ({"amount": '<IntrBkSttlmAmt Ccy="KZT">12,5</IntrBkSttlmAmt>'},
         "CdtTrfTxInf[2]/IntrBkSttlmAmt", "12,5", "iso.amount"),
        ({"times": "<AccptncDtTm>yesterday</AccptncDtTm>"},
         "CdtTrfTxInf[2]/AccptncDtTm", "yesterday", "iso.time"),
    ],
)  # fmt: skip
def test_what_can_t_be_read_is_named_by_its_element(
    said: dict[str, str], place: str, value: str, expected: str
) -> None:
    found = batch(pacs008(transfer(), transfer(**said), transfer()))
    (broken,) = found.broken
    assert (broken.place, broken.text, broken.expected) == (place, value, expected)
    assert (found.read, found.table.num_rows) == (3, 2)
    assert [found.places[row] for row in range(2)] == ["CdtTrfTxInf[1]", "CdtTrfTxInf[3]"]


@pytest.mark.parametrize(
    ("currency", "text", "minor"),
    [
        ("KZT", "0.01", 1), ("KZT", "1500.50000", 150_050), ("KZT", "7", 700),
        ("JPY", "1500", 1500), ("KWD", "1.234", 1234), ("KZT", "999999999999.99", 10**14 - 1),
    ],
)  # fmt: skip
def test_sums_are_exact_in_the_currency_s_digits(currency: str, text: str, minor: int) -> None:
    amount = f'<IntrBkSttlmAmt Ccy="{currency}">{text}</IntrBkSttlmAmt>'
    (found,) = read(pacs008(transfer(amount=amount)), "125")
    assert (found["amount"], found["currency"]) == (minor, currency)


def test_a_header_that_counts_otherwise_is_told() -> None:
    found = batch(pacs008(transfer(), count=3))
    (broken,) = found.broken
    assert (broken.place, broken.text) == ("GrpHdr/NbOfTxs", "3")
    assert (broken.expected, broken.params) == ("iso.count", {"found": 1})
    assert found.table.num_rows == 1


@given(st.lists(st.integers(1, 10**15), min_size=1, max_size=40))
def test_every_transfer_of_a_message_comes_once_and_in_order(amounts: list[int]) -> None:
    xml = pacs008(
        *(
            transfer(
                ids=f"<EndToEndId>E</EndToEndId><TxId>{number}</TxId>",
                amount=f'<IntrBkSttlmAmt Ccy="KZT">{minor // 100}.{minor % 100:02d}'
                "</IntrBkSttlmAmt>",
            )
            for number, minor in enumerate(amounts)
        )
    )
    found = read(xml, "125")
    assert [row["amount"] for row in found] == amounts
    assert [row["id"] for row in found] == [str(number) for number in range(len(amounts))]


def test_another_message_is_refused_by_name() -> None:
    xml = pacs008(transfer()).replace(b"pacs.008.001.08", b"pain.001.001.09")
    with pytest.raises(InputRejected) as refused:
        read(xml)
    assert (refused.value.field, refused.value.expected) == ("Document", "iso.message")
    assert "pain.001.001.09" in str(refused.value.value)
    assert "pacs.008.001.08–13" in str(refused.value.params["known"])


def test_what_pyiso20022_writes_of_it_reads_the_same() -> None:
    xml = pacs008(transfer(), transfer(ids="<EndToEndId>E-2</EndToEndId><TxId>T-2</TxId>"))
    name, again = iso.twice(xml)
    assert name.endswith("pacs_008_001_08.pacs_008_001_08")
    assert iso.problems(again) == []
    assert read(again, "125") == read(xml, "125")
