"""Operators and providers as the centre sees them: numbers to be put in order, legs that nobody
matched, requests for logs; and one item of compliance (REQ-48, 49, 51)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from qalqan.cases import compliance, compliance_list, providers, sim_law
from qalqan.cases.compliance import LONGEST_WORDS, MOVES, Event, State
from qalqan.cases.compliance_list import Standing
from qalqan.cases.providers import OUTCOMES, Provider
from qalqan.detectors.sentence import title
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.register import orm, rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.catalogue import has
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console.entrance import Field
from qalqan.web.console.findings_page import shown, spoken
from qalqan.web.console.pages import page
from qalqan.web.console.reader import Reader, reader_of
from qalqan.web.errors import problem_of

router = APIRouter(include_in_schema=False)

ItemId = Annotated[str, Path(max_length=20, pattern=r"^[A-Z0-9-]+$")]
Finding = Annotated[int, Form(ge=1, lt=2**63)]
Words = Annotated[str, Form(max_length=2000)]
MOST = 100


@dataclass(frozen=True)
class Row:
    """One operator of the list."""

    of: Provider
    standing: Standing
    unmatched: str
    """What was seen of its legs, in words."""


@dataclass(frozen=True)
class Asking:
    """A finding that operators may be asked about."""

    row: orm.FindingRow
    title: str
    subject: str
    seen: str


@router.get("/operators")
def show(request: Request, officer: ThePageOfficer) -> Response:
    """Each operator, its items, and what can be asked."""
    return _operators(request, officer)


@router.post("/compliance")
def ask(request: Request, officer: FormOfficer, finding: Finding) -> Response:
    """Ask the operators about their numbers of a finding."""
    try:
        with database_of(request).write() as session:
            compliance.ask(session, officer, finding)
    except InputRejected as error:
        told = problem_of(error, language_of(request)).error["message"]
        return _operators(request, officer, 422, str(told))
    return RedirectResponse("/operators#items", 303)


@router.get("/compliance/{item}")
def show_item(request: Request, officer: ThePageOfficer, item: ItemId) -> Response:
    """One item with its history."""
    return _item(request, officer, item)


@router.post("/compliance/{item}/judge")
def judge(
    request: Request, officer: FormOfficer, item: ItemId, event: Field = "", words: Words = ""
) -> Response:
    """Close an item, or ask again."""
    rights.check(officer, Right.DRAFT)
    try:
        wanted = Event.AGAIN if event == Event.AGAIN else Event.CLOSE
        with database_of(request).write() as session:
            compliance.judge(session, officer, item, wanted, words)
    except (InputRejected, Conflict) as error:
        problem = problem_of(error, language_of(request))
        return _item(request, officer, item, problem.status, str(problem.error["message"]))
    return RedirectResponse(f"/compliance/{item}", 303)


def _operators(
    request: Request, officer: SignedIn, status: int = 200, problem: str = ""
) -> Response:
    rights.check(officer, Right.FINDINGS)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        standings = {row.partner: row for row in compliance_list.standings(session)}
        rows = [_row(reader, each, standings) for each in providers.providers(session)]
        items = session.scalars(
            select(orm.ComplianceItem).order_by(orm.ComplianceItem.id.desc()).limit(MOST)
        ).all()
        asking = [_asking(reader, row) for row in compliance.askable(session)]
    return page(
        request, "operators.html", officer, status, reader=reader, rows=rows, items=items,
        asking=asking, outcomes=OUTCOMES, stands=compliance_list.stands, problem=problem,
        term=sim_law.term(sim_law.CHECK, reader.now_us),
    )  # fmt: skip


def _row(reader: Reader, of: Provider, standings: dict[str, Standing]) -> Row:
    found = of.unmatched
    seen = spoken(reader, found.detector, found.evidence) if found is not None else ""
    return Row(of, standings.get(of.code, Standing(of.code, 0, 0, 0, 0)), seen)


def _asking(reader: Reader, row: orm.FindingRow) -> Asking:
    known = has(f"detectors.{row.detector}.title")
    name = title(row.detector, reader.language) if known else row.detector
    return Asking(row, name, shown(row.subject), spoken(reader, row.detector, row.evidence))


def _item(
    request: Request, officer: SignedIn, number: str, status: int = 200, problem: str = ""
) -> Response:
    rights.check(officer, Right.FINDINGS)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        item = session.get(orm.ComplianceItem, number)
        if item is None:
            raise NotFound("compliance", number)
        asking = _asking(reader, session.get_one(orm.FindingRow, item.finding))
        steps = compliance_list.history(session, number)
    state = compliance_list.stands(item, reader.now_us)
    may = [e for e in (Event.CLOSE, Event.AGAIN) if (State(item.state), e) in MOVES]
    return page(
        request, "compliance_item.html", officer, status, reader=reader, item=item, state=state,
        asking=asking, steps=steps, events=may, shown=shown, problem=problem,
        longest=LONGEST_WORDS, term=sim_law.term(item.term, item.asked_us),
    )  # fmt: skip
