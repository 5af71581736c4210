"""Campaigns: prepared by one, agreed to by another, with reach and cost (REQ-73, 75, 76).

draft → approved → running → ended; cancelled from each but the last. What is approved is what was
seen: the text's version and the share held out are pinned then, and a change of the plan makes a
draft of it again. Nobody approves what he wrote or what one hand could have written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin.outreach import plan as plans
from qalqan.bulletin.outreach import policy, texts
from qalqan.bulletin.outreach.plan import Plan
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import audit, hands, numbers, orm, rights
from qalqan.register.orm import OutreachCampaign
from qalqan.register.rights import Person, Right
from qalqan.text.line import line

OPERATORS = "operator_text"
"""The channel that leaves people out for comparison: of these somebody tells what became of them.
Whom we write to by SMS we know by a number alone, and reports by an IIN: nobody could compare."""
SMS = "sms"
COUNTED = (SMS, OPERATORS)
"""Channels whose reach is counted, from receipts or operators' answers, and told by nobody."""
LONGEST_NOTE = 1_000


class State(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What happens to it."""

    WRITE = "write"
    APPROVE = "approve"
    REFUSE = "refuse"
    START = "start"
    END = "end"
    CANCEL = "cancel"
    TELL = "tell"


_S, _E = State, Event
MOVES: Mapping[tuple[State, Event], State] = {
    (_S.DRAFT, _E.WRITE): _S.DRAFT,
    (_S.APPROVED, _E.WRITE): _S.DRAFT,
    (_S.DRAFT, _E.APPROVE): _S.APPROVED,
    (_S.DRAFT, _E.REFUSE): _S.DRAFT,
    (_S.DRAFT, _E.CANCEL): _S.CANCELLED,
    (_S.APPROVED, _E.CANCEL): _S.CANCELLED,
    (_S.APPROVED, _E.START): _S.RUNNING,
    (_S.RUNNING, _E.END): _S.ENDED,
    (_S.RUNNING, _E.CANCEL): _S.CANCELLED,
    (_S.RUNNING, _E.TELL): _S.RUNNING,
    (_S.ENDED, _E.TELL): _S.ENDED,
}  # fmt: skip


def draft(session: Session, person: Person, plan: Plan) -> OutreachCampaign:
    """A new campaign. A write transaction.

    Raises:
        NotAllowed: a role that may not. InputRejected: what can't be.
    """
    rights.check(person, Right.CAMPAIGNS)
    told = plans.checked(session, plan)
    row = OutreachCampaign(
        id=numbers.next_id(session, "W"), state=State.DRAFT, version=0, holdout=0,
        created_us=clock.now_us(), drafted_by=person.login,
        **_columns(told, person),
    )  # fmt: skip
    session.add(row)
    session.flush()
    _note(session, row, person.login, Event.WRITE, "")
    return row


def write(
    session: Session, person: Person, number: str, plan: Plan, version: int
) -> OutreachCampaign:
    """Change the plan; what was approved has to be approved anew. A write transaction.

    Raises:
        NotAllowed, InputRejected: as `draft`. Conflict: it runs, or has changed meanwhile.
    """
    rights.check(person, Right.CAMPAIGNS)
    row = one(session, number, lock=True)
    _check(row, Event.WRITE, version)
    told = plans.checked(session, plan)
    for name, value in _columns(told, person).items():
        setattr(row, name, value)
    row.drafted_by, row.approved_by, row.approved_us = person.login, None, None
    row.text_version, row.holdout = None, 0
    step(session, row, person.login, Event.WRITE)
    return row


def _columns(told: Plan, person: Person) -> dict[str, object]:
    return {
        "title": told.title, "methods": list(told.methods), "channel": told.channel,
        "region": told.region, "segment": dict(told.segment), "from_us": told.from_us,
        "to_us": told.to_us, "planned_reach": told.planned_reach, "budget": told.budget,
        "text": told.text, "owner": told.owner or person.login, "evidence": told.evidence,
    }  # fmt: skip


def approve(
    session: Session, person: Person, number: str, yes: bool, version: int, note: str = ""
) -> OutreachCampaign:
    """The second person's word. A write transaction.

    Raises:
        NotAllowed: a role that may not, whoever wrote it, or one hand. NotFound. Conflict.
    """
    rights.check(person, Right.PUBLISH)
    row = one(session, number, lock=True)
    event = Event.APPROVE if yes else Event.REFUSE
    _check(row, event, version)
    if person.login == row.drafted_by:
        raise NotAllowed("approve", "a person other than the drafter")
    hands.check(session, person.login, [row.drafted_by], "approve")
    if yes:
        _pin(session, row)
        row.approved_by, row.approved_us = person.login, clock.now_us()
    step(session, row, person.login, event, line("note", note, LONGEST_NOTE, needed=False))
    return row


def _pin(session: Session, row: OutreachCampaign) -> None:
    if row.text is not None:
        row.text_version = texts.in_force(session, "message")[row.text].version
    held = policy.current(session, clock.now_us()).held_campaigns
    row.holdout = held if row.channel == OPERATORS else 0


def move(
    session: Session, person: Person, number: str, event: Event, version: int, note: str = ""
) -> OutreachCampaign:
    """Start, end or cancel. A write transaction.

    Raises:
        NotAllowed: a role that may not. NotFound. Conflict: it does not go from there.
    """
    rights.check(person, Right.CAMPAIGNS)
    row = one(session, number, lock=True)
    _check(row, event, version)
    if event not in (Event.START, Event.END, Event.CANCEL):
        raise Conflict("outreach", number, row.state, event)
    step(session, row, person.login, event, line("note", note, LONGEST_NOTE, needed=False))
    return row


def tell(
    session: Session, person: Person, number: str, reach: int | None, cost: int | None,
    evidence: str, version: int,
) -> OutreachCampaign:  # fmt: skip
    """What it came to: people reached, tiyn spent, and by what that is known. Where the reach is
    counted (`COUNTED`) what is told of it is dropped. A write transaction.

    Raises:
        NotAllowed, NotFound, Conflict: as `move`. InputRejected: what can't be.
    """
    rights.check(person, Right.CAMPAIGNS)
    row = one(session, number, lock=True)
    _check(row, Event.TELL, version)
    if reach is not None and not 0 <= reach <= plans.MOST_PEOPLE:
        raise InputRejected("reach", reach, "outreach.reach")
    if cost is not None and not 0 <= cost <= plans.MOST_TIYN:
        raise InputRejected("cost", cost, "outreach.cost")
    if row.channel not in COUNTED:
        row.reach = reach
    row.cost = cost
    row.evidence = line("evidence", evidence, plans.LONGEST_EVIDENCE, needed=False)
    step(session, row, person.login, Event.TELL, row.evidence)
    return row


def one(session: Session, number: str, lock: bool = False) -> OutreachCampaign:
    """The campaign of this number. `NotFound`."""
    row = session.get(OutreachCampaign, number, with_for_update=lock, populate_existing=lock)
    if row is None:
        raise NotFound("campaign", number)
    return row


def listed(session: Session, state: str = "", most: int = 200) -> Sequence[OutreachCampaign]:
    """The newest first; of one state, if one is named."""
    asked = select(OutreachCampaign).order_by(OutreachCampaign.id.desc()).limit(most)
    if state:
        asked = asked.where(OutreachCampaign.state == state)
    return list(session.scalars(asked))


def steps(session: Session, number: str) -> Sequence[orm.OutreachStep]:
    """A campaign's history, the earliest first."""
    table = orm.OutreachStep
    return list(session.scalars(select(table).where(table.campaign == number).order_by(table.id)))


def _check(row: OutreachCampaign, event: Event, version: int) -> None:
    if (State(row.state), event) not in MOVES:
        raise Conflict("outreach", row.id, row.state, event)
    if row.version != version:
        raise Conflict("outreach", row.id, "changed meanwhile", event)


def step(session: Session, row: OutreachCampaign, by: str, event: Event, note: str = "") -> None:
    """Take a locked campaign where `MOVES` says, and write it down. `KeyError`: it does not go."""
    row.state = MOVES[State(row.state), event]
    row.version += 1
    _note(session, row, by, event, note)


def _note(session: Session, row: OutreachCampaign, by: str, event: Event, note: str) -> None:
    session.add(
        orm.OutreachStep(
            campaign=row.id, at_us=clock.now_us(), by=by, event=event, state=row.state, note=note
        )
    )
    audit.note(session, by, f"outreach.{event}", "campaign", row.id, version=row.version)
