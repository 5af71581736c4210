"""A clock that jumps: what was written by it must neither stand for hours nor run ahead.

Terms of leases and due times of jobs are moments. A clock set *forward* ends terms early: who
held one finds it lost at his next write and all of that rolls back, so nothing happens twice. A
clock set *back* would leave them hours ahead: a term that ends later than any of ours can is
over, and jobs that were made "later than now" are moved to where they would be by the new clock.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, or_, select, update

from qalqan import clock
from qalqan.register.database import Database
from qalqan.register.orm import Job

LONGEST_TERM_S = 120
"""No lease of ours has a longer term; with room for machines whose clocks differ by a minute."""
_LAST = 100
"""Jobs that are looked at: another lane may have made some by the right clock already."""
SLACK_US = 5 * clock.SECOND
"""Machines of one centre may differ by as much, and no more is done about it."""


def is_over(until_wall_us: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Whether a lease that ends at this moment is nobody's any more."""
    now = clock.wall_us()
    return or_(until_wall_us <= now, until_wall_us > farthest(now))


def farthest(now_wall_us: int) -> int:
    """A term that ends later was given by a clock that has been set back since."""
    return now_wall_us + LONGEST_TERM_S * clock.SECOND


def mend(database: Database) -> int:
    """If one of the last jobs was made later than now, move all such jobs, and those put off,
    back by as much; answers by how many microseconds, 0 if the clock is as it should be."""
    lately = select(Job.created_us).order_by(Job.id.desc()).limit(_LAST).subquery()
    with database.session() as session:
        newest = session.scalar(select(func.max(lately.c.created_us)))
    now = clock.now_us()
    if newest is None or newest <= now + SLACK_US:
        return 0
    behind: int = newest - now
    back = Job.due_us - behind
    due = case(
        (Job.created_us > now, now + Job.due_us - Job.created_us), (back > now, back), else_=now
    )
    waits = (Job.state == "queued", or_(Job.created_us > now, Job.attempts > 0))
    with database.write() as session:
        session.execute(update(Job).where(*waits, Job.due_us > now).values(due_us=due))
        session.execute(update(Job).where(Job.created_us > now).values(created_us=now))
    return behind
