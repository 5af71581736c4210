"""Starting and ending campaigns, with what that does to their messages."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin.outreach import campaigns, queue
from qalqan.bulletin.outreach.campaigns import Event, State
from qalqan.cases.order_book import MACHINE
from qalqan.register import audit, orm
from qalqan.register.orm import OutreachCampaign
from qalqan.register.rights import Person

SMS = "sms"


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
    """End or cancel one: what waits to be sent is sent no more. A write transaction.

    Raises:
        NotAllowed, NotFound, Conflict: as `campaigns.move`.
    """
    row = campaigns.move(session, person, number, event, version, note)
    if row.channel == SMS:
        queue.settle(session, row)
    return row


def lapse(session: Session) -> int:
    """End SMS campaigns whose time is over; how many. A write transaction."""
    table = OutreachCampaign
    over = select(table).where(
        table.channel == SMS, table.state == State.RUNNING, table.to_us <= clock.now_us()
    )
    found = list(session.scalars(over.with_for_update()))
    for row in found:
        row.state, row.version = State.ENDED, row.version + 1
        queue.settle(session, row)
        session.add(orm.OutreachStep(
            campaign=row.id, at_us=clock.now_us(), by=MACHINE, event=Event.END, state=row.state,
            note="",
        ))  # fmt: skip
        audit.note(session, MACHINE, "outreach.end", "campaign", row.id, version=row.version)
    return len(found)
