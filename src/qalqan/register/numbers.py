"""Readable ids: C-26-000123 is the 123rd case of 2026 by Almaty's calendar.

The counter is a row of the same transaction: a number that was given and rolled back is given
again, so there are no holes to explain.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.register import dialect
from qalqan.register.orm import Number

_ALMATY = ZoneInfo("Asia/Almaty")
_NUMBERS = cast(Table, Number.__table__)


def next_id(session: Session, letter: str) -> str:
    """The next id of a kind, such as `C-26-000001`; a write transaction."""
    year = datetime.fromtimestamp(clock.now_us() // clock.SECOND, _ALMATY).year % 100
    name = f"{letter}-{year:02d}"
    statement = (
        dialect.insert(session, _NUMBERS)
        .values(name=name, last=1)
        .on_conflict_do_update(index_elements=["name"], set_={"last": _NUMBERS.c.last + 1})
        .returning(_NUMBERS.c.last)
    )
    return f"{name}-{session.execute(statement).scalar_one():06d}"
