"""Detectors' parameters as versioned data: the policy `detectors` that two people approve.

A detector's own parameters are its defaults, each with its source; the policy names those that are
changed. A tuned detector has a version of its own, so a finding tells by which parameters it
was made, and replays by them. Tuned are numbers, and lists that are the centre's to fill in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.detectors import registry
from qalqan.detectors.base import LISTED, Detector
from qalqan.detectors.reference import docstrings
from qalqan.errors import InputRejected
from qalqan.register import orm, policies

POLICY = "detectors"
_WIDEST = 20
"""A parameter may be set to at most so many times its default: more is a slip of the pen."""

_SPANS = (
    (clock.DAY, "day"), (clock.HOUR, "hour"), (clock.MINUTE, "minute"), (clock.SECOND, "second"),
    (1, ""),
)  # fmt: skip

MOST_LISTED = 1_000
"""Entries of a list."""
_ENTRY = {"tac": r"[0-9]{8}", "provider": r"[^\s,]{1,60}", "trunk": r"[^\s,:]{1,60}:[^\s,]{1,60}"}
"""How an entry of each kind of list is written: nothing personal stands in a policy."""

Value = int | tuple[str, ...]
Changes = Mapping[str, int | Sequence[str]]
"""Parameter → value; a list where there are entries."""
Tuning = Mapping[str, Changes]
"""Detector → what is changed."""


@dataclass(frozen=True)
class Parameter:
    """One number, or list, that decides, as the rule's page shows it."""

    name: str
    default: Value
    value: Value
    """In force now."""
    said: str
    """Why it is so, and by whose word."""
    most: int
    unit: int = 1
    """A form speaks of so many of the smallest units: an hour, a tenge, a per cent …"""
    sign: str = ""
    """… and calls it so: day, hour, minute, second, tenge, permille."""
    of: str = ""
    """What the entries of a list are: tac, provider, trunk."""

    @property
    def written(self) -> str:
        """The value as a form holds it; entries one a line."""
        return "\n".join(self.value) if self.of else str(int(self.value) // self.unit)  # type: ignore[arg-type]


def current(session: Session, at_us: int | None = None) -> Tuning:
    """What is changed by the policy in force."""
    now = clock.now_us() if at_us is None else at_us
    row = policies.in_force(session, POLICY, now)
    return {} if row is None else row.body


def tuned(detector: Detector, changes: Changes) -> Detector:
    """The detector with other parameters, and a version of its own; without any itself."""
    if not changes:
        return detector
    told = {name: of if isinstance(of, int) else tuple(of) for name, of in changes.items()}
    params = replace(detector.params, **told)
    version = hashlib.sha256(f"{detector.version}{params!r}".encode()).hexdigest()[:16]
    return replace(detector, params=params, version=version)


def of_version(session: Session, code: str, version: str) -> Changes:
    """The changes by which a detector has this version; those in force if none has."""
    detector = registry.all_detectors().get(code)
    if detector is None or detector.version == version:
        return {}
    rows = session.scalars(
        select(orm.Policy).where(orm.Policy.name == POLICY).order_by(orm.Policy.version.desc())
    )
    for row in rows:
        changes: Changes = row.body.get(code, {})
        if tuned(detector, changes).version == version:
            return changes
    return current(session).get(code, {})


def parameters(session: Session, code: str) -> list[Parameter]:
    """What of a detector can be tuned; nothing if there is no such detector."""
    detector = registry.all_detectors().get(code)
    if detector is None:
        return []
    said, changed = docstrings(type(detector.params)), current(session).get(code, {})
    found = []
    for field in fields(detector.params):
        default = getattr(detector.params, field.name)
        value, why = changed.get(field.name, default), said.get(field.name, "")
        if LISTED in field.metadata:
            of = field.metadata[LISTED]
            found.append(Parameter(field.name, default, tuple(value), why, MOST_LISTED, of=of))
        elif _is_number(default):
            unit = _unit(field.name, default)
            found.append(Parameter(field.name, default, value, why, most_of(default), *unit))
    return found


def most_of(default: int) -> int:
    """The largest value that a parameter takes."""
    return max(10, _WIDEST * default)


def checked(session: Session, code: str, told: Mapping[str, str]) -> dict[str, int | list[str]]:
    """Values as a form brings them, in their units; those that differ from the detector's own.

    Raises:
        NotFound: no such detector. InputRejected: no whole number, or too large a one; an entry
            of another shape, or too many.
    """
    registry.get(code)
    found: dict[str, int | list[str]] = {}
    for one in parameters(session, code):
        given = told.get(one.name, "").strip()
        value = _entries(one, given) if one.of else _number(one, given)
        if value != one.default and value != []:
            found[one.name] = value
    return found


def _number(one: Parameter, given: str) -> int:
    text = given.replace("\u00a0", "").replace(" ", "")
    if not text:
        return int(one.default)  # type: ignore[arg-type]
    if not text.isdecimal() or int(text[:20]) * one.unit > one.most:
        raise InputRejected(one.name, text, "rules.number", most=one.most // one.unit)
    return int(text) * one.unit


def _entries(one: Parameter, given: str) -> list[str]:
    """Entries of a list, parted by spaces, lines or commas; each once, in order."""
    entries = sorted({entry for entry in re.split(r"[\s,]+", given) if entry})
    wrong = [entry for entry in entries if not re.fullmatch(_ENTRY[one.of], entry)]
    if wrong:
        raise InputRejected(one.name, wrong[0][:80], f"rules.{one.of}")
    if len(entries) > one.most:
        raise InputRejected(one.name, str(len(entries)), "rules.entries", most=one.most)
    return entries


def adopt(session: Session, code: str, changes: Changes, approved_by: Sequence[str]) -> int:
    """Put other parameters in force from now on; the policy's version. A write transaction.

    Raises:
        NotAllowed: fewer than two different people.
    """
    body: dict[str, Any] = {name: dict(of) for name, of in current(session).items() if name != code}
    if changes:
        body[code] = dict(changes)
    version = policies.next_version(session, POLICY)
    policies.put_in_force(session, POLICY, version, body, approved_by)
    return version


def _unit(name: str, default: int) -> tuple[int, str]:
    """The largest unit of which the default is a whole number."""
    if name.endswith("_us"):
        return next((unit, sign) for unit, sign in _SPANS if default % unit == 0)
    if name.endswith("_minor") and default % 100 == 0:
        return 100, "tenge"
    if name.endswith("_permille"):
        return (10, "percent") if default % 10 == 0 else (1, "permille")
    return 1, ""


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
