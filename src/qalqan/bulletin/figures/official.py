"""Figures that others have stated, with source and date, beside our own (REQ-1 to 15, 87).

What ships stands in `official/*.toml`; what people enter stands in the register. A statement is
never changed: a later one of the same source takes its place, and one that its source takes back is
marked so. Two sources that disagree both stay.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.bulletin.figures.definitions import definition
from qalqan.model.figure import Exactness, Figure, Source
from qalqan.model.period import Period, parse
from qalqan.register import orm

_FOLDER = files("qalqan.bulletin.figures") / "official"


def stated(session: Session) -> list[Figure]:
    """Everything that has been stated and not taken back; the newest statement first."""
    found = [*entered(session), *shipped()]
    return sorted(found, key=lambda f: f.source.stated or date.min, reverse=True)


@cache
def shipped() -> tuple[Figure, ...]:
    """What comes with the system."""
    briefing = tomllib.loads((_FOLDER / "mia_2024.toml").read_text(encoding="utf-8"))
    others = tomllib.loads((_FOLDER / "others.toml").read_text(encoding="utf-8"))
    told = {str(briefing["source"]): briefing, **others}
    return tuple(f for source, of in told.items() for f in _of(source, of["figures"]))


@cache
def sources() -> Mapping[str, Mapping[str, Any]]:
    """Key → names in three languages, and the date of the statement."""
    return tomllib.loads((_FOLDER / "sources.toml").read_text(encoding="utf-8"))


def entered(session: Session) -> Iterator[Figure]:
    """What people have entered, a second one has agreed to, and nobody has taken back."""
    row = orm.OfficialFigure
    stands = row.approved_us.is_not(None), row.withdrawn_us.is_(None)
    found = session.scalars(select(row).where(*stands).order_by(row.id))
    return (figure_of(told) for told in found)


def figure_of(told: orm.OfficialFigure) -> Figure:
    """An entry as a figure."""
    return Figure(
        told.code,
        parse(told.period) if told.period else None,
        number(told.value),
        definition(told.code).unit,
        dict(told.part),
        exactness=cast(Exactness, told.exactness),
        source=Source(told.source, date.fromisoformat(told.stated), told.place),
    )


def disagreeing(figures: Iterable[Figure]) -> dict[tuple[Any, ...], list[Figure]]:
    """Figures that several sources state with different values, by what they are of."""
    by_key: dict[tuple[Any, ...], list[Figure]] = {}
    for figure in figures:
        if figure.period is not None:
            by_key.setdefault(figure.key, []).append(figure)
    return {
        key: told for key, told in by_key.items()
        if len({(f.value, f.exactness) for f in told}) > 1
    }  # fmt: skip


def number(text: str | int) -> int | Fraction:
    """A whole number or a fraction such as "187/1000"."""
    found = Fraction(text)
    return int(found) if found.denominator == 1 else found


def _of(source: str, told: Mapping[str, Any]) -> Iterator[Figure]:
    for code, entries in told.items():
        for entry in entries:
            yield from _entry(source, code, entry)


def _entry(source: str, code: str, entry: Mapping[str, Any]) -> Iterator[Figure]:
    said = Source(source, sources()[source].get("stated"), entry.get("place", ""))
    plain = Figure(
        code, None, None, definition(code).unit, dict(entry.get("by", {})),
        exactness=entry.get("exactness", "exact"), source=said,
    )  # fmt: skip
    for name in ("years", "months"):
        for when, value in entry.get(name, {}).items():
            yield replace(plain, period=parse(when), value=number(value))
    period: Period | None = parse(entry["period"]) if "period" in entry else None
    if "value" in entry:
        yield replace(plain, period=period, value=number(entry["value"]))
    for part, value in entry.get("values", {}).items():
        yield replace(plain, period=period, value=number(value), by={entry["each"]: part})
