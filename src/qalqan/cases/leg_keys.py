"""The key of a day, handed to who tells legs of calls (REQ-48, 49).

A key opens guesses at the pairs of its day (`trust.legs`), so only the days that a provider may
need are handed out: yesterday's, for what is told late (legs come within six hours); today's; and
tomorrow's, so that no call waits for a key at midnight by a clock that is not ours. Each handing
out stands in the record before it is answered; the key itself stands nowhere.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import InputRejected
from qalqan.register import audit
from qalqan.trust import legs
from qalqan.trust.keys import Keys

AROUND = timedelta(1)


def hand_out(session: Session, keys: Keys, partner: str, day: str) -> str:
    """The key of a UTC day in hexadecimal. A write transaction, which commits before the answer.

    Raises:
        InputRejected: no day (`YYYY-MM-DD`), or none from yesterday to tomorrow.
    """
    today = datetime.fromtimestamp(clock.now_us() // clock.SECOND, UTC).date()
    wanted = _day(day)
    first, last = today - AROUND, today + AROUND
    if wanted is None or not first <= wanted <= last:
        raise InputRejected("day", day, "legs.day", first=str(first), last=str(last))
    audit.note(session, f"partner:{partner}", "legs.key", "partner", partner, day=str(wanted))
    return legs.day_key(keys, wanted).hex()


def _day(text: str) -> date | None:
    """`YYYY-MM-DD`, and no other way that ISO 8601 would write it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None
