"""Articles of the Criminal Code by date: under which somebody may be charged on a day (REQ-43).

The rows are data collected by engineers; `confirmed` says whether a lawyer stands behind one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from qalqan.cases.codes import day_us
from qalqan.errors import InputRejected


@dataclass(frozen=True)
class Article:
    """One row; times UTC microseconds."""

    code: str
    roles: frozenset[str]
    valid_from_us: int
    valid_until_us: int | None
    source: str
    confirmed: bool
    names: Mapping[str, str]

    def valid(self, at_us: int) -> bool:
        until = self.valid_until_us
        return self.valid_from_us <= at_us and (until is None or at_us < until)


@cache
def articles() -> tuple[Article, ...]:
    """All rows, in the order of the file."""
    text = (files("qalqan.cases") / "data" / "articles.toml").read_text(encoding="utf-8")
    return tuple(
        Article(
            code=row["code"],
            roles=frozenset(row["roles"]),
            valid_from_us=day_us(row["valid_from"]),
            valid_until_us=day_us(row["valid_until"]) if "valid_until" in row else None,
            source=row["source"],
            confirmed=row["confirmed"],
            names={language: row[language] for language in ("kk", "ru", "en")},
        )
        for row in tomllib.loads(text)["article"]
    )


def article(code: str, at_us: int) -> Article:
    """The article in force on a day.

    Raises:
        InputRejected: there is none of that number, or it was not in force then.
    """
    for row in articles():
        if row.code == code and row.valid(at_us):
            return row
    known = ", ".join(row.code for row in articles() if row.valid(at_us))
    raise InputRejected("article", code, "drop.article", known=known)
