"""The files of an evidence pack, made of what the register keeps of a case (REQ-35)."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import delivery, opening, trails
from qalqan.cases.grounds import ground
from qalqan.cases.order_text import sealed_in
from qalqan.cases.orders import Event
from qalqan.cases.reasons import sentences
from qalqan.exchange.evidence_pack import Piece
from qalqan.model.order import Order
from qalqan.register import orm
from qalqan.trail import Document
from qalqan.trust import signing
from qalqan.trust.keys import Keys

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_REPORT = (
    "id", "channel", "methods", "methods_version", "region", "cause", "language", "victim", "words",
    "payer_account", "payer_bank", "payee_account", "amount", "currency", "crime_us",
    "discovered_us", "reported_us",
)  # fmt: skip
_ORDER = (
    "id", "kind", "partner", "state", "ground", "drafted_by", "created_us", "report_id",
    "parent_id", "account", "beneficiary", "subject", "subject_kind", "amount", "currency",
    "from_us", "to_us", "sent_us", "answered_us", "due_us", "expires_us", "effect", "escalated",
    "version",
)  # fmt: skip
_EVENT = ("order_id", "at_us", "actor", "event", "from_state", "to_state", "detail")
_APPEAL = (
    "id", "order_id", "channel", "words", "handed_by", "received_us", "state", "decided_by",
    "decided_us", "reason", "note", "undone_by",
)  # fmt: skip
_FINDING = (
    "id", "detector", "version", "subject_kind", "subject", "window_from_us", "window_to_us",
    "score", "evidence", "seal", "state", "decided_by", "decided_us",
)  # fmt: skip
_LEG = (
    "id", "at_us", "arrived_us", "payer", "payer_bank", "payee", "payee_bank", "amount",
    "instrument", "exit", "hop", "facts", "disagreement",
)  # fmt: skip


def csv_of(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table as CSV (RFC 4180, UTF-8). A text that a spreadsheet would take for a formula gets an
    apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return out.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, dict | list | tuple):
        value = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def json_of(value: Any) -> bytes:
    """A value as JSON that people can read."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()


def of_case(
    session: Session, case_id: str, orders: Sequence[Order], clear: bool
) -> Iterator[Piece]:
    """Everything that stands under tokens. A bank's own number of a payment may hold an account's:
    without the right to clear values it is told by its digest."""
    case = session.get_one(orm.Case, case_id)
    told = {
        "case": case.id, "state": case.state, "region": case.region, "opened_us": case.opened_us,
        "register_number": case.register_number, "simulated": case.simulated,
    }  # fmt: skip
    yield Piece("case.json", "register: cases", json_of(told))
    ids = [order.id for order in orders]
    events = orm.OrderEvent.order_id.in_(ids), orm.OrderEvent.id
    yield _table(session, "reports", orm.Report, _REPORT, orm.Report.case_id == case_id)
    yield _table(session, "orders", orm.Order, _ORDER, orm.Order.case_id == case_id)
    yield _table(session, "order_events", orm.OrderEvent, _EVENT, *events)
    answered = orm.OrderEvent.event == Event.ANSWER
    yield _table(session, "answers", orm.OrderEvent, _EVENT, answered & events[0], events[1])
    yield _table(session, "appeals", orm.AppealRow, _APPEAL, orm.AppealRow.case_id == case_id)
    found = trails.newest(session, case_id)
    if not clear:
        found = [_numberless(document) for document in found]
    for document in found:
        yield Piece(f"trail-{document['currency']}.json", "register: trails", json_of(document))
    yield Piece("payments.csv", "facts that the trail follows", csv_of(_LEG, _legs(found)))
    yield _findings(session, found)
    yield Piece("grounds.json", "legal grounds of the orders", json_of(list(_grounds(orders))))


def _table(
    session: Session, name: str, table: Any, columns: Sequence[str], where: Any, by: Any = None
) -> Piece:
    wanted = select(table).where(where).order_by(table.id if by is None else by)
    rows = [[getattr(row, column) for column in columns] for row in session.scalars(wanted)]
    return Piece(f"{name}.csv", f"register: {table.__tablename__}", csv_of(columns, rows))


def _numberless(document: Document) -> Document:
    legs = [
        leg | {"id": _digest(leg["id"]), "facts": [_digest(fact) for fact in leg["facts"]]}
        for leg in document["legs"]
    ]
    return document | {"legs": legs}


def _digest(number: str) -> str:
    source, _, rest = number.rpartition(":")
    return f"{source.partition(':')[0]}:{hashlib.sha256(rest.encode()).hexdigest()[:24]}"


def _legs(found: Iterable[Document]) -> Iterator[list[object]]:
    for document in found:
        for leg in document["legs"]:
            yield [leg.get(name) for name in _LEG]


def _findings(session: Session, found: Iterable[Document]) -> Piece:
    """What detectors said of the accounts that the money reached; nothing of it is guilt."""
    accounts = sorted({node["account"] for document in found for node in document["nodes"]})
    rows: list[list[object]] = []
    for start in range(0, len(accounts), 500):
        piece = accounts[start : start + 500]
        wanted = select(orm.FindingRow).where(
            orm.FindingRow.subject.in_(piece), orm.FindingRow.shadow.is_(False)
        )
        for row in session.scalars(wanted.order_by(orm.FindingRow.id)):
            rows.append([getattr(row, name) for name in _FINDING])
    return Piece("findings.csv", "register: findings", csv_of(_FINDING, rows))


def _grounds(orders: Iterable[Order]) -> Iterator[dict[str, Any]]:
    seen = {}
    for order in orders:
        row = ground(order.ground, order.kind, order.created_us)
        seen[row.code, row.valid_from_us] = row
    for row in seen.values():
        yield {
            "code": row.code, "names": dict(row.names), "source": row.source,
            "valid_from_us": row.valid_from_us, "valid_until_us": row.valid_until_us,
            "sanction": row.sanction, "confirmed_by_a_lawyer": row.confirmed,
        }  # fmt: skip


def signed(session: Session, keys: Keys, orders: Iterable[Order], clear: bool) -> Iterator[Piece]:
    """Orders as they were signed; without the right to clear values, masked and with their digest.
    A draft that nobody signed has its reason alone in `orders.csv`."""
    for order in orders:
        jws = session.scalar(select(orm.Order.jws).where(orm.Order.id == order.id))
        if jws is None:
            continue
        text = delivery.signed_text(session, keys, order.id)
        source = f"register: order {order.id}"
        if clear:
            yield Piece(f"orders/{order.id}.jws", source, text.encode())
            continue
        told = masked(signing.verify(text, keys.verify_key_pem))
        told["sha256_of_signed"] = hashlib.sha256(text.encode()).hexdigest()
        told["reason"] = sentences(order.reason)
        yield Piece(f"orders/{order.id}.json", source, json_of(told))


def masked(told: dict[str, Any]) -> dict[str, Any]:
    """What a signed order says, with accounts and phones by their last four."""
    names = ["account", "beneficiary"] + ["subject"] * (told.get("subject_kind") == "phone")
    return told | {name: f"…{told[name][-4:]}" for name in names if told.get(name)}


def tokens_of(session: Session, case_id: str, orders: Iterable[Order]) -> set[str]:
    """Every token that stands in the files of this case."""
    found = opening.of_reports(session, case_id)
    for order in orders:
        found |= sealed_in(order)
    return found
