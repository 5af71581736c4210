"""Legal grounds by date: what law lets the centre give an order on the day it is given (REQ-43)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from qalqan.cases import law
from qalqan.errors import NotAllowed
from qalqan.model.order import Kind


@dataclass(frozen=True, kw_only=True)
class Ground(law.Rule):
    """One ground: which kinds of order it carries, and whether a prosecutor must agree."""

    kinds: frozenset[Kind]
    sanction: bool


@cache
def grounds() -> tuple[Ground, ...]:
    """All rows, in the order of the file: the first that fits is the usual one."""
    return tuple(
        Ground(
            **rule, kinds=frozenset(Kind(kind) for kind in row["kinds"]), sanction=row["sanction"]
        )
        for rule, row in law.rows("grounds.toml", "ground")
    )


def ground(code: str, kind: Kind, at_us: int) -> Ground:
    """The row `code` for an order of `kind` on its date.

    Raises:
        NotAllowed: no such ground, not for this kind, or not in force then.
    """
    for row in grounds():
        if row.code == code and kind in row.kinds and row.valid(at_us):
            return row
    raise NotAllowed(kind, f"legal ground {code} in force", "legal_ground")


def usual_ground(kind: Kind, at_us: int) -> Ground:
    """The first ground in force at `at_us` that carries an order of this kind.

    Raises:
        NotAllowed: the law of that day knows none.
    """
    for row in grounds():
        if kind in row.kinds and row.valid(at_us):
            return row
    raise NotAllowed(kind, "legal ground in force", "legal_ground")
