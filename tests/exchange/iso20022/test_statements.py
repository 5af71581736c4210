"""Statements as messages: the period, the balances, each entry as a payment (REQ-19, 42)."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest

from exchange.iso20022.samples import (
    IIN,
    OTHER,
    OTHER_BIC,
    OWN,
    UETR,
    balance,
    camt053,
    details,
    entry,
    iban,
    other,
    statement,
)
from peers import iso
from qalqan.errors import InputRejected
from qalqan.exchange.iso20022 import statements
from qalqan.exchange.iso20022.statements import Told

HOUR = 3_600_000_000
MIDNIGHT = int(datetime(2026, 11, 19, 19, tzinfo=UTC).timestamp() * 1_000_000)
"""20 November in Almaty."""


def read(xml: bytes) -> list[Told]:
    return list(statements.read(io.BytesIO(xml)))


def head(told: Told) -> dict[str, Any]:
    (row,) = told.head.table.to_pylist()
    return dict(row)


def lines(told: Told) -> list[dict[str, Any]]:
    return list(told.lines.table.to_pylist())


@pytest.mark.parametrize("version", range(2, 15))
def test_a_statement_in_every_version(version: int) -> None:
    ins = details("Dbtr", iban(OTHER), OTHER_BIC, version, "500.00", holder=IIN)
    out = details("Cdtr", iban(OTHER), OTHER_BIC, version, "300", refs=" ")
    xml = camt053(
        statement(
            entry("500.00", "CRDT", version, details=ins),
            entry("300", "DBIT", version, details=out, reference="<AcctSvcrRef>L-2</AcctSvcrRef>"),
            version=version,
        ),
        version=version,
    )
    assert iso.problems(xml) == []
    (told,) = read(xml)
    assert head(told) == {
        "id": "S-1",
        "account": OWN,
        "bank": "125",
        "currency": "KZT",
        "from_us": MIDNIGHT,
        "to_us": MIDNIGHT + 18 * HOUR,
        "opening": 100_000,
        "closing": 120_000,
        "complete": True,
        "lines": 2,
    }
    first, second = lines(told)
    assert first == {
        "id": UETR.format(1) if version >= 8 else "L-1",
        "at_us": MIDNIGHT + 10 * HOUR,
        "side": "payee",
        "payer_account": OTHER,
        "payer_bank": "211",
        "payee_account": OWN,
        "payee_bank": "125",
        "amount": 50_000,
        "currency": "KZT",
        "instrument": "transfer",
        "uetr": UETR.format(1) if version >= 8 else None,
        "end_to_end_id": "E-1",
        "payee_country": None,
        "payer_holder": IIN,
        "payee_holder": None,
        "purpose": None,
        "statement": "S-1",
    }
    assert (second["id"], second["side"], second["amount"]) == ("L-2", "payer", 30_000)
    assert (second["payer_account"], second["payee_account"]) == (OWN, OTHER)
    assert [told.lines.places[row] for row in range(2)] == ["Stmt[1]/Ntry[1]", "Stmt[1]/Ntry[2]"]


def test_an_entry_of_several_payments_becomes_several_lines() -> None:
    parts = details("Dbtr", iban(OTHER), amount="200.50") + details(
        "Dbtr", other("C-7"), OTHER_BIC, amount="99.50"
    )
    parts = parts.replace(f"<UETR>{UETR.format(1)}</UETR>", "")
    xml = camt053(statement(entry("300.00", "CRDT", details=parts)))
    assert iso.problems(xml) == []
    (told,) = read(xml)
    assert [(row["id"], row["amount"], row["payer_account"]) for row in lines(told)] == [
        ("L-1#1", 20_050, OTHER),
        ("L-1#2", 9_950, "BBBBKZKA:C-7"),
    ]
    assert head(told)["lines"] == 2


def test_parts_that_don_t_give_the_entry_s_sum_are_one_broken_line() -> None:
    parts = details("Dbtr", iban(OTHER), amount="200") + details("Dbtr", iban(OTHER), amount="99")
    (told,) = read(camt053(statement(entry("300.00", "CRDT", details=parts))))
    (broken,) = told.lines.broken
    assert broken.place == "Stmt[1]/Ntry[1]/NtryDtls/TxDtls"
    assert (broken.text, broken.expected) == ("300.00", "iso.entry_sum")
    assert head(told)["lines"] == 1  # one more than came: the intake doubts the statement


def test_what_is_pending_is_no_payment_yet() -> None:
    xml = camt053(statement(entry("1", "CRDT"), entry("2", "CRDT", status="PDNG")))
    assert iso.problems(xml) == []
    (told,) = read(xml)
    assert (len(lines(told)), head(told)["lines"]) == (1, 1)


@pytest.mark.parametrize(
    ("family", "sub", "direction", "instrument", "payer"),
    [
        ("CCRD", "CWDL", "DBIT", "cash_out", OWN),
        ("CNTR", "CDPT", "CRDT", "cash_in", None),
        ("CCRD", "POSD", "DBIT", "card", OWN),
        ("MDOP", "CHRG", "DBIT", "fee", OWN),
        ("RCDT", "SALA", "CRDT", "salary", "125:UNNAMED"),
        ("RCDT", "ESCT", "CRDT", "transfer", "125:UNNAMED"),
    ],
)
def test_codes_tell_how_the_money_moved(
    family: str, sub: str, direction: str, instrument: str, payer: str | None
) -> None:
    code = f"<Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub}</SubFmlyCd></Fmly></Domn>"
    xml = camt053(statement(entry("5", direction, code=code)))
    assert iso.problems(xml) == []
    (line,) = lines(read(xml)[0])
    assert (line["instrument"], line["payer_account"]) == (instrument, payer)


def test_a_day_is_told_more_exactly_by_the_payment_s_own_time() -> None:
    paid = "<RltdDts><TxDtTm>2026-11-20T09:15:00</TxDtTm></RltdDts>"
    one = details("Dbtr", iban(OTHER), dates=paid)
    xml = camt053(
        statement(
            entry("5", "CRDT", booked="<Dt>2026-11-20</Dt>", details=one),
            entry("6", "CRDT", booked="<Dt>2026-11-21</Dt>", details=one),
        )
    )
    assert iso.problems(xml) == []
    at = [row["at_us"] - MIDNIGHT for row in lines(read(xml)[0])]
    assert at == [9 * HOUR + HOUR // 4, 24 * HOUR]


@pytest.mark.parametrize(
    ("balances", "page", "opening", "closing", "complete"),
    [
        (balance("PRCD", "7", "2026-11-19") + balance("CLBD", "8", "2026-11-20"), "",
         700, 800, True),
        (balance("OPBD", "7", "2026-11-20", "DBIT") + balance("CLBD", "0", "2026-11-20"), "",
         -700, 0, True),
        (balance("OPBD", "7", "2026-11-20") + balance("ITBD", "8", "2026-11-20"), "",
         700, None, False),
        (balance("OPBD", "7", "2026-11-20") + balance("CLBD", "8", "2026-11-20"),
         "<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>", 700, 800, False),
        (balance("OPBD", "7", "2026-11-20") + balance("CLBD", "8", "2026-11-20"),
         "<StmtPgntn><PgNb>1</PgNb><LastPgInd>true</LastPgInd></StmtPgntn>", 700, 800, True),
        (balance("ITBD", "7", "2026-11-20"), "", None, None, False),
    ],
)  # fmt: skip
def test_a_statement_is_complete_with_both_booked_balances_on_one_page(
    balances: str, page: str, opening: int | None, closing: int | None, complete: bool
) -> None:
    xml = camt053(statement(balances=balances, page=page))
    assert iso.problems(xml) == []
    found = head(read(xml)[0])
    assert (found["opening"], found["closing"]) == (opening, closing)
    assert found["complete"] is complete


def test_without_a_period_the_balances_days_are_one() -> None:
    found = head(read(camt053(statement(period="")))[0])
    assert (found["from_us"], found["to_us"]) == (MIDNIGHT, MIDNIGHT + 24 * HOUR)
    carried = balance("PRCD", "7", "2026-11-19") + balance("CLBD", "8", "2026-11-20")
    found = head(read(camt053(statement(period="", balances=carried)))[0])
    assert (found["from_us"], found["to_us"]) == (MIDNIGHT, MIDNIGHT + 24 * HOUR)


def test_several_statements_and_the_order_they_answer() -> None:
    xml = camt053(statement(), statement(entry("1", "CRDT"), name="S-2"), query="O-26-000001")
    assert iso.problems(xml) == []
    told = read(xml)
    assert [head(one)["id"] for one in told] == ["S-1", "S-2"]
    assert [one.query for one in told] == ["O-26-000001"] * 2
    assert [one.lines.table.num_rows for one in told] == [0, 1]
    assert [one.head.places[0] for one in told] == ["Stmt[1]", "Stmt[2]"]


@pytest.mark.parametrize(
    ("xml", "field", "expected"),
    [
        (statement(period="", balances=""), "Stmt[1]/FrToDt/FrDtTm", "iso.time"),
        (statement().replace("2026-11-20T18:00:00+05:00</ToDtTm>", "tonight</ToDtTm>"),
         "Stmt[1]/FrToDt/ToDtTm", "iso.time"),
        (statement().replace(iban(OWN), "<Id/>"), "Stmt[1]/Acct/Id/IBAN", "iso.element"),
        (statement(name=" "), "Stmt[1]/Id", "iso.element"),
        (statement(balances=balance("OPBD", "1.234", "2026-11-20")),
         "Stmt[1]/Bal[OPBD]/Amt", "iso.amount"),
    ],
)  # fmt: skip
def test_a_statement_without_what_makes_it_one(xml: str, field: str, expected: str) -> None:
    with pytest.raises(InputRejected) as refused:
        read(camt053(xml))
    assert (refused.value.field, refused.value.expected) == (field, expected)


def test_a_line_with_a_wrong_direction_or_sum_is_named_by_its_element() -> None:
    (told,) = read(
        camt053(statement(entry("1", "BOTH"), entry("1.234", "CRDT"), entry("1", "CRDT")))
    )
    found = [(one.place, one.text, one.expected) for one in told.lines.broken]
    assert found == [
        ("Stmt[1]/Ntry[2]/Amt", "1.234", "iso.amount"),
        ("Stmt[1]/Ntry[1]/CdtDbtInd", "BOTH", "iso.direction"),
    ]
    assert [told.lines.places[row] for row in range(told.lines.table.num_rows)] == [
        "Stmt[1]/Ntry[3]"
    ]


def ids(*entries: str) -> list[tuple[Any, Any]]:
    xml = camt053(statement(*entries))
    assert iso.problems(xml) == []
    return [(row["id"], row["side"]) for row in lines(read(xml)[0])]


def test_a_line_goes_by_the_uetr_of_its_payment_as_a_pacs_008_does() -> None:
    one = details("Cdtr", iban(OTHER), OTHER_BIC)
    within = details("Cdtr", iban("KZ86125KZT5004100100"))
    unnamed = one.replace(f"<CdtrAcct>{iban(OTHER)}</CdtrAcct>", "")
    assert ids(entry("5", "DBIT", details=one)) == [(UETR.format(1), "payer")]
    assert ids(entry("5", "DBIT", details=within)) == [(UETR.format(1), "both")]
    assert ids(entry("5", "DBIT", details=unnamed)) == [("L-1", "payer")]


def test_a_uetr_in_capitals_is_the_same_payment_s() -> None:
    told = details("Cdtr", iban(OTHER), OTHER_BIC)
    capitals = told.replace(UETR.format(1), UETR.format(1).upper())
    assert capitals != told
    (line,) = lines(read(camt053(statement(entry("5", "DBIT", details=capitals))))[0])
    assert (line["id"], line["uetr"]) == (UETR.format(1), UETR.format(1))


@pytest.mark.parametrize(("family", "sub"), [("MDOP", "CHRG"), ("ICDT", "RRTN"), ("ICDT", "RPCR")])
def test_fees_and_returns_carry_another_payment_s_uetr(family: str, sub: str) -> None:
    code = f"<Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub}</SubFmlyCd></Fmly></Domn>"
    one = details("Cdtr", iban(OTHER), OTHER_BIC)
    assert ids(entry("5", "DBIT", details=one, code=code)) == [("L-1", "payer")]
    given_back = one.replace("</TxDtls>", "<RtrInf><Rsn><Cd>FRAD</Cd></Rsn></RtrInf></TxDtls>")
    assert ids(entry("5", "DBIT", details=given_back)) == [("L-1", "payer")]


def test_what_one_statement_lists_twice_moved_twice() -> None:
    one = details("Cdtr", iban(OTHER), OTHER_BIC)
    again = "<AcctSvcrRef>L-2</AcctSvcrRef>"
    found = ids(entry("5", "DBIT", details=one), entry("5", "DBIT", details=one, reference=again))
    assert found == [(UETR.format(1), "payer"), ("L-2", "payer")]
