"""Law by date, as data: each row of a table holds from a day until a day (REQ-43).

The rows are collected by engineers; `confirmed` says whether a lawyer stands behind one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from qalqan.cases.codes import day_us


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row, as every table of law has it; times UTC microseconds."""

    code: str
    valid_from_us: int
    valid_until_us: int | None
    source: str
    confirmed: bool
    names: Mapping[str, str]

    def valid(self, at_us: int) -> bool:
        until = self.valid_until_us
        return self.valid_from_us <= at_us and (until is None or at_us < until)


def rows(file: str, name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Rows `name` of a file under `data`, in its order: what a `Rule` has, and the row whole."""
    text = (files("qalqan.cases") / "data" / file).read_text(encoding="utf-8")
    for row in tomllib.loads(text)[name]:
        rule = {
            "code": row["code"],
            "valid_from_us": day_us(row["valid_from"]),
            "valid_until_us": day_us(row["valid_until"]) if "valid_until" in row else None,
            "source": row["source"],
            "confirmed": row["confirmed"],
            "names": {language: row[language] for language in ("kk", "ru", "en")},
        }
        yield rule, row
