"""What became of people who saw a warning and of those who did not, as partners count it (REQ-77).

Two arms, and in each how many people there were, how many stopped what they were about, and how
many were defrauded afterwards. Sums stand here, no tokens: a partner that tells of one subject is
answered by the arm that the key gives him, and what is kept is a one. What the difference says, and
how sure it is, others compute; without both arms nothing is measured.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin.outreach import content, mailings, shipped
from qalqan.bulletin.outreach.holdout import ARMS, Arm
from qalqan.bulletin.outreach.plan import MOST_PEOPLE
from qalqan.errors import Conflict, InputRejected
from qalqan.model.period import day_in_almaty
from qalqan.register import audit, orm
from qalqan.register.orm import OutreachOutcome, Partner
from qalqan.trust.keys import Keys

A_BODY = 200


class OutcomeIn(BaseModel):
    """People of one arm on one day, or one subject: then `arm` and `people` are left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    experiment: str = Field(max_length=64)
    arm: Arm | None = None
    subject: str | None = Field(default=None, pattern=content.SUBJECT)
    day: date
    people: int = Field(default=1, ge=1, le=MOST_PEOPLE)
    heeded: int = Field(default=0, ge=0, le=MOST_PEOPLE)
    harmed: int = Field(default=0, ge=0, le=MOST_PEOPLE)


class OutcomesIn(BaseModel):
    """What a partner has counted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcomes: list[OutcomeIn] = Field(min_length=1, max_length=A_BODY)


@dataclass(frozen=True)
class ArmCount:
    """One arm of an experiment, over all partners and days."""

    arm: Arm
    people: int = 0
    heeded: int = 0
    harmed: int = 0


def take(session: Session, keys: Keys, partner: Partner, key: str, body: OutcomesIn) -> int:
    """Keep what a partner counted, once under its key; how many items it were. A write transaction.

    Raises:
        InputRejected: an item that can't be. Conflict: the key came before with another body.
    """
    digest = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    table = OutreachOutcome
    before = session.scalars(
        select(table.digest).where(table.partner == partner.code, table.key == key)
    ).all()
    if before:
        if set(before) == {digest}:
            return len(before)
        raise Conflict("outcomes", key, "taken", "tell of others")
    for place, each in enumerate(body.outcomes):
        arm = _checked(session, keys, partner, each, f"outcomes[{place}]")
        session.add(table(
            partner=partner.code, key=key, place=place, experiment=each.experiment, arm=arm,
            day=each.day.isoformat(), people=each.people, heeded=each.heeded, harmed=each.harmed,
            told_us=clock.now_us(), digest=digest,
        ))  # fmt: skip
    audit.note(
        session, f"partner:{partner.code}", "outcomes.tell", "partner", partner.code,
        n=len(body.outcomes),
    )  # fmt: skip
    session.flush()
    return len(body.outcomes)


def _checked(session: Session, keys: Keys, partner: Partner, told: OutcomeIn, at: str) -> Arm:
    """The arm that it counts for."""
    if max(told.heeded, told.harmed) > told.people:
        raise InputRejected(f"{at}.people", told.people, "outreach.counts")
    if told.day > day_in_almaty(clock.now_us()):
        raise InputRejected(f"{at}.day", told.day.isoformat(), "outreach.published")
    acute, held = _of(session, partner, told.experiment, f"{at}.experiment")
    if (told.arm is None) == (told.subject is None):
        raise InputRejected(f"{at}.arm", told.arm, "outreach.arm")
    if told.subject is not None:
        if told.people != 1:
            raise InputRejected(f"{at}.people", told.people, "outreach.arm")
        who = content.name_of(partner.code, told.subject)
        return content.arm_of(session, keys, told.experiment, who, acute=acute)
    arm: Arm = told.arm or "show"
    if arm == "hold" and (acute or not held):
        raise InputRejected(f"{at}.arm", arm, "outreach.never_held")
    return arm


def _of(session: Session, partner: Partner, experiment: str, at: str) -> tuple[bool, bool]:
    """Whether people are at acute risk in it, and whether anybody may have been held out."""
    if found := content.EXPERIMENT.fullmatch(experiment):
        moment = shipped.moments().get(found[1])
        if moment is None or partner.kind not in moment.kinds:
            raise InputRejected(at, experiment, "outreach.experiment")
        return moment.acute, content.held_in(session, experiment) > 0
    row = session.get(orm.OutreachCampaign, experiment)
    asked = row is not None and any(
        each.partner == partner.code for each in mailings.of_campaign(session, experiment)
    )
    if row is None or not asked:
        raise InputRejected(at, experiment, "outreach.experiment")
    return False, row.holdout > 0


def arms(session: Session, experiment: str) -> dict[Arm, ArmCount]:
    """Both arms of an experiment; an arm that nobody told of has no people."""
    table = OutreachOutcome
    counted = (
        select(table.arm, func.sum(table.people), func.sum(table.heeded), func.sum(table.harmed))
        .where(table.experiment == experiment)
        .group_by(table.arm)
    )
    found = {arm: map(int, sums) for arm, *sums in session.execute(counted)}
    return {arm: ArmCount(arm, *found.get(arm, ())) for arm in ARMS}


def experiments(session: Session) -> Sequence[str]:
    """What was told of, by name."""
    return list(
        session.scalars(
            select(OutreachOutcome.experiment).distinct().order_by(OutreachOutcome.experiment)
        )
    )


def is_measured(found: Mapping[Arm, ArmCount]) -> bool:
    """Whether there is anything to compare with."""
    return all(found[arm].people for arm in ARMS)
