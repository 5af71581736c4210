"""What was refused of one partner's facts, for that partner: by files as by POSTs, and what was
in conflict with his own earlier fact (REQ-19). The record itself stays encrypted: he has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.lake.receipt import Refusal
from qalqan.register.orm import Quarantined

_COLUMNS = (
    Quarantined.id,
    Quarantined.kind,
    Quarantined.batch,
    Quarantined.at_us,
    Quarantined.place,
    Quarantined.field,
    Quarantined.value_masked,
    Quarantined.expected,
    Quarantined.params,
)


@dataclass(frozen=True)
class Kept:
    """One refused record: `id` is the cursor after it."""

    id: int
    kind: str
    batch: str
    at_us: int
    refusal: Refusal


def page(
    session: Session, source: str, *, after: int, most: int, batch: str | None = None
) -> Sequence[Kept]:
    """The next refused records of a partner, oldest first, all or those of one batch."""
    asked = select(*_COLUMNS).where(Quarantined.source == source, Quarantined.id > after)
    if batch is not None:
        asked = asked.where(Quarantined.batch == batch)
    rows = session.execute(asked.order_by(Quarantined.id).limit(most))
    return [
        Kept(
            row.id,
            row.kind,
            row.batch,
            row.at_us,
            Refusal(row.place, row.field, row.value_masked, row.expected, row.params),
        )
        for row in rows
    ]
