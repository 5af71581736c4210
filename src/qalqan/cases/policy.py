"""The policy of pursuit: what the machine may do by itself, as versioned data (REQ-44).

A policy acts only once two people have approved it; every order it drafts names it as
`policy:pursuit/<version>`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.errors import NotAllowed
from qalqan.model.order import Kind
from qalqan.register import policies

NAME = "pursuit"
LADDER = ("partner", "owner", "region", "centre")
"""Everybody who may be told of what nobody answers, in the order of the ladder."""


@dataclass(frozen=True)
class PursuitPolicy:
    """One version; all terms in microseconds, sums in minor units."""

    version: int
    hold_us: int
    prolonged_hold_us: int
    prolong_before_us: int
    due_us: Mapping[str, int]
    escalate_every_us: int
    rungs: int
    least: Mapping[str, int]
    orders_a_case: int
    statements_an_account: int
    confirm_before_us: int
    confirm_after_us: int
    statement_before_us: int
    watch_account_us: int = 30 * DAY
    watch_payment_us: int = DAY
    warning_us: int = 3 * DAY
    ask_first_us: int | None = None
    """Of money that came longer ago and is not told since, the books come before a hold."""
    busy_payers: int | None = None
    """Where more others pay than this, people decide; None: nowhere."""
    ladder: tuple[str, ...] = LADDER
    """Who is told at each rung of the escalation."""
    appeal_due_us: int = 2 * HOUR
    appeal_every_us: int = 30 * MINUTE
    sanction_us: int = DAY
    campaign_calls: int = 5
    campaign_spread: int = 20
    campaign_gap_us: int = 30 * MINUTE
    campaign_again_us: int = DAY
    traceback_us: int = DAY
    traceback_hops: int = 8

    @property
    def actor(self) -> str:
        """Who drafts and approves under this policy."""
        return f"policy:{NAME}/{self.version}"

    def due_in(self, kind: Kind) -> int:
        """How long a partner has to answer an order of this kind."""
        return self.due_us.get(kind, self.escalate_every_us)

    def least_of(self, currency: str) -> int:
        """The least sum worth an order."""
        return self.least.get(currency, self.least["default"])


def _of_body(version: int, body: Mapping[str, Any]) -> PursuitPolicy:
    limits, escalation = body["limits"], body["escalation"]
    restraint = body.get("restraint")  # earlier versions knew none
    watch = body.get("watch") or default_body()["watch"]  # earlier versions said nothing of it
    return PursuitPolicy(
        version=version,
        hold_us=body["hold_hours"] * HOUR,
        prolonged_hold_us=body["prolonged_hold_days"] * DAY,
        prolong_before_us=body["prolong_before_hours"] * HOUR,
        due_us={kind: minutes * MINUTE for kind, minutes in body["due_minutes"].items()},
        escalate_every_us=escalation["every_minutes"] * MINUTE,
        rungs=escalation["rungs"],
        least=body["least"],
        orders_a_case=limits["orders_a_case"],
        statements_an_account=limits["statements_an_account"],
        confirm_before_us=limits["confirm_before_hours"] * HOUR,
        confirm_after_us=limits["confirm_after_hours"] * HOUR,
        statement_before_us=limits["statement_before_minutes"] * MINUTE,
        watch_account_us=watch["account_days"] * DAY,
        watch_payment_us=watch["payment_hours"] * HOUR,
        warning_us=watch["warning_days"] * DAY,
        ask_first_us=restraint and restraint["ask_first_minutes"] * MINUTE,
        busy_payers=restraint and restraint["busy_payers"],
        ladder=tuple(escalation.get("ladder", LADDER[: escalation["rungs"]])),
        **_terms_of_people(body),
    )


def _terms_of_people(body: Mapping[str, Any]) -> dict[str, int]:
    """Terms that earlier versions said nothing of."""
    said = {**default_body(), **body}
    return {
        "appeal_due_us": said["appeals"]["due_minutes"] * MINUTE,
        "appeal_every_us": said["appeals"]["every_minutes"] * MINUTE,
        "sanction_us": said["sanction"]["within_hours"] * HOUR,
        **_of_calls(said),
    }


def _of_calls(said: Mapping[str, Any]) -> dict[str, int]:
    campaigns, traceback = said["campaigns"], said["traceback"]
    return {
        "campaign_calls": campaigns["least_calls"],
        "campaign_spread": campaigns["least_spread"],
        "campaign_gap_us": campaigns["gap_minutes"] * MINUTE,
        "campaign_again_us": campaigns["again_hours"] * HOUR,
        "traceback_us": traceback["within_hours"] * HOUR,
        "traceback_hops": traceback["hops"],
    }


def default_body() -> dict[str, Any]:
    """The policy that comes with the software, as it stands in its file."""
    path = files("qalqan.cases") / "data" / "policy_pursuit.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def install_default_policy(session: Session, approved_by: Sequence[str]) -> PursuitPolicy:
    """Put the default in force under the names of two people who approved it.

    Raises:
        NotAllowed: fewer than two different people.
    """
    return install(session, default_body(), approved_by)


def install(session: Session, body: dict[str, Any], approved_by: Sequence[str]) -> PursuitPolicy:
    """Put the next version in force from now on; earlier versions stay on record.

    Raises:
        NotAllowed: fewer than two different people.
    """
    policies.check_approved(approved_by)
    policy = _of_body(policies.next_version(session, NAME), body)
    policies.put_in_force(session, NAME, policy.version, body, approved_by)
    return policy


def current(session: Session, at_us: int) -> PursuitPolicy:
    """The version in force at `at_us`.

    Raises:
        NotAllowed: no two people have approved one yet.
    """
    row = policies.in_force(session, NAME, at_us)
    if row is None:
        raise NotAllowed("pursue", "a policy that two people approved")
    return _of_body(row.version, row.body)
