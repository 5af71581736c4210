"""Bands of age: all that statistics keep of when a victim was born (REQ-71).

A band is read off the IIN once, while the report is taken and the IIN is there anyway; nobody opens
the vault to count. Five bands are coarse enough to tell of nobody, and fine enough to tell which
words to use and where.
"""

from __future__ import annotations

from datetime import date, datetime

from qalqan.clock import SECOND
from qalqan.text.show import ALMATY

BANDS = ("under18", "18-29", "30-44", "45-59", "60+")
_UP_TO = (18, 30, 45, 60)


def band(born: date | None, at_us: int) -> str | None:
    """The band of whoever was born that day, at a moment; None: the IIN of a foreigner tells no
    century, or the day is yet to come."""
    if born is None:
        return None
    day = datetime.fromtimestamp(at_us // SECOND, ALMATY).date()
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    if age < 0:
        return None
    return next((BANDS[place] for place, end in enumerate(_UP_TO) if age < end), BANDS[-1])
