"""A bank's statement dropped onto a case by an officer: understood first, taken when he confirms
(REQ-19, 42, 44).

The file is kept as a document of the case. If the bank was asked for a statement of that account
and has not answered, this is its answer, brought by an officer, whom the order's history and the
audit name; otherwise its lines come in as facts of that bank. Either way the trail moves on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import answers, documents, order_book, statement_file, trails
from qalqan.cases.statement_file import Told
from qalqan.errors import Conflict, InputRejected
from qalqan.exchange.given import Given
from qalqan.exchange.order_message import Answer, PaymentLine, StatementBody
from qalqan.lake.checked import Checked, Terms, check
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.lake.memory import Memory
from qalqan.lake.statements import named, take_statement
from qalqan.model.identifiers import account as accounts
from qalqan.model.order import WAITING, Kind, Order, Outcome
from qalqan.register import audit, jobs, orm, rights
from qalqan.register.rights import Person, Right
from qalqan.text.mask import mask_value
from qalqan.trust.keys import Keys

SHOWN = 50
"""Refused rows that a preview shows."""
SEAL = "seal"


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
    document, told, bank = _told(session, keys, home, officer, dropped)
    lines = _checked(keys, "payment", dropped.partner, told.lines, bank)
    head = _head(keys, told, dropped.partner, bank)
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
        order=_asked(session, dropped, head.get("account")),
        known=_is_known(session, dropped.case_id, head.get("account")),
    )


def confirm(
    centre: Centre, home: Path, officer: Person, dropped: Dropped, as_answer: bool
) -> Order | None:
    """Take what the file says: as the answer to the open order, or as facts of the bank.

    Raises:
        As `understand`; Conflict: it was taken already, or no order waits for it. InputRejected:
            an answer that contradicts the order or itself.
    """
    keys = centre.keys
    with centre.database.write() as session:
        rights.check_case(session, officer, Right.CASEWORK, dropped.case_id)
        document, told, bank = _told(session, keys, home, officer, dropped)
        if document.taken_us is not None:
            raise Conflict("document", document.id, "taken", "take")
        head = _head(keys, told, dropped.partner, bank)
        order = _asked(session, dropped, head.get("account"))
    if as_answer:
        if order is None or told.head is None:
            raise Conflict("document", dropped.document, "no open order", "answer")
        answer = _answer(keys, told, order, dropped)
        order = answers.take_answer(
            centre.database, keys, dropped.partner, answer, brought_by=officer.login
        )
    else:
        _land(centre, told, dropped, bank)
    _note(centre, officer, dropped, order if as_answer else None)
    return order if as_answer else None


def _told(
    session: Session, keys: Keys, home: Path, officer: Person, dropped: Dropped
) -> tuple[orm.CaseDocument, Told, str]:
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


def _head(keys: Keys, told: Told, partner: str, bank: str) -> dict[str, Any]:
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


def _asked(session: Session, dropped: Dropped, account: str | None) -> Order | None:
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


def _answer(keys: Keys, told: Told, order: Order, dropped: Dropped) -> Answer:
    """The answer as the bank would have sent it.

    Raises:
        InputRejected: rows that can't be taken: then it is no whole statement.
    """
    if told.head is None or told.lines.broken:
        raise InputRejected("file", "", "statement.whole")
    (head,) = told.head.table.to_pylist()
    columns = [name for name in told.lines.table.column_names if name != "statement"]
    rows = [_said(row) for row in named(keys, told.lines, columns).table.to_pylist()]
    try:
        body = StatementBody(
            id=str(head.get("id") or dropped.document),
            account=accounts.canonical(str(head["account"])).text,
            currency=head.get("currency") or "KZT",
            from_us=head["from_us"],
            to_us=_covered(head["to_us"], rows),
            opening=head.get("opening"),
            closing=head.get("closing"),
            complete=head.get("complete", True),
            lines=[PaymentLine.model_validate(row) for row in rows],
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise InputRejected(place, first.get("input", ""), "statement.whole") from None
    return Answer(order=order.id, outcome=Outcome.STATEMENT, statement=body)


_NUMBERS = frozenset({"at_us", "amount", "balance"})


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """A line as an answer says it: sums and times are numbers, all else is text."""
    said: dict[str, Any] = {}
    for name, value in row.items():
        if value is None or name not in PaymentLine.model_fields:
            continue
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        is_number = name in _NUMBERS and text.removeprefix("-").isdigit()
        said[name] = int(text) if is_number else text
    return said


def _covered(to_us: int, rows: list[dict[str, Any]]) -> int:
    """Until when the books are told: a period that has not ended yet, until its last line."""
    if to_us <= clock.now_us():
        return to_us
    return max((row["at_us"] for row in rows if isinstance(row.get("at_us"), int)), default=to_us)


def _land(centre: Centre, told: Told, dropped: Dropped, bank: str) -> None:
    name = f"{dropped.case_id} {dropped.document}"
    facts = HandIn("payment", dropped.partner, name, Terms({bank}, retold=True))
    if told.head is None:
        columns = told.lines.table.column_names
        take(centre, facts, named(centre.keys, told.lines, columns))
        return
    table = told.head.table
    at = table if "at_us" in table.column_names else table.append_column("at_us", table["to_us"])
    take_statement(centre, facts, replace(told.head, table=at), told.lines)


def _note(centre: Centre, officer: Person, dropped: Dropped, order: Order | None) -> None:
    with centre.database.write() as session:
        document = documents.get(session, dropped.case_id, dropped.document)
        now = document.taken_us = clock.now_us()
        about = f"{dropped.document} {dropped.partner} {order.id if order else ''}".strip()
        session.add(
            orm.CaseEvent(
                case_id=dropped.case_id, at_us=now, by=officer.login, event="statement", note=about
            )
        )
        audit.note(
            session, officer.login, "statement_drop", "case", dropped.case_id,
            document=dropped.document, partner=dropped.partner, order=order.id if order else None,
        )  # fmt: skip
        jobs.wake(session, SEAL, "lake")
        trails.pursue_later(session, [dropped.case_id])
