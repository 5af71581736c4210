"""When something happens next in a simulated run, read from the world's file."""

from __future__ import annotations

from typing import Any

from qalqan.clock import HOUR, MINUTE
from qalqan.simulate.banks import BANKS, Bank
from qalqan.simulate.sizes import ALMATY_US
from qalqan.simulate.world import World

FEED_STEP_US = 10 * MINUTE
"""A feed's news about the script reach the centre at most this late."""
FEED_REST_US = 6 * HOUR
"""All else goes with the next post, at the latest after this."""
CLERK_HOURS = (9, 11, 13, 15, 17, 19)
"""Local hours at which the clerk looks for new orders in the centre's sheet."""


def is_clerks_hour(now_us: int) -> bool:
    """Has one of the clerk's hours just struck?"""
    local = now_us + ALMATY_US
    return local // HOUR % 24 in CLERK_HOURS and local % HOUR < MINUTE


class Agenda:
    """What is due, and when the last thing of note happened."""

    def __init__(self, world: World, start_us: int) -> None:
        self._world = world
        self._start_us = start_us
        self._last_us = start_us
        self._clerk_us = start_us
        self._looked_us = start_us

    def next_stop(self, work: dict[str, Any], report_us: int | None) -> int:
        """The earliest moment, after the last one, at which anybody has something to do."""
        moments = [report_us, work.get("next_due_us"), self._answers_due(), self._clerk()]
        moments += [self._feed_due(bank) for bank in BANKS if bank.feed]
        return max(min(m for m in moments if m is not None), self._looked_us + 1)

    def _answers_due(self) -> int | None:
        row = self._world.sql.execute(
            "SELECT min(due_us) FROM orders WHERE answer IS NULL"
        ).fetchone()
        return int(row[0]) if row[0] is not None else None

    def _clerk(self) -> int | None:
        """The clerk's next hour after his last one."""
        if all(bank.delivery != "sheet" for bank in BANKS):
            return None
        hour = (self._clerk_us + ALMATY_US) // HOUR + 1
        while hour % 24 not in CLERK_HOURS:
            hour += 1
        return hour * HOUR - ALMATY_US

    def _feed_due(self, bank: Bank) -> int:
        """After the next step of the script at this bank, or when the last news are old."""
        told_us = self._told(bank)
        touched = self._world.touched_since(bank.code, told_us)
        soon = -(-touched // FEED_STEP_US) * FEED_STEP_US if touched else told_us + FEED_REST_US
        return min(soon, told_us + FEED_REST_US)

    def _told(self, bank: Bank) -> int:
        row = self._world.sql.execute(
            "SELECT told_us FROM streams WHERE bank = ?", (bank.code,)
        ).fetchone()
        return int(row[0])

    def banks_due(self, now_us: int) -> list[Bank]:
        """Banks with an answer due, and the clerk's at his hours."""
        rows = self._world.sql.execute(
            "SELECT DISTINCT bank FROM orders WHERE answer IS NULL AND due_us <= ?", (now_us,)
        )
        codes = {row[0] for row in rows}
        clerk = self._clerk()
        if clerk is not None and clerk <= now_us:
            codes |= {bank.code for bank in BANKS if bank.delivery == "sheet"}
            self._clerk_us = now_us
        self._looked_us = now_us
        return [bank for bank in BANKS if bank.code in codes]

    def feeds_due(self, now_us: int) -> list[Bank]:
        """Feeds with something to tell."""
        return [bank for bank in BANKS if bank.feed and self._feed_due(bank) <= now_us]

    def saw(self, now_us: int, answered: int) -> None:
        """Remember when something last happened."""
        if answered:
            self._last_us = now_us

    def quiet_since(self, now_us: int, for_us: int) -> bool:
        """Has nothing happened for so long?"""
        return now_us - self._last_us >= for_us
