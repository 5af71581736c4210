"""A victim's report: taken, a case opened, the payer's bank asked, in one transaction.

A report alone holds nothing: it only makes the payer's bank confirm or deny the payment (REQ-44;
DESIGN section 7, 2). Besides the payment it carries method codes (REQ-33), region (REQ-17), cause
(REQ-88), and the times of crime, discovery and report, whose delay is the figure to beat (REQ-16).
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import codes, entities, order_book, reasons, standing
from qalqan.cases.entities import IdentifierIn
from qalqan.cases.grounds import usual_ground
from qalqan.cases.policy import PursuitPolicy, current
from qalqan.cases.report_body import Checked, check
from qalqan.cases.report_body import ReportIn as ReportIn
from qalqan.cases.report_body import check_times as check_times
from qalqan.errors import Conflict, InputRejected
from qalqan.model.order import Kind, Order, State
from qalqan.register import audit, names, numbers, orm, vault
from qalqan.register.database import Database
from qalqan.trust import tokens
from qalqan.trust.keys import Keys
from qalqan.trust.passwords import hash_secret


@dataclass(frozen=True)
class ReportTaken:
    """Numbers of the report and its case, and the victim's receipt for asking about them."""

    report: str
    case: str
    receipt: str


def take_report(
    database: Database,
    keys: Keys,
    body: ReportIn,
    channel: str,
    idempotency_key: str | None = None,
) -> ReportTaken:
    """Take a report that came by `channel` (a partner's code); the same key again is the same
    report.

    Raises:
        InputRejected: a value that can't be, or a payer's bank that is no partner.
        Conflict: the key came before with another report.
        NotAllowed: no policy in force that two people approved.
    """
    now = clock.now_us()
    checked = check(body, now)
    told = _told(keys, body, checked)
    try:
        with database.write() as session:
            before = _earlier(session, keys, channel, idempotency_key, told, body.identifiers)
            if before is not None:
                return before
            bank = _bank(session, checked.payer_bank)
            _keep_personal(session, keys, body, checked)
            report = _open(session, keys, told, channel, idempotency_key, now, checked.age)
            entities.keep_told(session, keys, report, body.identifiers)
            if name := _name(body):
                names.keep(session, keys, "victim", report.id, name)
            order_book.draft(session, _confirm(report, bank, current(session, now), now))
            standing.refresh(session, [report.case_id])
            return ReportTaken(report.id, report.case_id, _receipt(keys, report.id))
    except IntegrityError:  # the same key at the same moment, on PostgreSQL
        with database.session() as session:
            before = _earlier(session, keys, channel, idempotency_key, told, body.identifiers)
        if before is None:
            raise
        return before


def _earlier(
    session: Session,
    keys: Keys,
    channel: str,
    key: str | None,
    told: Mapping[str, Any],
    named: Sequence[IdentifierIn],
) -> ReportTaken | None:
    if key is None:
        return None
    row = session.scalar(
        select(orm.Report).where(orm.Report.channel == channel, orm.Report.idempotency_key == key)
    )
    if row is None:
        return None
    differs = any(getattr(row, name) != value for name, value in told.items())
    if differs or not entities.has_all(session, keys, row.case_id, named):
        raise Conflict("report", key, f"taken as {row.id}", "take another report")
    return ReportTaken(row.id, row.case_id, _receipt(keys, row.id))


def _bank(session: Session, bank_code: str) -> orm.Partner:
    bank = session.scalar(
        select(orm.Partner).where(orm.Partner.bank_code == bank_code, orm.Partner.active)
    )
    if bank is None:
        raise InputRejected("payer_account", bank_code, "report.own_bank")
    return bank


def _receipt(keys: Keys, report_id: str) -> str:
    """The victim's receipt code: can't be guessed, and a repeated report gives the same one."""
    mark = hmac.digest(keys.token_key("document"), f"receipt {report_id}".encode(), "sha256")
    return base64.b32encode(mark[:10]).decode()


def _told(keys: Keys, body: ReportIn, checked: Checked) -> dict[str, Any]:
    """What the report says as the register keeps it: personal values as tokens."""

    def named(klass: str, value: str | None) -> str | None:
        return tokens.token(keys, klass, value) if value else None

    return {
        "methods": list(checked.methods),
        "region": body.region,
        "cause": body.cause,
        "language": body.language,
        "victim": named("person", checked.victim),
        "victim_name": named("name", _name(body)),
        "words": named("words", body.words),
        "payer_account": named("account", checked.payer_account),
        "payer_bank": checked.payer_bank,
        "payee_account": named("account", checked.payee_account),
        "amount": body.amount,
        "currency": body.currency,
        "crime_us": body.crime_us,
        "discovered_us": body.discovered_us,
        "reported_us": body.reported_us,
    }


def _name(body: ReportIn) -> str | None:
    return " ".join((body.victim_name or "").split()) or None


def _keep_personal(session: Session, keys: Keys, body: ReportIn, checked: Checked) -> None:
    for klass, value in (
        ("person", checked.victim),
        ("name", _name(body)),
        ("words", body.words),
        ("account", checked.payer_account),
        ("account", checked.payee_account),
    ):
        if value:
            vault.keep(session, keys, klass, value)


def _open(
    session: Session,
    keys: Keys,
    told: Mapping[str, Any],
    channel: str,
    idempotency_key: str | None,
    now: int,
    age: str | None,
) -> orm.Report:
    """A new case with its report."""
    case = orm.Case(id=numbers.next_id(session, "C"), region=told["region"], opened_us=now)
    session.add(case)
    session.flush()
    report_id = numbers.next_id(session, "R")
    report = orm.Report(
        id=report_id,
        case_id=case.id,
        channel=channel,
        idempotency_key=idempotency_key,
        receipt_hash=hash_secret(_receipt(keys, report_id)),
        methods_version=codes.code_book(now).version,
        age=age,
        **told,
    )
    session.add(report)
    session.flush()
    audit.note(session, f"partner:{channel}", "report", "case", case.id, report=report_id)
    return report


def ask_again(session: Session, report: orm.Report) -> Order:
    """Ask the payer's bank about a report once more: what it said was about another payment.

    Raises:
        NotAllowed: no policy in force that two people approved.
    """
    now, of = clock.now_us(), (orm.Order.report_id == report.id, orm.Order.kind == Kind.CONFIRM)
    earlier = len(order_book.find(session, *of))
    asked = _confirm(report, _bank(session, report.payer_bank), current(session, now), now)
    key = f"{asked.idempotency_key}:{earlier}"
    return order_book.draft(session, replace(asked, idempotency_key=key))


def _confirm(report: orm.Report, bank: orm.Partner, policy: PursuitPolicy, now: int) -> Order:
    """The question to the payer's bank: did this customer pay this sum?"""
    return Order(
        id="",
        case_id=report.case_id,
        report_id=report.id,
        kind=Kind.CONFIRM,
        partner=bank.code,
        state=State.DRAFTED,
        ground=usual_ground(Kind.CONFIRM, now).code,
        drafted_by=policy.actor,
        idempotency_key=f"confirm:{report.id}",
        created_us=now,
        account=report.payer_account,
        beneficiary=report.payee_account,
        amount=report.amount,
        currency=report.currency,
        from_us=max(0, report.crime_us - policy.confirm_before_us),
        to_us=min(now, report.crime_us + policy.confirm_after_us),
        reason=reasons.reason(
            "confirm",
            amount=reasons.money(report.amount, report.currency),
            at=reasons.when(report.crime_us),
        ),
        due_us=now + policy.due_in(Kind.CONFIRM),
    )
