"""Measures as lists and one as a whole (REQ-25)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from qalqan.cases.measures import OPEN, State, one
from qalqan.model.period import day_in_almaty
from qalqan.register.orm import (
    Measure,
    MeasureDesign,
    MeasureEvidence,
    MeasureStep,
    Programme,
)

A_PAGE = 50
SHOWN = ("open", "late", "claimed", "done", "dropped", "judged", "all")


@dataclass(frozen=True)
class Listed:
    """A page of measures, what is due first."""

    rows: Sequence[Measure]
    counts: Mapping[str, int]
    """How many there are of each of `SHOWN`."""
    page: int
    pages: int


@dataclass(frozen=True)
class Whole:
    """One measure with all that belongs to it."""

    row: Measure
    programme: Programme | None
    steps: Sequence[MeasureStep]
    evidence: Sequence[MeasureEvidence]
    designs: Sequence[MeasureDesign]

    @property
    def design(self) -> MeasureDesign | None:
        """How it is judged."""
        return _counting(self.designs) if self.designs else None


def listed(session: Session, shown: str, now_us: int, page: int = 1, programme: str = "") -> Listed:
    """A page of measures of a kind."""
    of = Measure.programme == programme if programme else true()
    counts = {
        name: session.scalar(select(func.count()).select_from(Measure).where(of, _is(name, now_us)))
        or 0
        for name in SHOWN
    }
    shown = shown if shown in SHOWN else "open"
    pages = max(1, -(-counts[shown] // A_PAGE))
    page = max(1, min(page, pages))
    rows = (
        select(Measure).where(of, _is(shown, now_us)).order_by(Measure.due_day, Measure.id)
        .limit(A_PAGE).offset((page - 1) * A_PAGE)
    )  # fmt: skip
    return Listed(session.scalars(rows).all(), counts, page, pages)


def after(session: Session, cursor: str, most: int = A_PAGE) -> Sequence[Measure]:
    """Measures after a number, for programs."""
    rows = select(Measure).where(Measure.id > cursor).order_by(Measure.id).limit(most)
    return session.scalars(rows).all()


def whole(session: Session, measure: str) -> Whole:
    """One measure. Raises `NotFound` if there is none."""
    row = one(session, measure)
    return Whole(
        row,
        session.get(Programme, row.programme) if row.programme else None,
        session.scalars(
            select(MeasureStep).where(MeasureStep.measure == row.id).order_by(MeasureStep.id)
        ).all(),
        session.scalars(
            select(MeasureEvidence).where(MeasureEvidence.measure == row.id)
            .order_by(MeasureEvidence.id)
        ).all(),
        session.scalars(
            select(MeasureDesign).where(MeasureDesign.measure == row.id)
            .order_by(MeasureDesign.number)
        ).all(),
    )  # fmt: skip


def designs(session: Session) -> dict[str, MeasureDesign]:
    """How each measure is judged that has a design."""
    rows = session.scalars(
        select(MeasureDesign).order_by(MeasureDesign.measure, MeasureDesign.number)
    )
    return {
        measure: _counting(list(versions))
        for measure, versions in groupby(rows, key=lambda each: each.measure)
    }


def _counting(versions: Sequence[MeasureDesign]) -> MeasureDesign:
    """The version that counts: the last from before its start, else the first of all."""
    before = [each for each in versions if not each.late]
    return before[-1] if before else versions[0]


def _is(shown: str, now_us: int) -> ColumnElement[bool]:
    today = day_in_almaty(now_us).isoformat()
    waits = Measure.state.in_((State.PLANNED, State.RUNNING))
    return {
        "open": Measure.state.in_(OPEN),
        "late": waits & (Measure.due_day < today),
        "claimed": Measure.state == State.CLAIMED,
        "done": Measure.state == State.DONE,
        "dropped": Measure.state == State.DROPPED,
        "judged": Measure.id.in_(select(MeasureDesign.measure)),
    }.get(shown, true())
