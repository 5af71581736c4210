"""Terms of the law on GSM gateways and subscriber numbers, by date (REQ-50, 51): data, each row
with its source, so that a new law is a new row."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from qalqan.cases.working_days import midnight
from qalqan.errors import NotAllowed

GREY, CHECK = "devices.grey", "numbers.check"


@dataclass(frozen=True)
class Term:
    """A term that holds from midnight in Almaty of `valid_from` on."""

    code: str
    valid_from: date
    source: str
    confirmed: bool
    """A lawyer has."""
    days: int = 0
    """Calendar days …"""
    working_days: int = 0
    """… or working days of Kazakhstan."""
    then: str = ""
    """What follows when nobody has decided."""


@cache
def terms() -> tuple[Term, ...]:
    """Every row, the newest first."""
    path = files("qalqan.cases") / "data" / "sim_law.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["term"]
    return tuple(sorted((Term(**row) for row in rows), key=lambda row: row.valid_from)[::-1])


def term(code: str, at_us: int) -> Term:
    """The row in force at a moment.

    Raises:
        NotAllowed: the law set no such term yet.
    """
    for row in terms():
        if row.code == code and midnight(row.valid_from) <= at_us:
            return row
    raise NotAllowed("set a term", "legal ground")
