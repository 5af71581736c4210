"""Values that were shown are kept, and a later count that differs is a revision beside them.

What the dashboard or a published bulletin shows of our own figures is a kept value. Until two days
after its period's end a value is provisional: a later count overwrites it, so that nobody reads out
of its history when each report came. From then on the old value stays, and the new one is revised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import Select

from qalqan.bulletin.figures.definitions import definition
from qalqan.bulletin.figures.official import number
from qalqan.clock import DAY
from qalqan.model.figure import Figure
from qalqan.model.period import of_code
from qalqan.register import orm

PROVISIONAL_US = 2 * DAY
"""Banks' answers and late reports of a day keep coming for about two days."""

MOST = 50
"""Values of one figure that its page tells."""


@dataclass(frozen=True)
class Kept:
    """A figure as it was shown last."""

    figure: Figure
    as_of_us: int
    seal: int
    is_final: bool
    """Counted two days or more after its period."""
    revision: int
    """How many values it had before."""
    revised: bool = False
    """A value that was final has changed."""


def keep(session: Session, figures: Iterable[Figure], as_of_us: int, seal: int) -> int:
    """Keep what is new or differs from what was shown last; returns how many values that were.
    Figures that are nobody's count of ours (stated, without a period) are left out."""
    kept = 0
    ours = [f for f in figures if f.period is not None and f.source.name == "qalqan"]
    last = _last(session, ours)
    for figure in ours:
        key = figure.code, figure.period.code if figure.period else "", part_of(figure.by)
        before = last.get(key)
        final = figure.period is not None and figure.period.to_us + PROVISIONAL_US <= as_of_us
        is_same = before is not None and before.value == _text(figure.value)
        if before is None or (before.is_final and not is_same):
            row = _row(key, before)
            session.add(row)
        else:
            row = before
        _fill(row, figure, as_of_us, seal)
        row.is_final = row.is_final or final
        last[key] = row
        kept += not is_same
    return kept


def of(session: Session, codes: Iterable[str], periods: Iterable[str]) -> list[Kept]:
    """The newest kept values of these definitions for these periods, of the whole and of every
    part, in the order of code, period and part."""
    row, told, when = orm.FigureValue, sorted(set(codes)), sorted(set(periods))
    newest = _newest(and_(row.code.in_(told), row.period.in_(when)))
    wanted = select(row).where(row.id.in_(newest)).order_by(row.code, row.period, row.part)
    changed = revised(session, told, when)
    found = [kept_of(one) for one in session.scalars(wanted)]
    return [replace(k, revised=k.figure.key in changed) for k in found]


def history(session: Session, code: str, period: str, part: str) -> list[Kept]:
    """The values that were shown of one figure, the newest first, `MOST` of them at most."""
    row = orm.FigureValue
    wanted = (
        select(row)
        .where(row.code == code, row.period == period, row.part == part)
        .order_by(row.revision.desc())
        .limit(MOST)
    )
    return [kept_of(one) for one in session.scalars(wanted)]


def part_of(by: Mapping[str, str]) -> str:
    """A part as it is kept: `column=value`, sorted."""
    return ";".join(f"{column}={value}" for column, value in sorted(by.items()))


def by_of(part: str) -> dict[str, str]:
    """What `part_of` wrote."""
    return dict(piece.split("=", 1) for piece in part.split(";")) if part else {}


def kept_of(row: orm.FigureValue) -> Kept:
    """A row as a figure."""
    figure = Figure(
        row.code, of_code(row.period), _value(row.value), definition(row.code).unit,
        by_of(row.part), _value(row.base), row.n, simulated=row.simulated,
        low=_exact(row.low), high=_exact(row.high),
    )  # fmt: skip
    return Kept(figure, row.as_of_us, row.seal, row.is_final, row.revision)


def _last(
    session: Session, figures: Sequence[Figure]
) -> dict[tuple[str, str, str], orm.FigureValue]:
    row, found = orm.FigureValue, dict[tuple[str, str, str], orm.FigureValue]()
    codes = sorted({f.code for f in figures})
    periods = sorted({f.period.code for f in figures if f.period})
    for start in range(0, len(periods), 400):
        part = periods[start : start + 400]
        newest = _newest(and_(row.code.in_(codes), row.period.in_(part)))
        for one in session.scalars(select(row).where(row.id.in_(newest))):
            found[one.code, one.period, one.part] = one
    return found


def _newest(where: ColumnElement[bool]) -> Select[int]:
    row = orm.FigureValue
    return select(func.max(row.id)).where(where).group_by(row.code, row.period, row.part)


def revised(
    session: Session, codes: Iterable[str], periods: Iterable[str]
) -> set[tuple[object, ...]]:
    """Keys of those figures of these periods that had another value after they were final."""
    row = orm.FigureValue
    told = (
        select(row.code, row.period, row.part)
        .where(row.code.in_(sorted(set(codes))), row.period.in_(sorted(set(periods))))
        .where(row.is_final)
        .group_by(row.code, row.period, row.part)
        .having(func.count() > 1)
    )
    return {
        (code, tuple(sorted(by_of(part).items())), period)
        for code, period, part in session.execute(told)
    }


def _row(key: tuple[str, str, str], before: orm.FigureValue | None) -> orm.FigureValue:
    code, period, part = key
    revision = before.revision + 1 if before else 0
    return orm.FigureValue(code=code, period=period, part=part, revision=revision, is_final=False)


def _fill(row: orm.FigureValue, figure: Figure, as_of_us: int, seal: int) -> None:
    """Write the figure into a row; the moment of a count that changed nothing is not told."""
    told = {
        "value": _text(figure.value), "base": _text(figure.base), "n": figure.n,
        "low": _text(figure.low), "high": _text(figure.high), "simulated": figure.simulated,
    }  # fmt: skip
    if any(getattr(row, name) != of for name, of in told.items()) or row.as_of_us is None:
        for name, of in told.items():
            setattr(row, name, of)
        row.as_of_us, row.seal = as_of_us, seal


def _text(value: int | Fraction | None) -> str | None:
    return None if value is None else str(value)


def _value(text: str | None) -> int | Fraction | None:
    return None if text is None else number(text)


def _exact(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)
