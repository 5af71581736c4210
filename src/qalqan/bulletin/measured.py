"""How a measure is judged, from what the register holds (REQ-77, 85, 93)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from qalqan.bulletin.effects import evaluation
from qalqan.bulletin.effects.design import Design, of_dict
from qalqan.bulletin.effects.evaluation import Evaluation, evaluate
from qalqan.bulletin.effects.results import Verdict
from qalqan.bulletin.effects.series import Row, Series
from qalqan.cases import codes, measure_designs, measure_list, report_series
from qalqan.errors import InputRejected
from qalqan.model.period import Period, day_in_almaty, month_of
from qalqan.register.orm import MeasureDesign
from qalqan.register.rights import Person


def register(session: Session, officer: Person, measure: str, design: Design) -> MeasureDesign:
    """Write down how a measure will be judged. A write transaction.

    Raises:
        NotFound, NotAllowed, Conflict. InputRejected: a method or region that there is none of.
    """
    start_us = month_of(design.start).from_us
    _check_codes(design, start_us)
    return measure_designs.keep(session, officer, measure, design.as_dict(), start_us)


def design_of(whole: measure_list.Whole) -> Design | None:
    """The design that counts."""
    return None if whole.design is None else of_dict(whole.design.body)


def judged(session: Session, design: Design, now_us: int, simulated: bool = False) -> Evaluation:
    """What the register's reports say of a design, of months that are over; `simulated`: all that
    the register holds is invented."""
    told = series(session, (*design.before, *design.after), now_us)
    return evaluate(design, replace(told, simulated=told.simulated or simulated))


def named(session: Session, now_us: int) -> dict[str, Verdict]:
    """What may be said of each measure that has a design, beside all the others
    (`effects.evaluation.named`)."""
    designs = {measure: of_dict(row.body) for measure, row in measure_list.designs(session).items()}
    months = {month for each in designs.values() for month in (*each.before, *each.after)}
    told = series(session, sorted(months, key=lambda month: month.start), now_us)
    return evaluation.named({name: evaluate(each, told) for name, each in designs.items()})


def series(session: Session, months: Sequence[Period], now_us: int) -> Series:
    """Reports of the months that are over, and none from before the first report's: of these it is
    not known how many crimes there were."""
    first = report_series.first_us(session)
    told = tuple(
        month for month in months
        if month.to_us <= now_us and first is not None and month.from_us >= _begin(first)
    )  # fmt: skip
    rows, simulated = [], 0
    for each in report_series.by_month(session, told):
        rows.append(Row(each.month, each.region, each.methods, each.count))
        simulated += each.simulated
    return Series(told, tuple(rows), simulated > 0)


def _begin(first_us: int) -> int:
    """The first moment of the first report's month."""
    return month_of(day_in_almaty(first_us)).from_us


def _check_codes(design: Design, at_us: int) -> None:
    regions, methods = codes.regions(), codes.code_book(at_us).methods
    others = {"regions": regions, "methods": methods}.get(design.against, {})
    for field, told, known in (
        ("methods", design.methods, methods), ("regions", design.regions, regions),
        ("comparison", design.comparison, others),
    ):  # fmt: skip
        for code in told:
            if code not in known:
                raise InputRejected(field, code, "one_of", choices=", ".join(known))
