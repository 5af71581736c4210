"""A dropped statement, confirmed by the officer who brought it (REQ-19, 42, 44).

If the bank was asked for a statement of that account and has not answered, this is its answer,
brought by an officer, whom the order's history and the audit name; otherwise its lines come in as
facts of that bank. Either way the trail moves on.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from qalqan import clock
from qalqan.cases import answers, documents, trails
from qalqan.cases.statement_drop import Dropped, head_of, open_order, told_of
from qalqan.cases.statement_file import Told
from qalqan.errors import Conflict, InputRejected
from qalqan.exchange.order_message import Answer, PaymentLine, StatementBody
from qalqan.lake.checked import Terms
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.lake.statements import named, take_statement
from qalqan.model.identifiers import account as accounts
from qalqan.model.order import Order, Outcome
from qalqan.register import audit, jobs, orm, rights
from qalqan.register.leases import hold
from qalqan.register.rights import Person, Right
from qalqan.trust.keys import Keys

SEAL = "seal"
TERM_S = 30.0
"""After the death of whoever was taking a file, another may after so many seconds."""


def confirm(
    centre: Centre, home: Path, officer: Person, dropped: Dropped, as_answer: bool
) -> Order | None:
    """Take what the file says: as the answer to the open order, or as facts of the bank.

    Raises:
        As `understand`; Conflict: it was taken already or is just being taken, or no order waits
            for it. InputRejected: an answer that contradicts the order or itself.
    """
    with ExitStack() as alone:
        try:
            alone.enter_context(hold(centre.database, f"statement {dropped.document}", TERM_S))
        except Conflict:
            raise Conflict("document", dropped.document, "being taken", "take") from None
        return _confirmed(centre, home, officer, dropped, as_answer)


def _confirmed(
    centre: Centre, home: Path, officer: Person, dropped: Dropped, as_answer: bool
) -> Order | None:
    keys = centre.keys
    with centre.database.write() as session:
        rights.check_case(session, officer, Right.CASEWORK, dropped.case_id)
        rights.check(officer, Right.DRAFT)  # it speaks in a bank's name, as an answer on paper does
        document, told, bank = told_of(session, keys, home, officer, dropped)
        if document.taken_us is not None:
            raise Conflict("document", document.id, "taken", "take")
        head = head_of(keys, told, dropped.partner, bank)
        order = open_order(session, dropped, head.get("account"))
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
