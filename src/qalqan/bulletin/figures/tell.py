"""A figure with everything behind it: what it counts, of what, by which query, from what rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect

from qalqan.bulletin import shown
from qalqan.bulletin.figures.book import Book
from qalqan.bulletin.figures.definitions import Definition, definition, definitions, query
from qalqan.bulletin.figures.relations import relations
from qalqan.model.figure import Figure
from qalqan.model.period import Period


def codes() -> tuple[str, ...]:
    """All definitions."""
    return tuple(definitions())


def tell(book: Book, code: str, period: Period, by: str, language: str) -> dict[str, Any]:
    """The figure reckoned from the book: its values in full and as they are shown, what it counts.

    Raises:
        NotFound: no such figure. InputRejected: it can't be broken down so.
    """
    columns = _columns(by)
    found = book.figures(code, [period], columns) or [book.figure(code, period)]
    of = definition(code)
    return {
        "code": code, "name": shown.name(code, language), "counts": shown.counts(code, language),
        "period": period.code, "unit": of.unit, "kind": of.kind, "seal": book.seal,
        "as_of_us": book.as_of_us, "simulated": book.simulated and of.kind != "stated",
        "values": [_value(figure, language) for figure in found],
    }  # fmt: skip


def query_of(code: str, period: Period, by: str = "", on: Dialect | None = None) -> str:
    """The queries behind a figure: the register's for its rows, and the one that counts them; of a
    ratio, both of its parts'. Empty for what somebody else stated."""
    of = definition(code)
    if of.kind == "stated":
        return ""
    if of.kind == "ratio":
        whole = "" if of.of_all else by
        parts = {of.part: by, of.whole: whole}
        return "\n\n".join(f"-- {c}\n{query_of(c, period, b, on)}" for c, b in parts.items())
    counted = query(of, [period], _columns(by))
    rows = "" if of.is_of_lake else f"-- {of.relation} =\n{rows_of(of, on)}\n\n"
    return f"{rows}{counted}"


def _columns(by: str) -> tuple[str, ...]:
    return tuple(by.split(",")) if by else ()


def rows_of(of: Definition, on: Dialect | None = None) -> str:
    """The register's query for the rows of a relation."""
    compiled = relations()[of.relation].query.compile(
        dialect=on or sqlite.dialect(), compile_kwargs={"literal_binds": True}
    )
    return str(compiled)


def _value(figure: Figure, language: str) -> dict[str, Any]:
    return {
        "by": dict(figure.by), "value": None if figure.value is None else str(figure.value),
        "shown": shown.value(figure, language), "n": figure.n,
        "base": None if figure.base is None else str(figure.base),
        "exactness": figure.exactness, "source": figure.source.name,
        "low": None if figure.low is None else str(figure.low),
        "high": None if figure.high is None else str(figure.high),
    }  # fmt: skip
