"""The head of every page of a case: its name, state, owner and number, and the tabs with their
counts (REQ-18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import Session

from qalqan.cases import codes
from qalqan.cases.opening import Sealed, sealed
from qalqan.register import orm, rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.web.console.reader import Reader

TABS = ("overview", "entities", "orders", "evidence", "tasks", "documents", "looked")
"""In the order of their keys, 1 to 7."""
PATHS: Mapping[str, str] = {tab: f"/{tab}" for tab in TABS} | {"overview": ""}
"""Tab → the end of its address, after the case's."""


@dataclass(frozen=True)
class Head:
    """What stands above the tabs."""

    case: orm.Case
    tab: str
    title: str
    is_campaign: bool
    """Calls that edges stopped, and no report of money yet."""
    reports: int
    first: orm.Report | None
    victim: Sealed | None
    counts: Mapping[str, int]
    """Tab → how much there is."""

    @property
    def path(self) -> str:
        """The case's own address."""
        return f"/cases/{self.case.id}"

    @property
    def tabs(self) -> Mapping[str, str]:
        """Tab → the end of its address."""
        return PATHS

    @property
    def is_open(self) -> bool:
        """Whether it is worked on."""
        return self.case.state == "open"


def head_of(session: Session, reader: Reader, officer: SignedIn, case_id: str, tab: str) -> Head:
    """The head of a case's page.

    Raises:
        NotFound: no such case. NotAllowed: it is out of view.
    """
    case = rights.check_case(session, officer, Right.CASES, case_id)
    wanted = select(orm.Report).where(orm.Report.case_id == case_id).order_by(orm.Report.id)
    reports = session.scalars(wanted).all()
    first = reports[0] if reports else None
    campaign = not reports and _has_campaign(session, case_id)
    return Head(
        case=case,
        tab=tab,
        title=reader.say("console.case.campaign") if campaign else title_of(reader, reports),
        is_campaign=campaign,
        reports=len(reports),
        first=first,
        victim=sealed(first.victim) if first else None,
        counts=_counts(session, case_id),
    )


def _has_campaign(session: Session, case_id: str) -> bool:
    found = select(orm.CallCampaign.id).where(orm.CallCampaign.case_id == case_id).limit(1)
    return session.scalar(found) is not None


def title_of(reader: Reader, reports: Sequence[orm.Report]) -> str:
    """How a case is called: by the method of its first report."""
    for report in reports:
        book = codes.code_book_of(report.methods_version).methods
        for code in report.methods:
            if book[code]["part"] == codes.METHOD:
                return reader.method(code, report.methods_version)
    return reader.say("console.case.untitled")


def _counts(session: Session, case_id: str) -> Mapping[str, int]:
    """All counts by one question."""
    documents = orm.CaseDocument
    of = {
        "entities": _count(orm.CaseEntity.case_id == case_id),
        "orders": _count(orm.Order.case_id == case_id),
        "evidence": _count(documents.case_id == case_id, documents.kind == "evidence"),
        "documents": _count(documents.case_id == case_id, documents.kind != "evidence"),
        "tasks": _count(orm.CaseTask.case_id == case_id, orm.CaseTask.state == "open"),
        "notes": _count(orm.CaseNote.case_id == case_id),
    }
    row = session.execute(select(*of.values())).one()
    return dict(zip(of, row, strict=True))


def _count(*where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).where(*where).scalar_subquery()
