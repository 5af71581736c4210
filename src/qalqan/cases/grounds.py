"""Legal grounds by date: what law lets the centre give an order on the day it is given (REQ-43).

The rows are data collected by engineers; `confirmed` says whether a lawyer stands behind one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from qalqan.cases.codes import day_us
from qalqan.errors import NotAllowed
from qalqan.model.order import Kind


@dataclass(frozen=True)
class Ground:
    """One row: which kinds of order it carries, from when until when (UTC microseconds)."""

    code: str
    kinds: frozenset[Kind]
    valid_from_us: int
    valid_until_us: int | None
    sanction: bool
    source: str
    confirmed: bool
    names: Mapping[str, str]

    def valid(self, at_us: int) -> bool:
        until = self.valid_until_us
        return self.valid_from_us <= at_us and (until is None or at_us < until)


@cache
def grounds() -> tuple[Ground, ...]:
    """All rows, in the order of the file: the first that fits is the usual one."""
    text = (files("qalqan.cases") / "data" / "grounds.toml").read_text(encoding="utf-8")
    return tuple(
        Ground(
            code=row["code"],
            kinds=frozenset(Kind(kind) for kind in row["kinds"]),
            valid_from_us=day_us(row["valid_from"]),
            valid_until_us=day_us(row["valid_until"]) if "valid_until" in row else None,
            sanction=row["sanction"],
            source=row["source"],
            confirmed=row["confirmed"],
            names={language: row[language] for language in ("kk", "ru", "en")},
        )
        for row in tomllib.loads(text)["ground"]
    )


def ground(code: str, kind: Kind, at_us: int) -> Ground:
    """The row `code` for an order of `kind` on its date.

    Raises:
        NotAllowed: no such ground, not for this kind, or not in force then.
    """
    for row in grounds():
        if row.code == code and kind in row.kinds and row.valid(at_us):
            return row
    raise NotAllowed(kind, f"legal ground {code} in force")


def usual_ground(kind: Kind, at_us: int) -> Ground:
    """The first ground in force at `at_us` that carries an order of this kind.

    Raises:
        NotAllowed: the law of that day knows none.
    """
    for row in grounds():
        if kind in row.kinds and row.valid(at_us):
            return row
    raise NotAllowed(kind, "legal ground in force")
