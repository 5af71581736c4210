"""Crimes by month, region and methods, counted in the database (REQ-17, 93)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Text, case, cast, func, select
from sqlalchemy.orm import Session

from qalqan.model.period import Period
from qalqan.register.orm import Case, Report


@dataclass(frozen=True)
class Counted:
    """Reports of one month, region and set of methods."""

    month: Period
    region: str
    methods: tuple[str, ...]
    count: int
    simulated: int
    """How many of them belong to a simulated case."""


def by_month(session: Session, months: Sequence[Period]) -> Iterator[Counted]:
    """Reports registered in these months of Almaty; one that tells of a payment that another told
    of counts once, with that other one."""
    if not months:
        return
    report = Report
    at = case(
        *(
            (
                (report.reported_us >= month.from_us) & (report.reported_us < month.to_us),
                number,
            )
            for number, month in enumerate(months)
        )
    )
    methods = cast(report.methods, Text)
    simulated = case((Case.simulated, 1), else_=0)
    rows = (
        select(at, report.region, methods, func.count(), func.sum(simulated))
        .join(Case, Case.id == report.case_id)
        .where(
            report.reported_us >= min(month.from_us for month in months),
            report.reported_us < max(month.to_us for month in months),
            report.root_id.is_(None),
            at.is_not(None),
        )
        .group_by(at, report.region, methods)
    )
    for number, region, codes, count, by_machine in session.execute(rows):
        told = tuple(sorted(json.loads(codes)))
        yield Counted(months[number], region, told, count, int(by_machine or 0))


def first_us(session: Session) -> int | None:
    """When the first report was registered; months before it were not counted."""
    return session.scalar(select(func.min(Report.reported_us)))
