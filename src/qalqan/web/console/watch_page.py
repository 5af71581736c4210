"""Who is to be warned, and how soon money leaves an account, as measured (REQ-44, 90)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from qalqan.cases import hazards, warned
from qalqan.cases.opening import Sealed, sealed
from qalqan.cases.policy import current
from qalqan.clock import DAY
from qalqan.errors import Conflict, NotAllowed, NotFound
from qalqan.register import orm, rights
from qalqan.register.rights import Right
from qalqan.text.show import share
from qalqan.trail.hazard import AGES_US, LEAST_ARRIVALS, MILLION, Curve, Hazard, judged
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.api.payers import WarningId
from qalqan.web.console.pages import page
from qalqan.web.console.reader import Reader, reader_of
from qalqan.web.looks import shows

router = APIRouter(include_in_schema=False)

A_PAGE = 200
_DONE = {"marked": "console.warnings.marked", "taken": "console.warnings.taken"}
_WHY = {"held": "console.warnings.why_held", "found": "console.warnings.why_found"}


@dataclass(frozen=True)
class Payer:
    """One payment whose payer is to be warned."""

    row: orm.PayerToWarn
    payer: Sealed
    payee: Sealed


@dataclass(frozen=True)
class Measured:
    """One row of the hazard's table."""

    name: str
    arrivals: int
    left: tuple[tuple[str, str], ...]
    """Share gone by each age, and its interval."""
    used: bool


@router.get("/warnings")
def show_warnings(request: Request, officer: ThePageOfficer, done: str = "") -> Response:
    """The list; that somebody looked stands in the audit."""
    rows = warned.look(database_of(request), officer, A_PAGE)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        kept_us = _kept_us(session, reader.now_us)
    shows(request, [row.case_id for row in rows])
    payers = [Payer(row, sealed(row.payer_account), sealed(row.account)) for row in rows]
    return page(
        request, "warnings.html", officer, reader=reader, payers=payers, kept_us=kept_us,
        done=_DONE.get(done, ""), why=_WHY,
    )  # fmt: skip


def _kept_us(session: Session, now_us: int) -> int:
    try:
        return current(session, now_us).warning_us
    except NotAllowed:
        return 3 * DAY


@router.post("/warnings/{warning}/warned")
def mark(request: Request, officer: FormOfficer, warning: WarningId) -> Response:
    """Note that an officer has warned the payer."""
    rights.check(officer, Right.WARN)
    try:
        warned.mark(database_of(request), warning, officer.login)
    except (Conflict, NotFound):
        return RedirectResponse("/warnings?done=taken", 303)
    return RedirectResponse("/warnings?done=marked", 303)


@router.get("/hazard")
def show_hazard(request: Request, officer: ThePageOfficer) -> Response:
    """The estimate that plans are made by, with samples and intervals."""
    rights.check(officer, Right.CASES)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        found = hazards.current(session)
        answers = {reader.bank(bank): us for bank, us in found.answers_us.items()}
    return page(
        request, "hazard.html", officer, reader=reader, hazard=found, ages=AGES_US,
        rows=list(_measured(reader, found)), least=LEAST_ARRIVALS,
        answers=dict(sorted(answers.items())),
    )  # fmt: skip


def _measured(reader: Reader, found: Hazard) -> Iterator[Measured]:
    curves: Mapping[str, Curve] = {**found.curves, "judgement": judged()}
    for cell, curve in curves.items():
        bounds = zip(curve.low or (), curve.high or (), strict=True)
        intervals = [f"{_gone(high, reader)} – {_gone(low, reader)}" for low, high in bounds]
        left = [_gone(there, reader) for there in curve.survival]
        yield Measured(
            name=reader.say(f"hazard.of.{cell.replace('/', '_')}"),
            arrivals=curve.arrivals,
            left=tuple(zip(left, intervals or [""] * len(left), strict=True)),
            used=cell == "judgement" or curve.arrivals >= LEAST_ARRIVALS,
        )


def _gone(there: float, reader: Reader) -> str:
    return share(MILLION - round(there * MILLION), MILLION, reader.language)
