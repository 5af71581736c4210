"""How a delay is said."""

from __future__ import annotations

from qalqan.text.catalogue import say


def delay(minutes: int, language: str) -> str:
    """A delay in its largest whole unit."""
    if minutes % 1440 == 0:
        return say("replay.days", language, n=minutes // 1440)
    if minutes % 60 == 0:
        return say("replay.hours", language, n=minutes // 60)
    return say("replay.minutes", language, n=minutes)
