"""Statements from camt.053: the statement itself, and each entry as a payment of its account.

An entry that stands for several payments (`TxDtls`) becomes as many lines, if their sums give the
entry's. Only booked entries count: what is pending is no payment yet. A statement is complete if
it has both booked balances and is whole (one page); whether they add up is the intake's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import BinaryIO
from zoneinfo import ZoneInfo

import pyarrow as pa

from qalqan.errors import InputRejected
from qalqan.exchange import sums, times
from qalqan.exchange.given import Broken, Given, Places
from qalqan.exchange.iso20022.entries import Line, lines_of
from qalqan.exchange.iso20022.fields import Fields
from qalqan.exchange.iso20022.parties import account, account_text, agent, bank_code, holder
from qalqan.exchange.iso20022.records import ZONE, Records
from qalqan.exchange.iso20022.stream import Element, Kind, Message, drop, elements
from qalqan.model.money import MINOR_DIGITS

STATEMENTS = Kind("camt.053", 2, 14)

MOST_LINES = 100_000
"""Lines of one statement: it is believed or not as a whole, so it is in memory as a whole."""

_HEADER = Fields({"query": "OrgnlBizQry/MsgId"})
_HEAD = Fields(
    {
        "id": "Id",
        "from": "FrToDt/FrDtTm",
        "to": "FrToDt/ToDtTm",
        "currency": "Acct/Ccy",
        "page": "StmtPgntn/PgNb",
        "last": "StmtPgntn/LastPgInd",
        **account("own", "Acct"),
        **agent("own", "Acct/Svcr"),
        **holder("own", "Acct/Ownr"),
    }
)
_BALANCE = Fields(
    {
        "code": "Tp/CdOrPrtry/Cd",
        "amount": "Amt",
        "currency": "Amt/@Ccy",
        "sign": "CdtDbtInd",
        "day": "Dt/Dt",
        "moment": "Dt/DtTm",
    }
)
_OPENINGS = ("OPBD", "PRCD")
"""The booked balance a statement opens with; else the one the statement before closed with."""
_CLOSING = "CLBD"


@dataclass(frozen=True)
class Told:
    """One statement with its lines: `head` has one record in the columns of our `statement`,
    `lines` are records of `payment`; `query` is the number of the order it answers, if it says."""

    head: Given
    lines: Given
    query: str


@dataclass
class _Open:
    """A statement whose entries are still coming."""

    head: dict[str, str]
    balances: list[dict[str, str]]
    records: Records
    entries: int = 0
    taken: int = 0
    seen: set[str] = field(default_factory=set)
    broken: list[Broken] = field(default_factory=list)


def read(source: BinaryIO) -> Iterator[Told]:
    """The statements of a message, one by one.

    Raises:
        InputRejected: as `stream.elements`; a statement without account or period, or one of
            more lines than `MOST_LINES`. The statements before it have been handed on.
    """
    query, number, current = "", 0, None
    for met in elements(source, (STATEMENTS,), ("GrpHdr", "Stmt", "Ntry")):
        element, namespace = met.element, met.message.namespace
        if met.tag == "GrpHdr" and met.is_whole:
            query = _HEADER.of(element, namespace)["query"]
            drop(element)
        elif met.tag == "Stmt" and met.is_whole:
            number += 1
            yield _told(current or _opened(element, met.message), number, query)
            current = None
            drop(element)
        elif met.tag == "Ntry":
            current = current or _opened(element.getparent(), met.message)
            if met.is_whole:
                _take(current, number + 1, lines_of(element, namespace, current.head, current.seen))
                drop(element)


def _opened(statement: Element, message: Message) -> _Open:
    """What stands before the entries: it is whole once the first of them begins."""
    namespace = message.namespace
    head = _HEAD.of(statement, namespace)
    balances = [
        _BALANCE.of(one, namespace) for one in statement.iterchildren(f"{{{namespace}}}Bal")
    ]
    head["currency"] = head["currency"] or next((b["currency"] for b in balances), "")
    return _Open(head, balances, Records("Ntry", {"amount": "Amt", "at_us": "BookgDt"}))


def _take(current: _Open, number: int, lines: Iterator[Line | Broken]) -> None:
    current.entries += 1
    for line in lines:
        current.taken += 1
        if current.taken > MOST_LINES:
            raise InputRejected(f"Stmt[{number}]", "", "iso.lines", most=MOST_LINES)
        if isinstance(line, Broken):
            place = line.place.replace("Ntry", f"Ntry[{current.entries}]", 1)
            current.broken.append(replace(line, place=place))
        else:
            current.records.add(line, current.entries)


def _told(current: _Open, number: int, query: str) -> Told:
    head, place = current.head, f"Stmt[{number}]"
    own = account_text(head, "own")
    for found, element in ((head["id"], "Id"), (own, "Acct/Id/IBAN")):
        if not found:
            raise InputRejected(f"{place}/{element}", "", "iso.element", element=element)
    opening = _balance(current.balances, _OPENINGS, place)
    closing = _balance(current.balances, (_CLOSING,), place)
    begins, ends = _period(current, place)
    whole = head["last"] in ("", "true", "1") and head["page"] in ("", "1", "01")
    row = {
        "id": head["id"],
        "account": own,
        "bank": bank_code(head, "own"),
        "currency": head["currency"],
        "from_us": begins,
        "to_us": ends,
        "opening": opening,
        "closing": closing,
        "complete": whole and opening is not None and closing is not None,
        "lines": current.taken,
    }
    table = pa.table({name: [value if value != "" else None] for name, value in row.items()})
    return Told(Given(table, Places("Stmt[{}]", first=number)), _lines(current, place), query)


def _lines(current: _Open, place: str) -> Given:
    """The lines, each naming its statement and the place of both in the message."""
    lines = current.records.batch(*current.broken)
    rows = lines.table.num_rows
    named = pa.array([current.head["id"]] * rows, pa.string())
    places = [f"{place}/{lines.places[row]}" for row in range(rows)]
    broken = tuple(replace(one, place=f"{place}/{one.place}") for one in lines.broken)
    return Given(lines.table.append_column("statement", named), places, broken)


def _balance(balances: list[dict[str, str]], codes: tuple[str, ...], place: str) -> int | None:
    """The balance of the first of these codes that is there, in minor units; a debit is below
    zero."""
    found = _of_codes(balances, codes)
    if found is None:
        return None
    digits = MINOR_DIGITS.get(found["currency"], 2)
    minor = sums.exact(found["amount"], digits)
    if minor is None:
        at = f"{place}/Bal[{found['code']}]/Amt"
        currency = found["currency"] or "—"
        raise InputRejected(at, found["amount"], "iso.amount", currency=currency, digits=digits)
    return -minor if found["sign"] == "DBIT" else minor


def _of_codes(balances: list[dict[str, str]], codes: tuple[str, ...]) -> dict[str, str] | None:
    return next((b for code in codes for b in balances if b["code"] == code), None)


def _period(current: _Open, place: str) -> tuple[int, int]:
    """The period it says, else the days of its balances: from the first moment of the opening
    one's to the last of the closing one's."""
    begins, ends = current.head["from"], current.head["to"]
    if not begins and (opening := _of_codes(current.balances, _OPENINGS)) is not None:
        begins = opening["moment"] or _day(opening["day"], opening["code"] == "PRCD")
    if not ends and (closing := _of_codes(current.balances, (_CLOSING,))) is not None:
        ends = closing["moment"] or _day(closing["day"], True)
    return _moment(begins, f"{place}/FrToDt/FrDtTm"), _moment(ends, f"{place}/FrToDt/ToDtTm")


def _day(text: str, is_next: bool) -> str:
    """A day's first moment, or that of the next one."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return text
    return (day + timedelta(days=is_next)).isoformat()


def _moment(text: str, at: str) -> int:
    found = times.micros_of(text, "iso", ZoneInfo(ZONE))
    if found is None:
        raise InputRejected(at, text, "iso.time")
    return found
