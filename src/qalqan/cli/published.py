"""What a demo publishes: an analyst asks, the worker counts, a supervisor agrees."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from rich.progress import Progress

from qalqan import clock
from qalqan.cli.home import Home
from qalqan.cli.out import word
from qalqan.model.period import day_in_almaty, month_of
from qalqan.register.rights import Person

OFFICIAL = (("month", "2024-01"), ("year", "2023"), ("minister", "2024-01"))
"""Bulletins of what the briefing states (REQ-1 to 15)."""
_WAIT_S = 90.0


def publish(bar: Progress, home: Home, officers: Sequence[Any]) -> int:
    """Count the dashboard's figures and publish the official bulletins and those of this month;
    returns how many are out. What the worker does not manage in time comes out later."""
    from qalqan.bulletin import desk
    from qalqan.work.bulletins import keep_figures

    month = month_of(day_in_almaty(clock.now_us())).code
    wanted = [*OFFICIAL, *((kind, month) for kind in ("month", "minister", "press"))]
    task = bar.add_task(word("demo.bulletins"), total=len(wanted) + 1)
    keep_figures(home.database, home.settings)
    bar.advance(task)
    analyst, supervisor = (_of(officers, role) for role in ("analyst", "supervisor"))
    with home.database.write() as session:
        ids = [desk.ask(session, analyst, *each).id for each in wanted]
    out, until_s = set[str](), time.monotonic() + _WAIT_S
    while len(out) < len(ids) and time.monotonic() < until_s:
        for bulletin in ids:
            out |= _step(home, supervisor, bulletin)
        bar.update(task, completed=1 + len(out))
        time.sleep(0.2)
    return len(out)


def _step(home: Home, supervisor: Person, bulletin: str) -> set[str]:
    """Agree to a draft; the bulletin itself once it is out."""
    from qalqan.bulletin import desk

    with home.database.write() as session:
        row = desk.one(session, bulletin)
        if row.state == "drafted":
            desk.decide(session, supervisor, bulletin, True, row.version)
        return {bulletin} if row.state == "published" else set()


def _of(officers: Sequence[Any], role: str) -> Person:
    found: Person = next(each for each in officers if each.role == role)
    return found
