"""Whom a confirmed finding is about stands among the identifiers of his cases (REQ-18, 39).

A case is his if its money has reached his account, if one of its orders or a drop seen in it names
him, or if the officer who confirms names the case. Taken back is only what nobody else has told.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from qalqan.cases import entities
from qalqan.cases.entities import CANONICAL, FINDING, FOUND
from qalqan.errors import InputRejected, NotFound
from qalqan.register import audit, orm, rights
from qalqan.register.orm import CaseEntity, FindingRow
from qalqan.register.rights import Person, Right

CONFIRMED = "confirmed"
_AS = {**{kind: kind for kind in (*CANONICAL, *FOUND)}, "company": "person",
       "sole_trader": "person"}  # fmt: skip
"""Kind of a finding's subject → kind of identifier."""


def check_case(session: Session, officer: Person, case_id: str) -> None:
    """Whether an officer may say that a finding belongs to a case.

    Raises:
        NotAllowed: as `rights.check_case`. InputRejected: no such case.
    """
    try:
        rights.check_case(session, officer, Right.CASEWORK, case_id)
    except NotFound:
        raise InputRejected("case", case_id, "findings.case") from None


def follow(
    session: Session, finding: FindingRow, before: str, login: str, case_id: str = ""
) -> None:
    """What somebody's word on a finding changes in cases; `case_id`: one that he names."""
    if finding.state == CONFIRMED:
        named = {case_id} if case_id else set()
        _keep(session, finding, login, named | _cases_of(session, finding.subject))
    elif before == CONFIRMED:
        _take_back(session, finding, login)


def _keep(session: Session, finding: FindingRow, login: str, cases: Iterable[str]) -> None:
    if finding.subject_kind not in _AS:
        return
    told = _AS[finding.subject_kind], finding.subject, finding.window_from_us
    for case_id in sorted(set(cases) - _having(session, finding)):
        entities.keep(session, case_id, [told], FINDING, login)
        _note(session, login, "add_identifier", case_id, finding)


def _take_back(session: Session, finding: FindingRow, login: str) -> None:
    kind = _AS.get(finding.subject_kind)
    same = FindingRow.subject_kind.in_([one for one, other in _AS.items() if other == kind])
    others = select(FindingRow.id).where(
        same, FindingRow.subject == finding.subject, FindingRow.state == CONFIRMED,
        FindingRow.id != finding.id,
    )  # fmt: skip
    if session.scalar(others.limit(1)) is not None:
        return
    mine = (
        CaseEntity.subject == finding.subject, CaseEntity.kind == kind,
        CaseEntity.source == FINDING,
    )  # fmt: skip
    for case_id in session.scalars(select(CaseEntity.case_id).where(*mine).order_by("case_id")):
        _note(session, login, "remove_identifier", case_id, finding)
    session.execute(delete(CaseEntity).where(*mine))


def _having(session: Session, finding: FindingRow) -> set[str]:
    """Cases that have this identifier."""
    of = select(CaseEntity.case_id).where(
        CaseEntity.subject == finding.subject, CaseEntity.kind == _AS[finding.subject_kind]
    )
    return set(session.scalars(of))


def _cases_of(session: Session, subject: str) -> set[str]:
    """Cases whose money, orders or drops name a subject."""
    order, drop = orm.Order, orm.DropCase
    accounts = select(orm.DropAccount.drop_id).where(orm.DropAccount.account == subject)
    people = select(orm.Drop.id).where(orm.Drop.person == subject)
    queries = (
        select(orm.CaseAccount.case_id).where(orm.CaseAccount.account == subject),
        select(order.case_id).where(order.account == subject),
        select(order.case_id).where(order.subject == subject),
        select(drop.case_id).where(drop.drop_id.in_(accounts)),
        select(drop.case_id).where(drop.drop_id.in_(people)),
    )
    return {case_id for query in queries for case_id in session.scalars(query)}


def _note(session: Session, login: str, act: str, case_id: str, finding: FindingRow) -> None:
    audit.note(session, login, act, "case", case_id, kind=finding.subject_kind, finding=finding.id)
