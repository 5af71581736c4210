"""What partners are told besides their orders: an order withdrawn, reminded of or appealed, a key
that ends, facts that were refused (REQ-19).

An event commits with what caused it. Its place in the partner's row of events, the cursor of those
who ask and the number by which others count it once, is given afterwards and one at a time: what
commits late stands behind what was told already, never between.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.register import jobs
from qalqan.register.database import Database
from qalqan.register.orm import Partner, PartnerEvent

TELL = "tell"
"""Kind of the job that pushes a partner's events; its key is the partner."""
KEPT_US = 90 * clock.DAY
A_PAGE = 200


def note(session: Session, partner: str, kind: str, at_us: int, **body: object) -> None:
    """Let a partner be told of something; no personal value may stand in `body`."""
    session.add(PartnerEvent(partner=partner, kind=kind, at_us=at_us, body=body))
    row = session.get(Partner, partner)
    if row is not None and row.events_to is not None:
        jobs.put(session, TELL, partner)


def place(database: Database, partner: str) -> None:
    """Give those that committed meanwhile their places, and forget what is old."""
    new = (PartnerEvent.partner == partner, PartnerEvent.place.is_(None))
    with database.session() as session:
        if session.scalar(select(PartnerEvent.id).where(*new).limit(1)) is None:
            return
    with database.write() as session:
        alone = select(Partner.code).where(Partner.code == partner).with_for_update(key_share=True)
        session.execute(alone)
        last = select(func.max(PartnerEvent.place)).where(PartnerEvent.partner == partner)
        first = (session.scalar(last) or 0) + 1
        ids = session.scalars(select(PartnerEvent.id).where(*new).order_by(PartnerEvent.id))
        for number, event in enumerate(ids.all(), first):
            session.execute(
                update(PartnerEvent).where(PartnerEvent.id == event).values(place=number)
            )
        _forget(session, partner)


def _forget(session: Session, partner: str) -> None:
    """The newest stays, whatever its age: the next place is counted from it."""
    old = clock.now_us() - KEPT_US
    last = select(func.max(PartnerEvent.place)).where(PartnerEvent.partner == partner)
    session.execute(
        delete(PartnerEvent).where(
            PartnerEvent.partner == partner,
            PartnerEvent.at_us < old,
            PartnerEvent.place < last.scalar_subquery(),
        )
    )


def page(session: Session, partner: str, after: int, most: int = A_PAGE) -> Sequence[PartnerEvent]:
    """A partner's events after a place, in their order."""
    wanted = select(PartnerEvent).where(PartnerEvent.partner == partner, PartnerEvent.place > after)
    return session.scalars(wanted.order_by(PartnerEvent.place).limit(most)).all()


def newest(
    session: Session, partner: str, before: int, most: int = A_PAGE
) -> Sequence[PartnerEvent]:
    """A partner's events before a place, the newest first."""
    wanted = select(PartnerEvent).where(
        PartnerEvent.partner == partner, PartnerEvent.place < before
    )
    return session.scalars(wanted.order_by(PartnerEvent.place.desc()).limit(most)).all()


def untold(session: Session, partner: str, most: int = A_PAGE) -> Sequence[PartnerEvent]:
    """Those that its endpoint has not taken yet, in their order."""
    wanted = select(PartnerEvent).where(
        PartnerEvent.partner == partner,
        PartnerEvent.place.is_not(None),
        PartnerEvent.told_us.is_(None),
    )
    return session.scalars(wanted.order_by(PartnerEvent.place).limit(most)).all()


def told(database: Database, events: Sequence[int], at_us: int) -> None:
    """Note that its endpoint took them."""
    if not events:
        return
    with database.write() as session:
        taken = update(PartnerEvent).where(PartnerEvent.id.in_(events))
        session.execute(taken.values(told_us=at_us))
