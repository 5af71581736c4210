"""The book: all figures of one snapshot of the register and the lake.

A book is opened once for a bulletin, a page or a check, and what it says does not change while it
is open: the register's rows are read in one transaction, the lake's up to one seal. Asked the same
thing twice it counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

import duckdb
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin.figures import intervals, official
from qalqan.bulletin.figures.definitions import (
    LAKE,
    Definition,
    definition,
    query,
    spread_query,
)
from qalqan.bulletin.figures.relations import relations
from qalqan.errors import InputRejected
from qalqan.lake.engine import Engine, frozen_files, open_engine
from qalqan.model.figure import Figure, Source
from qalqan.model.period import Period
from qalqan.register import orm
from qalqan.register.database import Database
from qalqan.settings import Settings

OWN = "qalqan"
"""Source of what we count ourselves."""
TOLD = frozenset({"calls", "batches"})
"""Relations of what partners tell."""
ALL_BUT = "not "
"""Before a part of a stated figure: all that is not that part."""
_DAY = timedelta(days=1)
"""A day of Almaty begins on the UTC day before."""
Asked = tuple[str, tuple[Period, ...], tuple[str, ...]]
"""A definition, periods and columns."""


@dataclass
class Book:
    """Figures as known at one moment and seal."""

    session: Session
    open_lake: Callable[[], Engine]
    """Called when the first figure of the lake is asked for."""
    as_of_us: int
    seal: int
    simulated: bool
    stated: Sequence[Figure]
    """What others have stated."""
    _connection: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)
    _since: dict[tuple[str, str], int | None] = field(default_factory=dict)
    _found: dict[Asked, list[Figure]] = field(default_factory=dict)
    _there: set[str] = field(default_factory=set)

    @cached_property
    def engine(self) -> Engine:
        """What asks the lake."""
        return self.open_lake()

    def figure(
        self, code: str, period: Period | None, by: Mapping[str, str] | None = None
    ) -> Figure:
        """One figure; its value is None where nobody told, or there is nothing to divide by.

        Raises:
            NotFound: no such figure.
            InputRejected: it can't be broken down so.
        """
        by = dict(by or {})
        of = definition(code)
        if of.kind == "stated":
            return self._stated(of, period, by)
        if of.kind == "ratio":
            return self._ratio(of, period, by)
        if period is None:
            raise InputRejected("period", "", "period.form")
        rows = self.figures(code, [period], tuple(sorted(by)))
        found = next((row for row in rows if row.by == by), None)
        return found or self._none(of, period, by)

    def figures(self, code: str, periods: Sequence[Period], by: Sequence[str] = ()) -> list[Figure]:
        """Figures of periods that don't overlap, for all of the population or for each part that
        has any, in the order of periods and parts.

        Raises:
            NotFound: no such figure.
            InputRejected: it can't be broken down so.
        """
        of = definition(code)
        _check_columns(of, by)
        key = code, tuple(periods), tuple(by)
        if key not in self._found:
            self._found[key] = self._all(of, periods, by)
        return self._found[key]

    def change(self, now: Figure, then: Figure) -> Figure:
        """How much more, of what was: a fraction of 1; None where there is nothing to compare."""
        value = None
        if now.value is not None and then.value:
            value = Fraction(now.value - then.value) / then.value
        return replace(now, value=value, unit="change", base=then.value, n=None)

    def _all(self, of: Definition, periods: Sequence[Period], by: Sequence[str]) -> list[Figure]:
        if of.kind == "stated":
            told = [f for f in self.stated if f.code == of.code and set(f.by) == set(by)]
            return [f for p in periods for f in told if f.period == p]
        if of.kind == "ratio":
            is_listed = of.of_all or definition(of.whole).stock
            parts = self.figures(of.part if is_listed else of.whole, periods, by)
            return [self._ratio(of, f.period, dict(f.by)) for f in parts if f.period is not None]
        return self._counted(of, periods, by)

    def _counted(
        self, of: Definition, periods: Sequence[Period], by: Sequence[str]
    ) -> list[Figure]:
        rows = self.rows(of, periods, by)
        found = {
            (row["period"], tuple(str(row[c]) for c in by)): row
            for row in rows
            if row["period"] is not None
        }
        made = []
        for i, period in enumerate(periods):
            here = sorted(part for number, part in found if number == i)
            for part in here or ([()] if not by else []):
                row, parts = found.get((i, part)), dict(zip(by, part, strict=True))
                none = self._none(of, period, parts)
                value = _number(row["value"]) if row else none.value
                made.append(replace(none, value=value, n=row["n"] if row else 0))
        return made

    @property
    def asked(self) -> tuple[Asked, ...]:
        """What was counted so far, in the order of asking."""
        return tuple(self._found)

    def rows(self, of: Definition, periods: Sequence[Period], by: Sequence[str]) -> list[Any]:
        """What the query of a counted figure answers: period (its number), parts, value, n."""
        if of.is_of_lake:
            kind = of.relation.removeprefix(LAKE)
            first, last = min(p.start for p in periods) - _DAY, max(p.end for p in periods)
            if not frozen_files(self.engine.lake_root, kind, first, last):
                return []
            facts = self.engine.table(kind, first, last, self.seal)
            asked = facts.alias(kind).sql(query(of, periods, by, kind), dialect="duckdb")
            return list(self.engine.run(asked).to_pylist())
        self._bring(of.relation)
        found = self._connection.execute(query(of, periods, by)).to_arrow_table()
        return list(found.to_pylist())

    def _bring(self, name: str) -> None:
        """Read a relation out of the register, once."""
        if name not in self._there:
            self._connection.register(name, relations()[name].rows(self.session))
            self._there.add(name)

    def ratio(self, of: Definition, part: Figure, whole: Figure) -> Figure:
        """The ratio of two figures by its definition; None where there is nothing to divide by."""
        value = None
        if part.value is not None and whole.value:
            value = Fraction(part.value) / whole.value
        source = part.source if definition(of.part).kind == "stated" else Source(OWN)
        found = Figure(
            of.code, part.period, value, of.unit, dict(part.by), whole.value, part.n,
            _exactness(part, whole), source, part.simulated,
        )  # fmt: skip
        return self._with_interval(of, found, part, whole)

    def _ratio(self, of: Definition, period: Period | None, by: Mapping[str, str]) -> Figure:
        part = self.figure(of.part, period, by)
        return self.ratio(of, part, self.figure(of.whole, period, {} if of.of_all else by))

    def _with_interval(self, of: Definition, found: Figure, part: Figure, whole: Figure) -> Figure:
        low, high = None, None
        if of.interval == "counts" and whole.n:
            low, high = intervals.of_counts(part.n or 0, whole.n)
        elif of.interval == "sums" and found.value is not None and found.period is not None:
            self._bring(definition(of.whole).relation)
            sql = spread_query(of, found.period, found.by)
            row = self._connection.execute(sql).fetchone()
            low, high = intervals.of_sums(*(row or ()))
        return replace(found, low=low, high=high)

    def _stated(self, of: Definition, period: Period | None, by: Mapping[str, str]) -> Figure:
        none = Figure(of.code, period, None, of.unit, dict(by))
        if but := {c: v.removeprefix(ALL_BUT) for c, v in by.items() if v.startswith(ALL_BUT)}:
            part, whole = self._stated(of, period, but), self._stated(of, period, {})
            value = None
            if part.value is not None and whole.value is not None:
                value = whole.value - part.value
            return replace(whole, value=value, by=dict(by))
        same = [f for f in self.stated if f.code == of.code and f.by == dict(by)]
        if of.stock and period is not None:
            known = [f for f in same if f.period is not None and f.period.start < period.end]
            return max(known or same, key=_start, default=none)
        return next((f for f in same if f.period == period), none)

    def _none(self, of: Definition, period: Period, by: Mapping[str, str]) -> Figure:
        """What is said where no row is: 0 if it is counted and somebody was counting then."""
        since = self._counting_since(of)
        counting = since is not None and since < period.to_us and period.from_us <= self.as_of_us
        value = 0 if counting and of.adds_up else None
        return Figure(
            of.code, period, value, of.unit, dict(by), n=0, simulated=self.simulated,
        )  # fmt: skip

    def _counting_since(self, of: Definition) -> int | None:
        """Since when somebody counts this: what partners tell, from the first that was told; the
        centre's own work, from its first report. None: nobody does yet."""
        if of.is_of_lake or of.relation in TOLD:
            return self._first(of.relation, of.at)
        return self._first("reports", "reported_us")

    def _first(self, relation: str, at: str) -> int | None:
        """The first moment that a relation knows of."""
        if (relation, at) not in self._since:
            self._since[relation, at] = self._asked_first(relation, at)
        return self._since[relation, at]

    def _asked_first(self, relation: str, at: str) -> int | None:
        if relation.startswith(LAKE):
            facts = self.engine.table(relation.removeprefix(LAKE), None, None, self.seal)
            rows = self.engine.run(facts.agg(first=facts[at].min()))
        else:
            self._bring(relation)
            rows = self._connection.execute(
                f"SELECT min({at}) AS first FROM {relation}"
            ).to_arrow_table()
        return _number(rows["first"][0].as_py())

    def close(self) -> None:
        """Give back what it holds."""
        self._connection.close()
        if "engine" in self.__dict__:
            self.engine.close()


@contextmanager
def open_book(database: Database, settings: Settings) -> Iterator[Book]:
    """A book of the register and the lake as they stand."""
    with database.session() as session:
        seal = session.scalar(select(func.max(orm.Seal.seal))) or 0
        book = Book(
            session, partial(open_engine, settings), clock.now_us(), seal, settings.is_simulated,
            official.stated(session),
        )  # fmt: skip
        try:
            yield book
        finally:
            book.close()


def _exactness(part: Figure, whole: Figure) -> Any:
    """A ratio of a bound is a bound only where the whole is exact; else it is about so much."""
    if part.exactness == whole.exactness == "exact":
        return "exact"
    return part.exactness if whole.exactness == "exact" else "about"


def _start(figure: Figure) -> date:
    return figure.period.start if figure.period else date.min


def _check_columns(of: Definition, by: Sequence[str]) -> None:
    for column in by:
        if column not in of.columns:
            raise InputRejected("by", column, "one_of", choices=", ".join(of.columns))


def _number(value: object) -> int | None:
    return None if value is None else int(value)  # type: ignore[call-overload]
