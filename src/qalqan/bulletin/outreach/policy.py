"""The policy of outreach, as versioned data: quotas, quiet hours, how many are held out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.bulletin.outreach.holdout import MOST_HELD
from qalqan.clock import DAY, SECOND
from qalqan.errors import InputRejected
from qalqan.register import policies
from qalqan.register.orm import Policy
from qalqan.text.show import ALMATY

NAME = "outreach"


@dataclass(frozen=True)
class OutreachPolicy:
    """One version."""

    version: int
    """0: none is in force, the limits that come with the software hold."""
    held_moments: int
    """Thousandths held out at moments of no acute risk."""
    held_campaigns: int
    person_messages: int
    person_us: int
    campaign_hour: int
    gateway_second: int
    parts: int
    quiet_from: int
    """Hour in Almaty from which nobody is written to …"""
    quiet_to: int
    """… and until which."""
    part_tiyn: int

    def is_quiet(self, at_us: int) -> bool:
        """Whether nobody is written to at this moment."""
        hour = _almaty(at_us).hour
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= hour < self.quiet_to
        return hour >= self.quiet_from or hour < self.quiet_to

    def wakes_us(self, at_us: int) -> int:
        """The first moment from then on at which people may be written to."""
        if not self.is_quiet(at_us):
            return at_us
        now = _almaty(at_us)
        end = now.replace(hour=self.quiet_to, minute=0, second=0, microsecond=0)
        if end <= now:
            end += timedelta(days=1)
        return int(end.timestamp()) * SECOND


def _almaty(at_us: int) -> datetime:
    return datetime.fromtimestamp(at_us // SECOND, ALMATY)


def default_body() -> dict[str, Any]:
    """The limits that come with the software."""
    path = files("qalqan.bulletin.outreach") / "data" / "policy_outreach.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _of_body(version: int, body: Mapping[str, Any]) -> OutreachPolicy:
    quotas, quiet = body["quotas"], body["quiet"]
    return OutreachPolicy(
        version=version,
        held_moments=body["holdout"]["moments"],
        held_campaigns=body["holdout"]["campaigns"],
        person_messages=quotas["person_messages"],
        person_us=quotas["person_days"] * DAY,
        campaign_hour=quotas["campaign_hour"],
        gateway_second=quotas["gateway_second"],
        parts=quotas["parts"],
        quiet_from=quiet["from_hour"],
        quiet_to=quiet["to_hour"],
        part_tiyn=body["cost"]["part_tiyn"],
    )


def current(session: Session, at_us: int) -> OutreachPolicy:
    """The version in force at `at_us`, else the limits that come with the software."""
    row = policies.in_force(session, NAME, at_us)
    if row is None:
        return _of_body(0, default_body())
    return _of_body(row.version, row.body)


def held_moments(session: Session, version: int) -> int:
    """Thousandths held out at moments under a version; 0 under one that there never was."""
    asked = select(Policy.body).where(Policy.name == NAME, Policy.version == version)
    body = session.scalar(asked)
    return int(body["holdout"]["moments"]) if body else 0


def install(session: Session, body: dict[str, Any], approved_by: Sequence[str]) -> OutreachPolicy:
    """Put the next version in force from now on. A write transaction.

    Raises:
        NotAllowed: fewer than two different people. InputRejected: a limit that can't be.
    """
    policies.check_approved(approved_by)
    policy = _of_body(policies.next_version(session, NAME), body)
    _check(policy)
    policies.put_in_force(session, NAME, policy.version, body, approved_by)
    return policy


def _check(policy: OutreachPolicy) -> None:
    for name in ("person_messages", "campaign_hour", "gateway_second", "parts"):
        if getattr(policy, name) < 1:
            raise InputRejected(name, getattr(policy, name), "outreach.limit")
    for name in ("quiet_from", "quiet_to"):
        if not 0 <= getattr(policy, name) < 24:
            raise InputRejected(name, getattr(policy, name), "outreach.limit")
    for name in ("held_moments", "held_campaigns"):
        if not 0 <= getattr(policy, name) <= MOST_HELD:
            raise InputRejected(name, getattr(policy, name), "outreach.limit")
