"""Regions that were split: figures of one name before and after are not of one territory (REQ-17).

Decree 887 of 3 May 2022, in force on 8 June 2022: Abai out of East Kazakhstan, Ulytau out of
Karaganda, Jetisu out of Almaty Region. Turkistan and Shymkent: 19 June 2018.
"""

from __future__ import annotations

from datetime import date

from qalqan.model.period import Period

SPLITS = (
    (date(2018, 6, 19), frozenset({"KZ-61", "KZ-79"})),
    (date(2022, 6, 8), frozenset({"KZ-10", "KZ-63", "KZ-62", "KZ-35", "KZ-33", "KZ-19"})),
)
"""From when, and which regions are not what they were."""


def comparable(region: str, now: Period, then: Period) -> bool:
    """Whether a region is one territory in both periods; the whole country always is."""
    first, last = min(now.start, then.start), max(now.end, then.end)
    return not any(region in regions and first < day < last for day, regions in SPLITS)
