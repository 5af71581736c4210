"""Requests abroad counted for the bulletin (REQ-24, 70): rows of counts, nobody's data.

A row may count few requests: whoever publishes rows hides small cells, as with every figure.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases.abroad_kinds import REFUSED
from qalqan.cases.abroad_requests import OUT
from qalqan.model.period import Period
from qalqan.register import orm


@dataclass(frozen=True)
class Row:
    """Requests of one kind to, or from, one country that were sent, or came, in a period."""

    direction: str
    country: str
    kind: str
    sent: int
    answered: int
    refused: int
    waiting: int
    """Neither answered nor refused by the end of what is known."""
    answer_us: int | None
    """Median time to the answer or refusal; None: there was none."""
    due: int
    """Of those sent, whose term is over, or that were answered."""
    in_time: int
    """Of `due`, answered or refused within the term."""


def rows(session: Session, period: Period, now_us: int) -> list[Row]:
    """Counts by direction, country and kind, in that order."""
    groups: defaultdict[tuple[str, str, str], list[orm.AbroadRequest]] = defaultdict(list)
    for row in session.scalars(select(orm.AbroadRequest)):
        begun = _begun(row)
        if begun is not None and period.from_us <= begun < period.to_us:
            groups[row.direction, row.country, row.kind].append(row)
    return [_row(key, groups[key], now_us) for key in sorted(groups)]


def _begun(row: orm.AbroadRequest) -> int | None:
    return row.sent_us if row.direction == OUT else row.drafted_us


def _row(key: tuple[str, str, str], found: list[orm.AbroadRequest], now_us: int) -> Row:
    took = [row.answered_us - (_begun(row) or 0) for row in found if row.answered_us is not None]
    refused = sum(row.outcome == REFUSED for row in found)
    due = [row for row in found if row.answered_us is not None or (row.due_us or now_us) < now_us]
    in_time = sum(
        1 for row in due
        if row.answered_us is not None and row.due_us is not None and row.answered_us <= row.due_us
    )  # fmt: skip
    return Row(
        *key, sent=len(found), answered=len(took) - refused, refused=refused,
        waiting=len(found) - len(took), answer_us=int(median(took)) if took else None,
        due=len(due), in_time=in_time,
    )  # fmt: skip
