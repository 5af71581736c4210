"""Starting and ending campaigns, with what that does to their messages."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin.outreach import campaigns, mailings, queue
from qalqan.bulletin.outreach.campaigns import COUNTED, OPERATORS, SMS, Event, State
from qalqan.cases.order_book import MACHINE
from qalqan.register.orm import OutreachCampaign
from qalqan.register.rights import Person


def start(session: Session, person: Person, number: str, version: int) -> OutreachCampaign:
    """Start an approved campaign; one by SMS has its people put on the list. A write transaction.

    Raises:
        NotAllowed, NotFound, Conflict: as `campaigns.move`.
    """
    row = campaigns.move(session, person, number, Event.START, version)
    if row.channel == SMS:
        queue.fill(session, row)
    return row


def stop(
    session: Session, person: Person, number: str, event: Event, version: int, note: str = ""
) -> OutreachCampaign:
    """End or cancel one: what waits to be sent is sent no more, by us or by operators. A write
    transaction.

    Raises:
        NotAllowed, NotFound, Conflict: as `campaigns.move`.
    """
    row = campaigns.move(session, person, number, event, version, note)
    if row.channel == SMS:
        queue.settle(session, row)
    if row.channel == OPERATORS:
        mailings.withdraw(session, person.login, row.id)
    return row


def lapse(session: Session) -> int:
    """End campaigns of messages whose time is over; how many. Operators knew that time, so what
    they were asked stays asked: their counts may still come. A write transaction."""
    table = OutreachCampaign
    over = select(table).where(
        table.channel.in_(COUNTED), table.state == State.RUNNING,
        table.to_us <= clock.now_us(),
    )  # fmt: skip
    found = list(session.scalars(over.with_for_update()))
    for row in found:
        campaigns.step(session, row, MACHINE, Event.END)
        if row.channel == SMS:
            queue.settle(session, row)
    return len(found)
