"""Appeals as the register keeps them (REQ-44)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from qalqan.errors import Conflict, NotFound
from qalqan.register import orm, rights
from qalqan.register.rights import Person


class Channel(StrEnum):
    """How an appeal came."""

    PHONE, LETTER, VISIT = "phone", "letter", "visit"
    PARTNER = "partner"
    """The order's own partner handed it in, for its customer or for itself."""
    PORTAL = "portal"


class Verdict(StrEnum):
    """Where an appeal stands, or what became of it."""

    OPEN = "open"
    UPHELD, PART, DISMISSED = "upheld", "part", "dismissed"
    LAPSED = "lapsed"
    """The order ended by itself before anybody decided."""


@dataclass(frozen=True)
class Appeal:
    """One appeal; words are vault tokens, times UTC microseconds."""

    id: str
    order_id: str
    case_id: str
    channel: Channel
    words: str
    handed_by: str
    received_us: int
    due_us: int | None
    escalated: int
    state: Verdict
    version: int
    decided_by: str | None
    decided_us: int | None
    reason: str | None
    note: str | None
    undone_by: str | None


def open_rows() -> Select[orm.AppealRow]:
    """All that nobody has decided yet."""
    return select(orm.AppealRow).where(orm.AppealRow.state == Verdict.OPEN)


def next_us(session: Session) -> int | None:
    """When the next open appeal is due."""
    row = orm.AppealRow
    return session.scalar(select(func.min(row.due_us)).where(row.state == Verdict.OPEN))


def write(session: Session, appeal_id: str, version: int, **values: Any) -> None:
    """Change an open appeal. Raises `Conflict`: decided already, or changed by somebody else."""
    row = orm.AppealRow
    changed: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        update(row)
        .where(row.id == appeal_id, row.version == version, row.state == Verdict.OPEN)
        .values(version=version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:
        raise Conflict(
            "appeal", appeal_id, "decided or changed by somebody else", "decide", "changed"
        )


def load(session: Session, appeal_id: str) -> Appeal:
    """The appeal as it stands. Raises `NotFound`."""
    row = session.get(orm.AppealRow, appeal_id, populate_existing=True)
    if row is None:
        raise NotFound("appeal", appeal_id)
    return value(row)


def of_orders(session: Session, order_ids: Sequence[str]) -> dict[str, list[Appeal]]:
    """Order → its appeals, oldest first."""
    found: dict[str, list[Appeal]] = {}
    for start in range(0, len(order_ids), 500):
        piece = order_ids[start : start + 500]
        rows = select(orm.AppealRow).where(orm.AppealRow.order_id.in_(piece))
        for row in session.scalars(rows.order_by(orm.AppealRow.id)):
            found.setdefault(row.order_id, []).append(value(row))
    return found


def listed(session: Session, person: Person, is_open: bool, most: int = 100) -> list[Appeal]:
    """Appeals in this officer's view: open ones by their coming, decided ones newest first."""
    row = orm.AppealRow
    wanted = select(row).where(
        row.state == Verdict.OPEN if is_open else row.state != Verdict.OPEN,
        row.case_id.in_(select(orm.Case.id).where(rights.in_view(person))),
    )
    order = (row.received_us, row.id) if is_open else (row.decided_us.desc(), row.id.desc())
    return [value(each) for each in session.scalars(wanted.order_by(*order).limit(most))]


def value(row: orm.AppealRow) -> Appeal:
    """The row as a plain value."""
    return Appeal(
        id=row.id, order_id=row.order_id, case_id=row.case_id, channel=Channel(row.channel),
        words=row.words, handed_by=row.handed_by, received_us=row.received_us,
        due_us=row.due_us, escalated=row.escalated, state=Verdict(row.state),
        version=row.version, decided_by=row.decided_by, decided_us=row.decided_us,
        reason=row.reason, note=row.note, undone_by=row.undone_by,
    )  # fmt: skip
