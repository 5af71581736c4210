"""How soon money leaves, measured: spells from traced cases and from findings, answers of banks,
kept as versions of the estimate `hazard` (REQ-44, 90).

Traced cases give the best spells: what arrived, when it first went on, and until when the books
tell it. They are few at first, so accounts that passes-through findings name are counted apart.
Each version says from how many arrivals it was made; earlier ones stay on record.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.model.order import Kind
from qalqan.register import orm
from qalqan.trail.hazard import Hazard, Spell, estimate, of_body, to_body
from qalqan.trail.hazard_spells import onward, traced
from qalqan.trail.policy import default

NAME = "hazard"
FINDING = "payments.passes_through"
LEAST_ANSWERS = 5
"""Judgement: of a bank with fewer answers the policy's term is taken."""
MOST_FINDINGS = 2_000
"""Newest findings looked at: each names up to 40 payments."""
_ANSWERS = 500
"""Newest answers looked at."""


def current(session: Session) -> Hazard:
    """The newest estimate; where none was made, the stated judgement."""
    row = session.scalars(
        select(orm.Estimate)
        .where(orm.Estimate.name == NAME)
        .order_by(orm.Estimate.version.desc())
        .limit(1)
    ).first()
    return Hazard() if row is None else of_body(row.body)


def measure(session: Session, found: Sequence[Spell], seal: int) -> Hazard:
    """Estimate anew from all kept trails, these spells of findings and the banks' answers; keep
    it as the next version unless it says what the newest says. A write transaction."""
    bodies = list(session.scalars(select(orm.Trail.body).order_by(orm.Trail.id)))
    rule, before = default().rule, current(session)
    made = estimate(
        traced(bodies, rule, _stopped(session)),
        found,
        onward(bodies, rule),
        answers(session),
        before.version + 1,
        clock.now_us(),
    )
    if _says(made) == _says(before):
        return before
    body = to_body(made)
    session.add(
        orm.Estimate(name=NAME, version=made.version, made_us=made.made_us, seal=seal, body=body)
    )
    session.flush()
    return made


def _stopped(session: Session) -> dict[str, int]:
    """Account → when a bank first held something there: what stays after that says nothing."""
    rows = session.execute(
        select(orm.Order.account, func.min(orm.Order.answered_us))
        .where(orm.Order.kind == Kind.HOLD, orm.Order.answered_us.is_not(None))
        .group_by(orm.Order.account)
    )
    return {account: at_us for account, at_us in rows if account and at_us is not None}


def _says(hazard: Hazard) -> dict[str, Any]:
    return {**to_body(hazard), "version": 0, "made_us": 0}


def answers(session: Session) -> dict[str, int]:
    """Bank code → median time from sending a hold to its answer, of banks with enough answers."""
    rows = session.execute(
        select(orm.Partner.bank_code, orm.Order.sent_us, orm.Order.answered_us)
        .join(orm.Partner, orm.Partner.code == orm.Order.partner)
        .where(
            orm.Order.kind == Kind.HOLD,
            orm.Order.sent_us.is_not(None),
            orm.Order.answered_us.is_not(None),
            orm.Partner.bank_code.is_not(None),
        )
        .order_by(orm.Order.id.desc())
        .limit(_ANSWERS)
    )
    taken: defaultdict[str, list[int]] = defaultdict(list)
    for bank, sent_us, answered_us in rows:
        taken[bank or ""].append(max(0, (answered_us or 0) - (sent_us or 0)))
    enough = {bank: times for bank, times in sorted(taken.items()) if len(times) >= LEAST_ANSWERS}
    return {bank: int(statistics.median(times)) for bank, times in enough.items()}


def found_payments(session: Session) -> dict[str, list[str]]:
    """Account → payments that passes-through findings name (`source:id`), the newest findings."""
    rows = session.execute(
        select(orm.FindingRow.subject, orm.FindingRow.evidence)
        .where(
            orm.FindingRow.detector == FINDING,
            orm.FindingRow.state.in_(["new", "confirmed"]),
        )
        .order_by(orm.FindingRow.updated_us.desc(), orm.FindingRow.id)
        .limit(MOST_FINDINGS)
    )
    named: defaultdict[str, list[str]] = defaultdict(list)
    for subject, evidence in rows:
        named[subject].extend(evidence["facts"])
    return dict(named)
