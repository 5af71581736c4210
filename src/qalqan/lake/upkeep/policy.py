"""How long facts of each kind, receipts and quarantined records are kept: data with its source, in
force once two people approved it. Until then nothing is dropped."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import InputRejected
from qalqan.lake.schemas import KINDS
from qalqan.register import policies

NAME = "retention"
BATCH, QUARANTINE = "batch", "quarantine"
_OTHERS = (BATCH, QUARANTINE)
"""What is no kind of fact; a policy that leaves one out keeps it for good."""
LEAST_DAYS = 90
"""Nobody drops facts younger than this by a slip of the pen."""


@dataclass(frozen=True)
class RetentionPolicy:
    """One version; 0 is the one that comes with the software, which nobody has approved."""

    version: int
    days: Mapping[str, int]
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where each term comes from."""

    def described(self, kind: str) -> str:
        """As a dropped day names it."""
        return f"{NAME}/{self.version}: {self.days[kind]} days"


def default_body() -> dict[str, Any]:
    """The policy that comes with the software, as it stands in its file."""
    path = files("qalqan.lake.upkeep") / "retention.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def current(session: Session) -> RetentionPolicy | None:
    """The newest version that two people approved; None: facts are kept for good."""
    row = policies.in_force(session, NAME, clock.now_us())
    return None if row is None else of_body(row.version, row.body)


def of_body(version: int, body: Mapping[str, Any]) -> RetentionPolicy:
    """A version from its file's contents.

    Raises:
        InputRejected: a kind is missing or unknown, or has no sensible number of days or source.
    """
    named = dict.fromkeys((*KINDS, *(one for one in _OTHERS if one in body), *body))
    for kind in named:
        entry = body.get(kind)
        fits = isinstance(entry, Mapping) and isinstance(entry.get("source"), str)
        days = entry.get("days") if isinstance(entry, Mapping) else None
        known = kind in KINDS or kind in _OTHERS
        if not known or not fits or type(days) is not int or days < LEAST_DAYS:
            raise InputRejected(kind, str(entry), "retention.entry", days=LEAST_DAYS)
    return RetentionPolicy(
        version,
        {kind: body[kind]["days"] for kind in named},
        {kind: body[kind]["source"] for kind in named},
    )


def install(session: Session, body: dict[str, Any], approved_by: Sequence[str]) -> RetentionPolicy:
    """Put the next version in force from now on; earlier versions stay on record.

    Raises:
        InputRejected: it is no such policy.
        NotAllowed: fewer than two different people.
    """
    policies.check_approved(approved_by)
    policy = of_body(policies.next_version(session, NAME), body)
    policies.put_in_force(session, NAME, policy.version, body, approved_by)
    return policy
