"""Whose payments a person has confirmed to be those of a drop: what a model may learn from."""

from __future__ import annotations

from sqlalchemy import select

from qalqan.learning.labelled import Span
from qalqan.register.database import Database
from qalqan.register.orm import FindingRow


def confirmed(database: Database) -> list[Span]:
    """Account and window of each finding on an account that a person has confirmed (REQ-39).

    Also those that the model itself made: a person decided on them.
    """
    asked = (
        select(FindingRow.subject, FindingRow.window_from_us, FindingRow.window_to_us)
        .where(FindingRow.subject_kind == "account", FindingRow.state == "confirmed")
        .order_by(FindingRow.id)
    )
    with database.session() as session:
        return [Span(*row) for row in session.execute(asked)]
