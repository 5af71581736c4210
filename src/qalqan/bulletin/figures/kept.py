"""Values that were shown are kept, and a later count that differs is a revision beside them.

What a page or a bulletin shows of our own figures is a kept value. The last two days are
provisional: until two days after the period's end a value may be counted anew without being called
revised.
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
    """Keep what is new or differs from what was shown last; returns how many values were added.
    Figures that are nobody's count of ours (stated, without a period) are left out."""
    added = 0
    ours = [f for f in figures if f.period is not None and f.source.name == "qalqan"]
    last = _last(session, ours)
    for figure in ours:
        key = figure.code, figure.period.code if figure.period else "", part_of(figure.by)
        before = last.get(key)
        final = figure.period is not None and figure.period.to_us + PROVISIONAL_US <= as_of_us
        if before is not None and before.value == _text(figure.value):
            before.is_final = before.is_final or final
            continue
        last[key] = _row(figure, key, as_of_us, seal, final, before)
        session.add(last[key])
        added += 1
    return added


def of(session: Session, codes: Iterable[str], periods: Iterable[str]) -> list[Kept]:
    """The newest kept values of these definitions for these periods, of the whole and of every
    part, in the order of code, period and part."""
    row, told = orm.FigureValue, sorted(set(codes))
    newest = _newest(and_(row.code.in_(told), row.period.in_(sorted(set(periods)))))
    wanted = select(row).where(row.id.in_(newest)).order_by(row.code, row.period, row.part)
    changed = revised(session, told)
    found = [kept_of(one) for one in session.scalars(wanted)]
    return [replace(k, revised=k.figure.key in changed) for k in found]


def history(session: Session, code: str, period: str, part: str) -> list[Kept]:
    """All values that were ever shown of one figure, the newest first."""
    row = orm.FigureValue
    wanted = (
        select(row)
        .where(row.code == code, row.period == period, row.part == part)
        .order_by(row.revision.desc())
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


def revised(session: Session, codes: Iterable[str]) -> set[tuple[object, ...]]:
    """Keys of those figures that had another value after they were final."""
    row = orm.FigureValue
    older = (
        select(row.code, row.period, row.part, func.min(row.revision))
        .where(row.code.in_(list(codes)), row.is_final)
        .group_by(row.code, row.period, row.part)
    )
    first = {(code, period, part): n for code, period, part, n in session.execute(older)}
    newest = select(row.code, row.period, row.part, func.max(row.revision)).where(
        row.code.in_({code for code, _, _ in first})
    )
    return {
        (code, tuple(sorted(by_of(part).items())), period)
        for code, period, part, last in session.execute(
            newest.group_by(row.code, row.period, row.part)
        )
        if last > first.get((code, period, part), last)
    }


def _row(
    figure: Figure, key: tuple[str, str, str], as_of_us: int, seal: int, final: bool,
    before: orm.FigureValue | None,
) -> orm.FigureValue:  # fmt: skip
    code, period, part = key
    return orm.FigureValue(
        code=code, period=period, part=part, revision=before.revision + 1 if before else 0,
        value=_text(figure.value), base=_text(figure.base), n=figure.n, as_of_us=as_of_us,
        seal=seal, is_final=final, simulated=figure.simulated,
    )  # fmt: skip


def _text(value: int | Fraction | None) -> str | None:
    return None if value is None else str(value)


def _value(text: str | None) -> int | Fraction | None:
    return None if text is None else number(text)
