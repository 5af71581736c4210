"""Definitions of figures: what is counted, over whom, by which query (REQ-1 to 17).

A definition is data (`definitions.toml`, `official.toml`); its name and population are sentences of
the catalogue. Three kinds: *counted* by a query over one relation, *ratio* of two others, and
*stated* by somebody else (`figures.official`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from qalqan.errors import NotFound
from qalqan.model.period import Period

Kind = Literal["counted", "ratio", "stated"]
LAKE = "lake."
"""A relation of the lake: `lake.` and a kind of fact."""
ADDED_UP = ("count(", "sum(")
"""What is reckoned so is 0 where there is no row; a median of nothing is nothing."""


@dataclass(frozen=True)
class Definition:
    """One definition."""

    code: str
    unit: str
    kind: Kind
    relation: str = ""
    value: str = ""
    at: str = ""
    where: str = ""
    by: tuple[str, ...] = ()
    part: str = ""
    whole: str = ""
    of_all: bool = False
    """The whole is all of the population, whatever part is asked for."""
    interval: str = ""
    """How sure a ratio is: of `counts` (a part of them), or of `sums` over the same rows."""
    stock: bool = False
    """Stated for a day, and good until a later one is stated."""
    public: bool = False
    req: tuple[int, ...] = ()

    @property
    def is_of_lake(self) -> bool:
        return self.relation.startswith(LAKE)

    @property
    def adds_up(self) -> bool:
        """Whether parts add up to the whole, and nothing counts as 0."""
        return self.kind == "stated" or self.value.lower().startswith(ADDED_UP)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that may be asked for: those it can be broken down by."""
        if self.kind == "ratio":
            whole = definition(self.whole).columns
            return tuple(c for c in definition(self.part).columns if self.of_all or c in whole)
        return self.by


@cache
def definitions() -> Mapping[str, Definition]:
    """Code → definition, ours first."""
    made = {code: _read(code, told) for code, told in _told("definitions.toml")}
    stated = {code: _read(code, told) for code, told in _told("official.toml")}
    return made | stated


def definition(code: str) -> Definition:
    """The definition.

    Raises:
        NotFound: there is none of that code.
    """
    found = definitions().get(code)
    if found is None:
        raise NotFound("figure", code)
    return found


def query(
    of: Definition, periods: Sequence[Period], by: Iterable[str] = (), table: str = ""
) -> str:
    """The query that counts a figure, in DuckDB's SQL: a row for each period (its number) and each
    part that has any. `table` is the name that the relation has there, its own by default."""
    columns, at = list(by), of.at
    grouped = ["period", *columns]
    bounds = [f"{at} >= {min(p.from_us for p in periods)}"]
    bounds += [f"{at} < {max(p.to_us for p in periods)}"]
    bounds += [f"({of.where})"] if of.where else []
    name = table or of.relation.removeprefix(LAKE)
    return (
        f"SELECT {', '.join([_label(at, periods), *columns])},\n"
        f"       {of.value} AS value, count(*) AS n\n"
        f"FROM {name}\n"
        f"WHERE {' AND '.join(bounds)}\n"
        f"GROUP BY {', '.join(grouped)}"
    )


def spread_query(ratio: Definition, period: Period, by: Mapping[str, str]) -> str:
    """The query behind the interval of a ratio of sums over the same rows: n and Σh, Σs, Σh², Σhs,
    Σs² of what is divided (h) and what it is divided by (s)."""
    part, whole = definition(ratio.part), definition(ratio.whole)
    h, s = (_summed(each) for each in (part, whole))
    parts = "".join(f" AND {column} = {_quoted(of)}" for column, of in sorted(by.items()))
    return (
        f"SELECT count(*) AS n, sum({h}) AS h, sum({s}) AS s, sum({h} * {h}) AS hh,\n"
        f"       sum({h} * {s}) AS hs, sum({s} * {s}) AS ss\n"
        f"FROM {whole.relation}\n"
        f"WHERE {whole.at} >= {period.from_us} AND {whole.at} < {period.to_us}{parts}"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _summed(of: Definition) -> str:
    inner = of.value.removeprefix("sum(").removesuffix(")")
    return f"CAST({inner} AS DOUBLE)"


def _label(at: str, periods: Sequence[Period]) -> str:
    """A column with the number of the period that a row lies in; none for what lies between."""
    if len(periods) == 1:
        return "0 AS period"
    cases = "".join(
        f" WHEN {at} >= {p.from_us} AND {at} < {p.to_us} THEN {i}" for i, p in enumerate(periods)
    )
    return f"CASE{cases} END AS period"


def _told(name: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    text = (files("qalqan.bulletin.figures") / name).read_text(encoding="utf-8")
    return _leaves(tomllib.loads(text), "")


def _leaves(tree: Mapping[str, Any], prefix: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    for name, child in tree.items():
        code = f"{prefix}{name}"
        if "unit" in child:
            yield code, child
        else:
            yield from _leaves(child, f"{code}.")


def _read(code: str, told: Mapping[str, Any]) -> Definition:
    kind: Kind = "ratio" if "part" in told else "counted" if "from" in told else "stated"
    plain = {k: v for k, v in told.items() if k not in ("from", "by", "req")}
    return Definition(
        code=code, kind=kind, relation=told.get("from", ""), by=tuple(told.get("by", ())),
        req=tuple(told.get("req", ())), **plain,
    )  # fmt: skip
