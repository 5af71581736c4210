"""A bank that streams every payment it books, with the notice that nothing is missing."""

from __future__ import annotations

from qalqan.simulate.banks import Bank
from qalqan.simulate.centre import Centre
from qalqan.simulate.lines import LATER_S, line
from qalqan.simulate.world import World

SECOND_US = 1_000_000
ROWS_A_POST = 2_000


def told_until(world: World, bank: Bank) -> int:
    """Up to when the bank has told everything."""
    row = world.sql.execute("SELECT told_us FROM streams WHERE bank = ?", (bank.code,)).fetchone()
    return int(row[0])


async def tell(world: World, bank: Bank, centre: Centre, now_us: int) -> int:
    """Stream what was booked since last time, then the notice; returns how many payments."""
    told_us = told_until(world, bank)
    if now_us <= told_us:
        return 0
    with world.turn(now_us):
        entries = world.entries_between(bank.code, told_us - LATER_S * SECOND_US, now_us)
    lines = [line(entry, bank.code) for entry in entries]
    new = [told for told in lines if told_us < told["at_us"] <= now_us]
    new.sort(key=lambda told: told["at_us"])
    for first in range(0, len(new), ROWS_A_POST):
        rows = new[first : first + ROWS_A_POST]
        await centre.facts("payment", rows, f"{bank.code}-payments-{told_us}-{first}")
    notice = {
        "id": f"{bank.code}-feed-{now_us}", "at_us": now_us, "bank": bank.code,
        "from_us": told_us, "to_us": now_us, "currency": "KZT", "complete": True,
        "lines": len(new),
    }  # fmt: skip
    await centre.facts("statement", [notice], f"{bank.code}-notice-{now_us}")
    world.sql.execute("UPDATE streams SET told_us = ? WHERE bank = ?", (now_us, bank.code))
    return len(new)
