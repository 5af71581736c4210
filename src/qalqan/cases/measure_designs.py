"""How a measure will be judged, written down beforehand and then left alone (REQ-93).

Every version stays. A version from before its own start, while the measure has not begun, is a
registration; a later one is kept as a change and shown as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases.measures import OPEN, one
from qalqan.errors import Conflict
from qalqan.register import audit, rights
from qalqan.register.orm import MeasureDesign
from qalqan.register.rights import Person, Right


def keep(
    session: Session, officer: Person, measure: str, body: Mapping[str, Any], start_us: int
) -> MeasureDesign:
    """Keep a version; the same as the newest is the newest. A write transaction.

    Raises:
        NotFound, NotAllowed. Conflict: the measure is done or dropped, and had no design.
    """
    rights.check(officer, Right.MEASURES)
    row = one(session, measure, lock=True)
    versions = session.scalars(
        select(MeasureDesign).where(MeasureDesign.measure == row.id).order_by(MeasureDesign.number)
    ).all()
    if versions and versions[-1].body == dict(body):
        return versions[-1]
    if row.state not in OPEN and not versions:
        raise Conflict("measure", row.id, row.state, "design")
    now = clock.now_us()
    registered = [each.start_us for each in versions if not each.late]
    begins = min([start_us, *registered])
    begun = row.started_us is not None and row.started_us <= now
    made = MeasureDesign(
        measure=row.id, number=len(versions) + 1, body=dict(body), start_us=start_us, at_us=now,
        by=officer.login, late=begins <= now or begun,
    )  # fmt: skip
    session.add(made)
    audit.note(session, officer.login, "measure_design", "measure", row.id, late=made.late)
    session.flush()
    return made
