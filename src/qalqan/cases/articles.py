"""Articles of the Criminal Code by date: under which somebody may be charged on a day (REQ-43)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from qalqan.cases import law
from qalqan.errors import InputRejected


@dataclass(frozen=True, kw_only=True)
class Article(law.Rule):
    """One article, and the roles in a fraud that it is about."""

    roles: frozenset[str]


@cache
def articles() -> tuple[Article, ...]:
    """All rows, in the order of the file."""
    found = law.rows("articles.toml", "article")
    return tuple(Article(**rule, roles=frozenset(row["roles"])) for rule, row in found)


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
