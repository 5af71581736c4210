"""Findings under review as alerts: one a subject and story, with at most five reasons (REQ-39)."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from qalqan.detectors.reasons import Alert, alerts
from qalqan.register.database import Database
from qalqan.register.orm import FindingRow
from qalqan.work.finders import all_of

READ = 20_000
"""Findings read at most, the highest scores first: nobody works through more alerts."""


def strongest(database: Database, most: int, models: Path | None = None) -> list[Alert]:
    """The strongest alerts of findings that nobody has dismissed and that have not faded.

    What another version of a detector saw keeps its row and makes no reason: its words may be
    about other evidence.
    """
    open_ones = (
        select(FindingRow)
        .where(FindingRow.state.in_(("new", "confirmed")))
        .where(FindingRow.version.in_([one.version for one in all_of(models).values()]))
        .order_by(FindingRow.score.desc(), FindingRow.id)
        .limit(READ)
    )
    with database.session() as session:
        return alerts(session.scalars(open_ones).all())[:most]
