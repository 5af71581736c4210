"""What operators are asked to send to their own subscribers (REQ-76): the text, the segment and the
share to leave out go to them; numbers stay with them; counts come back."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin.outreach import campaigns
from qalqan.bulletin.outreach.campaigns import OPERATORS, State
from qalqan.bulletin.outreach.plan import MOST_PEOPLE
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.register import audit, orm, rights
from qalqan.register.orm import OutreachMailing
from qalqan.register.rights import Person, Right

ASKED, DONE, REFUSED, WITHDRAWN = "asked", "done", "refused", "withdrawn"


class MailingAnswer(BaseModel):
    """How many people: `sent` were written to, `delivered` had it, `failed` did not, `stopped`
    asked for no more, `held` were left out for comparison. Or `refused`, with all of them zero."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    refused: bool = False
    sent: int = Field(default=0, ge=0, le=MOST_PEOPLE)
    delivered: int = Field(default=0, ge=0, le=MOST_PEOPLE)
    failed: int = Field(default=0, ge=0, le=MOST_PEOPLE)
    stopped: int = Field(default=0, ge=0, le=MOST_PEOPLE)
    held: int = Field(default=0, ge=0, le=MOST_PEOPLE)


def ask(session: Session, person: Person, campaign: str, partner: str) -> OutreachMailing:
    """Ask an operator; asked once, it stays asked. A write transaction.

    Raises:
        NotAllowed: a role that may not. NotFound. Conflict: the campaign does not run, or is none
            of operators' texts. InputRejected: no operator that takes part.
    """
    rights.check(person, Right.CAMPAIGNS)
    row = campaigns.one(session, campaign, lock=True)
    if row.channel != OPERATORS or row.state != State.RUNNING:
        raise Conflict("outreach", campaign, row.state, "ask")
    operator = session.get(orm.Partner, partner)
    if operator is None or operator.kind != "operator" or not operator.active:
        raise InputRejected("partner", partner, "device.holder")
    table = OutreachMailing
    found = session.scalar(
        select(table).where(table.campaign == campaign, table.partner == partner)
    )
    if found is not None:
        return found
    found = table(
        campaign=campaign, partner=partner, state=ASKED, asked_us=clock.now_us(),
        asked_by=person.login, answer={},
    )  # fmt: skip
    session.add(found)
    session.flush()
    audit.note(session, person.login, "mailing.ask", "campaign", campaign, partner=partner)
    return found


def withdraw(session: Session, by: str, campaign: str) -> None:
    """Take back what no operator has answered yet. A write transaction."""
    for row in of_campaign(session, campaign):
        if row.state == ASKED:
            row.state = WITHDRAWN
            audit.note(session, by, "mailing.withdraw", "campaign", campaign, partner=row.partner)
    session.flush()


def of_partner(session: Session, partner: str, after: int, most: int) -> Sequence[OutreachMailing]:
    """An operator's, after the cursor, oldest first."""
    table = OutreachMailing
    asked = select(table).where(table.partner == partner, table.id > after)
    return list(session.scalars(asked.order_by(table.id).limit(most)))


def of_campaign(session: Session, campaign: str) -> Sequence[OutreachMailing]:
    """Who was asked about a campaign, by partner."""
    table = OutreachMailing
    asked = select(table).where(table.campaign == campaign)
    return list(session.scalars(asked.order_by(table.partner)))


def answer(session: Session, partner: str, number: int, told: MailingAnswer) -> OutreachMailing:
    """What became of it; the same again changes nothing. One that was withdrawn stays so, and what
    had gone out before counts. A write transaction.

    Raises:
        NotFound: not this operator's. Conflict: answered otherwise before. InputRejected: counts
            that can't be.
    """
    row = session.get(OutreachMailing, number, with_for_update=True)
    if row is None or row.partner != partner:
        raise NotFound("mailing", str(number))
    _check(told)
    state = WITHDRAWN if row.state == WITHDRAWN else REFUSED if told.refused else DONE
    counts = told.model_dump(exclude={"refused"})
    if row.answered_us is not None:
        if (row.state, row.answer) == (state, counts):
            return row
        raise Conflict("mailing", str(number), "answered", "answer")
    row.state, row.answer, row.answered_us = state, counts, clock.now_us()
    audit.note(session, f"partner:{partner}", "mailing.answer", "campaign", row.campaign, **counts)
    session.flush()
    campaign = campaigns.one(session, row.campaign, lock=True)
    asked = of_campaign(session, row.campaign)
    campaign.reach = sum(int(each.answer.get("delivered", 0)) for each in asked)
    return row


def _check(told: MailingAnswer) -> None:
    if told.delivered + told.failed > told.sent or told.stopped > told.sent:
        raise InputRejected("sent", told.sent, "outreach.counts")
    if told.refused and (told.sent or told.held):
        raise InputRejected("refused", True, "outreach.counts")
