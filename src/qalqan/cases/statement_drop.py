"""A bank's statement dropped onto a case by an officer: what its file says, before it is taken
(REQ-19, 42, 44).

The file is kept as a document of the case; `cases.statement_taken` takes it when he confirms.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import documents, order_book, statement_file
from qalqan.cases.statement_file import Told
from qalqan.errors import InputRejected
from qalqan.exchange.given import Given
from qalqan.lake.checked import Checked, Terms, check
from qalqan.lake.memory import Memory
from qalqan.lake.statements import named
from qalqan.model.order import WAITING, Kind, Order
from qalqan.register import orm
from qalqan.register.rights import Person
from qalqan.text.mask import mask_value
from qalqan.trust.keys import Keys

SHOWN = 50
"""Refused rows that a preview shows."""


@dataclass(frozen=True)
class Refused:
    """One row that can't be taken."""

    place: str
    field: str
    value: str
    expected: str
    params: dict[str, Any]


@dataclass(frozen=True)
class Understood:
    """What a dropped file says; sums minor units, times UTC microseconds."""

    document: orm.CaseDocument
    partner: str
    form: str
    account: str | None
    """Token."""
    currency: str | None
    from_us: int | None
    to_us: int | None
    opening: int | None
    closing: int | None
    read: int
    incoming: int
    outgoing: int
    refused: tuple[Refused, ...]
    refused_in_all: int
    adds_up: bool | None
    """Whether opening, lines and closing agree; None if a balance is not told."""
    order: Order | None
    """The open order that it answers."""
    known: bool
    """The case's money has come to this account, as far as is known."""


@dataclass(frozen=True)
class Dropped:
    """Where the file stands and whose it is."""

    case_id: str
    document: str
    partner: str


def understand(
    session: Session, keys: Keys, home: Path, officer: Person, dropped: Dropped
) -> Understood:
    """Read a kept file without taking anything; a write transaction, for reading is on record.

    Raises:
        NotAllowed, NotFound: as `documents.read`. InputRejected: not a statement of this bank.
    """
    document, told, bank = told_of(session, keys, home, officer, dropped)
    lines = _checked(keys, "payment", dropped.partner, told.lines, bank)
    head = head_of(keys, told, dropped.partner, bank)
    incoming, outgoing = _moved(lines.facts, head.get("account"))
    opening, closing = head.get("opening"), head.get("closing")
    balanced = (
        None if opening is None or closing is None else opening + incoming - outgoing == closing
    )
    refused = _refused(lines, told)
    return Understood(
        document=document,
        partner=dropped.partner,
        form=told.form,
        account=head.get("account"),
        currency=head.get("currency"),
        from_us=head.get("from_us"),
        to_us=head.get("to_us"),
        opening=opening,
        closing=closing,
        read=told.lines.read,
        incoming=incoming,
        outgoing=outgoing,
        refused=tuple(refused[:SHOWN]),
        refused_in_all=len(refused),
        adds_up=balanced and not refused if balanced is not None else None,
        order=open_order(session, dropped, head.get("account")),
        known=_is_known(session, dropped.case_id, head.get("account")),
    )


def told_of(
    session: Session, keys: Keys, home: Path, officer: Person, dropped: Dropped
) -> tuple[orm.CaseDocument, Told, str]:
    """The kept document, what its file tells, and the bank's code; that it was read stands in the
    record. Raises as `understand`."""
    partner = bank_of(session, dropped.partner)
    document, data = documents.read(
        session, keys, officer, dropped.case_id, dropped.document, f"{dropped.case_id}: statement"
    )
    told = statement_file.read(data, statement_file.own_mapping(home, partner.code))
    return document, told, partner.bank_code or ""


def bank_of(session: Session, code: str) -> orm.Partner:
    """The bank of that code.

    Raises:
        InputRejected: no active partner with accounts.
    """
    partner = session.get(orm.Partner, code) if code.isascii() and code.isprintable() else None
    if partner is None or not partner.active or not partner.bank_code:
        raise InputRejected("partner", code, "statement.bank")
    return partner


def banks(session: Session) -> list[str]:
    """Codes of the banks whose statements can be dropped."""
    of = select(orm.Partner.code).where(orm.Partner.bank_code.is_not(None), orm.Partner.active)
    return sorted(session.scalars(of))


def _checked(keys: Keys, kind: str, partner: str, given: Given, bank: str) -> Checked:
    columns = [name for name in given.table.column_names if name != "statement"]
    return check(kind, partner, named(keys, given, columns), keys, Terms({bank}), Memory())


def head_of(keys: Keys, told: Told, partner: str, bank: str) -> dict[str, Any]:
    """The statement's own values; nothing for payments alone.

    Raises:
        InputRejected: a value of it that can't be.
    """
    if told.head is None:
        return {}
    checked = _checked(keys, "statement", partner, told.head, bank)
    for row, reason in checked.refusals:
        column = told.head.table.column_names
        value = told.head.table[reason.field][row].as_py() if reason.field in column else ""
        raise InputRejected(reason.field, value, reason.expected, **reason.params)
    (head,) = checked.facts.to_pylist()
    return dict(head)


def _moved(facts: pa.Table, account: str | None) -> tuple[int, int]:
    """What came to the account and what left it; of payments alone, all that is told."""

    def total(end: str) -> int:
        values = facts
        if account is not None:
            mine = pc.equal(facts[end].cast(pa.string()), account)
            values = facts.filter(pc.fill_null(mine, False))
        return int(pc.sum(values["amount"].cast(pa.decimal128(38))).as_py() or 0)

    return total("payee_account"), total("payer_account")


def _refused(checked: Checked, told: Told) -> list[Refused]:
    table, places = checked.given.table, told.lines.places
    found = [
        Refused(
            places[row],
            reason.field,
            mask_value(
                table[reason.field][row].as_py() if reason.field in table.column_names else ""
            ),
            reason.expected,
            dict(reason.params),
        )
        for row, reason in checked.refusals
    ]
    return found + [
        Refused(one.place, "record", "", one.expected, one.params) for one in told.lines.broken
    ]


def open_order(session: Session, dropped: Dropped, account: str | None) -> Order | None:
    """The open statement order of that bank about this account, the oldest."""
    if account is None:
        return None
    found = order_book.find(
        session,
        orm.Order.case_id == dropped.case_id,
        orm.Order.kind == Kind.STATEMENT,
        orm.Order.partner == dropped.partner,
        orm.Order.account == account,
        orm.Order.state.in_(sorted(WAITING)),
    )
    return found[0] if found else None


def _is_known(session: Session, case_id: str, account: str | None) -> bool:
    return account is not None and session.get(orm.CaseAccount, (case_id, account)) is not None
