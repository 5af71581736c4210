"""Jobs that talk to partners: orders signed and pushed, reminders, events (REQ-19, 44)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress

import httpx

from qalqan import clock
from qalqan.cases import by_mail, clocks, delivery, order_book, partner_watch, reach
from qalqan.clock import MINUTE
from qalqan.errors import Unavailable
from qalqan.register import jobs, orm, partner_events, pauses
from qalqan.register.database import Database
from qalqan.register.jobs import Leased
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work.mailing import Mailer

TIMEOUT_S = 10.0
_BEGIN_S = 3600.0
"""How often the regular job is queued anew: one that was parked does not stop for good."""
PAUSED_US = MINUTE
"""While delivery stands still, its jobs look again after this."""


class Post:
    """Handlers of one delivery thread, with the connections it keeps."""

    def __init__(self, database: Database, keys: Keys, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.mailer = Mailer(self.settings)
        self.database = database
        self.keys = keys
        self._begun_s = float("-inf")
        self.client = httpx.Client(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False)
        self.handlers: Mapping[str, Callable[[Leased], None]] = {
            order_book.DELIVER: self._unless_paused(self.deliver),
            clocks.REMIND: self._unless_paused(self.remind),
            partner_events.TELL: self._unless_paused(self.tell),
            partner_watch.WATCH: self.watch,
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
            row = session.get_one(orm.Partner, job.key)
        if row.delivery == "mail" and self._may_mail(row):
            self._push(job, lambda: self._mail(job.key))
        elif row.delivery == "push":
            self._push(
                job, lambda: delivery.push_waiting(self.database, self.keys, job.key, self.client)
            )
        else:
            jobs.done(self.database, job)

    def _may_mail(self, row: orm.Partner) -> bool:
        return self.mailer.is_set and by_mail.may(row)

    def _mail(self, partner: str) -> int:
        sender, language = self.mailer.sender, self.settings.language
        return by_mail.send_waiting(
            self.database, self.keys, partner, sender, language, self.mailer.send
        )

    def _mail_instead(self, partner: str) -> None:
        """A partner that has taken nothing for a while gets its orders by mail, if it has any."""
        with self.database.session() as session:
            row = session.get_one(orm.Partner, partner)
        waited_us = clock.now_us() - (row.failing_since_us or clock.now_us())
        if waited_us >= self.settings.mail_after_minutes * MINUTE and self._may_mail(row):
            with suppress(Unavailable):
                self._mail(partner)

    def tell(self, job: Leased) -> None:
        """Push a partner's events."""
        self._push(job, lambda: reach.tell_waiting(self.database, self.keys, job.key, self.client))

    def _push(self, job: Leased, pushing: Callable[[], int]) -> None:
        """Push; a partner that does not take it is tried again after a while, and after a longer
        one each further time."""
        try:
            pushing()
        except Unavailable as error:
            failures = int(job.payload.get("failures", 0)) + 1
            reach.failed(self.database, job.key, error)
            self._mail_instead(job.key)
            with self.database.write() as session:
                jobs.finish(session, job)
                due_us = clock.now_us() + reach.wait_us(failures)
                jobs.put(session, job.kind, job.key, due_us, failures=failures)
            return
        reach.took(self.database, job.key)
        jobs.done(self.database, job)

    def watch(self, job: Leased) -> None:
        """Look what partners have to be told of their keys and facts."""
        partner_watch.look(self.database)
        with self.database.write() as session:
            jobs.finish(session, job)
            partner_watch.later(session)

    def look(self) -> None:
        """Now and then, that the regular job still waits for its time."""
        if time.monotonic() - self._begun_s > _BEGIN_S:
            self._begun_s = time.monotonic()
            with self.database.write() as session:
                partner_watch.later(session)

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
