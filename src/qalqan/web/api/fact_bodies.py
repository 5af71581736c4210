"""What a body of facts must look like before any fact in it is judged (REQ-19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qalqan.errors import InputRejected
from qalqan.exchange import json_lines
from qalqan.exchange.given import Given
from qalqan.web.validation import named

MOST_FACTS = 50_000
"""In one body; more goes by files."""
MOST_FIELDS = 200
"""Different names in one body: our widest kind has 30."""


def facts_in(body: Any) -> list[Any]:
    """The list in the body, within bounds."""
    if not isinstance(body, dict):
        raise InputRejected("body", None, "api.object")
    for name in body:
        if name != "facts":
            raise InputRejected(named(name), None, "api.unknown_field")
    facts = body.get("facts")
    if not isinstance(facts, list):
        raise InputRejected("facts", None, "api.list")
    if len(facts) > MOST_FACTS:
        raise InputRejected("facts", len(facts), "api.most_items", most=MOST_FACTS)
    _check_fields(facts)
    return facts


def _check_fields(facts: Sequence[Any]) -> None:
    """Every name becomes a column, so names without end would be a table without end."""
    names: set[str] = set()
    for fact in facts:
        names.update(fact if isinstance(fact, dict) else ())
        if len(names) > MOST_FIELDS:
            raise InputRejected("facts", len(names), "api.most_fields", most=MOST_FIELDS)


def with_lines(facts: Sequence[Any]) -> tuple[Given, Given] | None:
    """Statements that bring their lines, and the lines; None if they only count them."""
    bring = [isinstance(fact, dict) and isinstance(fact.get("lines"), list) for fact in facts]
    if not any(bring):
        return None
    if not all(bring):
        raise InputRejected("lines", None, "api.statement_lines")
    heads = [{**fact, "lines": len(fact["lines"])} for fact in facts]
    lines, places = [], []
    for number, fact in enumerate(facts, start=1):
        for line_number, line in enumerate(fact["lines"], start=1):
            if not isinstance(line, dict):
                raise InputRejected(f"facts[{number}].lines[{line_number}]", None, "api.object")
            lines.append({**line, "statement": fact.get("id")})
            places.append(f"[{number}].lines[{line_number}]")
    if len(lines) > MOST_FACTS:
        raise InputRejected("lines", len(lines), "api.most_items", most=MOST_FACTS)
    _check_fields(lines)
    return json_lines.records(heads), replace(json_lines.records(lines), places=places)
