"""The policy of calls: which rules count, and how old a subscriber's place may be.

Versioned data that two people approve (`register.policies`); the default stands in
`data/policy_calls.toml`. Until a version is in force every rule is in shadow: calls pass, and the
journal tells what would have been said.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, NamedTuple

from qalqan.errors import InputRejected
from qalqan.screening.calls.rules import CODES

NAME = "calls"
_TERM = re.compile(r"([1-9][0-9]{0,3})([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600}
MOST_S = 24 * 3_600
"""A place told longer ago says nothing of a call."""


class CallPolicy(NamedTuple):
    """One version."""

    version: int
    """0: none that two people approved."""
    live: frozenset[str]
    """Codes that count; the others are in shadow (DESIGN section 5)."""
    oldest_s: int
    """A home network's word on where its subscriber is counts for so long."""


def default_body() -> dict[str, Any]:
    """The policy that comes with the software."""
    path = files("qalqan.screening") / "data" / "policy_calls.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def unapproved() -> CallPolicy:
    """Before two people have approved any: every rule in shadow."""
    return of_body(0, {**default_body(), "live": []})


def of_body(version: int, body: Mapping[str, Any]) -> CallPolicy:
    """A version from its data.

    Raises:
        InputRejected: an unknown rule or field, or a term that can't be taken.
    """
    for name in body:
        if name not in ("live", "oldest_place"):
            raise InputRejected(name, body[name], "one_of", choices="live, oldest_place")
    live = body.get("live", [])
    if not isinstance(live, list):
        raise InputRejected("live", live, "policy.shape")
    for code in live:
        if code not in CODES:
            raise InputRejected("live", code, "one_of", choices=", ".join(CODES))
    return CallPolicy(version, frozenset(live), _seconds(body.get("oldest_place")))


def _seconds(value: object) -> int:
    found = _TERM.fullmatch(value) if isinstance(value, str) else None
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not 0 < seconds <= MOST_S:
        raise InputRejected("oldest_place", value, "calls.term")
    return seconds
