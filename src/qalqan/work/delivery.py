"""Jobs that talk to partners: orders signed and pushed, reminders (REQ-19, 44)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx

from qalqan import clock
from qalqan.cases import clocks, delivery, order_book
from qalqan.clock import MINUTE
from qalqan.errors import Unavailable
from qalqan.register import jobs, orm, pauses
from qalqan.register.database import Database
from qalqan.register.jobs import Leased
from qalqan.trust.keys import Keys

TIMEOUT_S = 10.0
AGAIN_US = 10 * MINUTE
"""A partner whose address does not answer is tried again after this, for as long as it takes:
its orders' own clocks tell the people."""

PAUSED_US = MINUTE
"""While delivery stands still, its jobs look again after this."""


class Post:
    """Handlers of one delivery thread, with the connections it keeps."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self.database = database
        self.keys = keys
        self.client = httpx.Client(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False)
        self.handlers: Mapping[str, Callable[[Leased], None]] = {
            order_book.DELIVER: self._unless_paused(self.deliver),
            clocks.REMIND: self._unless_paused(self.remind),
        }

    def close(self) -> None:
        """Close all connections."""
        self.client.close()

    def _unless_paused(self, handler: Callable[[Leased], None]) -> Callable[[Leased], None]:
        """A restored centre signs and sends nothing before a person has looked."""

        def handled(job: Leased) -> None:
            with self.database.session() as session:
                stands_still = pauses.paused(session, pauses.DELIVERY) is not None
            if stands_still:
                jobs.put_off(self.database, job, clock.now_us() + PAUSED_US)
            else:
                handler(job)

        return handled

    def deliver(self, job: Leased) -> None:
        """Sign a partner's orders, and push them if it is pushed to."""
        delivery.sign_waiting(self.database, self.keys, job.key)
        with self.database.session() as session:
            pushes = session.get_one(orm.Partner, job.key).delivery == "push"
        try:
            if pushes:
                delivery.push_waiting(self.database, self.keys, job.key, self.client)
        except Unavailable:
            with self.database.write() as session:
                jobs.finish(session, job)
                jobs.put(session, order_book.DELIVER, job.key, clock.now_us() + AGAIN_US)
            return
        jobs.done(self.database, job)

    def remind(self, job: Leased) -> None:
        """Push an unanswered order once more; one that is pulled stays on offer anyway."""
        with self.database.session() as session:
            order = session.get_one(orm.Order, job.key)
            pushes = session.get_one(orm.Partner, order.partner).delivery == "push"
        try:
            if pushes:
                delivery.push_again(self.database, self.keys, job.key, self.client)
        except Unavailable:
            pass  # the next rung of the ladder comes by itself
        jobs.done(self.database, job)
