"""What one request tells: facts of one kind from one partner, on their way into a commit.

Requests are checked together, as rows of one table, only where that changes nothing: each
column must have the one type that it has in every request by itself (`exchange.given` reads a
column by the type of its values). Almost all tellings of a program do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from qalqan.lake.schemas import SCHEMAS

_INT64 = range(-(2**63), 2**63)


class _Long:
    """The type of a whole number that no column of whole numbers holds."""


@dataclass(eq=False)
class Telling:
    """The facts of one request, as its JSON gave them."""

    kind: str
    source: str
    """The partner's code."""
    own_bank: str | None
    """The one bank whose books the partner keeps, if any."""
    facts: Sequence[Any]
    key: str | None = None
    """Under it the request counts once."""
    size: int = 0
    """Bytes that came."""
    reply: Any = None
    """For whoever waits for the answer."""

    @cached_property
    def records(self) -> list[tuple[str, dict[str, Any]]]:
        """Place and fields of what can be read as a fact."""
        return [(place, fact) for place, fact in self._placed() if isinstance(fact, dict)]

    @cached_property
    def broken(self) -> list[tuple[str, str]]:
        """Place and text of what is no object at all."""
        return [(p, json.dumps(fact)) for p, fact in self._placed() if not isinstance(fact, dict)]

    def _placed(self) -> Iterable[tuple[str, Any]]:
        return ((f"[{number}]", fact) for number, fact in enumerate(self.facts, start=1))

    @cached_property
    def types(self) -> dict[str, type] | None:
        """The type of each known column that has a value; None where a column has several, so
        that nobody else's facts fit beside these."""
        known = columns_of(self.kind)
        found: dict[str, type] = {}
        for _, fact in self.records:
            for name, value in fact.items():
                if value is not None and name in known:
                    kind = type(value)
                    if kind is int and value not in _INT64:
                        kind = _Long
                    if found.setdefault(name, kind) is not kind:
                        return None
        return found

    @cached_property
    def digest(self) -> str:
        """What was told, to know a repeated request from another one under the same key."""
        return digest_of(self.facts)


def digest_of(facts: Sequence[Any]) -> str:
    """The same for facts on any other way in."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def columns_of(kind: str) -> frozenset[str]:
    """Columns of a kind that a partner gives."""
    return frozenset(column.name for column in SCHEMAS[kind].given)


def alike(tellings: Iterable[Telling]) -> list[list[Telling]]:
    """The tellings in groups that can be checked as one table each, their order kept."""
    groups: dict[str, list[tuple[dict[str, type], list[Telling]]]] = {}
    alone: list[list[Telling]] = []
    for telling in tellings:
        types = telling.types
        if types is None:
            alone.append([telling])
            continue
        for shape, group in groups.setdefault(telling.kind, []):
            if all(shape.get(name, kind) is kind for name, kind in types.items()):
                shape.update(types)
                group.append(telling)
                break
        else:
            groups[telling.kind].append((dict(types), [telling]))
    return [*(group for found in groups.values() for _, group in found), *alone]
