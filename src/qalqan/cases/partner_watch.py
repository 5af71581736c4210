"""Once a day: which partners have to be told that a key ends, or that facts of theirs were refused
(REQ-19)."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.clock import DAY, HOUR
from qalqan.register import jobs, partner_events, partner_keys
from qalqan.register.database import Database
from qalqan.register.orm import Partner, PartnerEvent, PartnerKey, Quarantined

WATCH = "partners"
"""Kind of the job; its only key is `all`."""
KEY_ENDS = "key.ends"
REFUSED = "facts.refused"
_MORNING_US = 3 * HOUR
"""Eight in the morning in Almaty: 03:00 UTC."""


def later(session: Session) -> None:
    """Queue the next look."""
    now = clock.now_us()
    jobs.put(session, WATCH, "all", now - (now - _MORNING_US) % DAY + DAY)


def look(database: Database) -> None:
    """Note what has to be told; what was told already is not told again."""
    with database.write() as session:
        now = clock.now_us()
        for key in partner_keys.ending(session):
            if key.warned_us is None:
                told = {"key": key.id, "label": key.label, "until_us": key.until_us}
                partner_events.note(session, key.partner, KEY_ENDS, now, **told)
                warned = update(PartnerKey).where(PartnerKey.id == key.id)
                session.execute(warned.values(warned_us=clock.wall_us()))
        for partner in session.scalars(select(Partner.code).where(Partner.active)).all():
            _refused(session, partner, now)


def _refused(session: Session, partner: str, now: int) -> None:
    """How many records were refused since the partner was told last; `after` is the cursor of
    `/v1/facts/quarantine` from which they stand."""
    last = session.scalar(
        select(PartnerEvent)
        .where(PartnerEvent.partner == partner, PartnerEvent.kind == REFUSED)
        .order_by(PartnerEvent.id.desc())
        .limit(1)
    )
    after = 0 if last is None else int(last.body["to"])
    counted = select(func.count(), func.max(Quarantined.id)).where(
        Quarantined.source == partner, Quarantined.id > after
    )
    refused, newest = session.execute(counted).one()
    if refused:
        told = {"records": refused, "after": after, "to": newest}
        partner_events.note(session, partner, REFUSED, now, **told)
