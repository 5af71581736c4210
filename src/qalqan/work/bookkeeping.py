"""Jobs of the books: sealing, pursuit, clocks, detection (DESIGN section 4)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from functools import cached_property

from qalqan import clock
from qalqan.bulletin.outreach import running
from qalqan.cases import (
    abroad_steps,
    campaign_book,
    clocks,
    compliance,
    devices,
    drop_place,
    drop_steps,
    order_book,
    plan_drafts,
    pursuit,
    standing,
    trails,
    watch,
)
from qalqan.clock import DAY, HOUR
from qalqan.errors import ContractBroken, Unavailable
from qalqan.lake import landing
from qalqan.lake.engine import Engine, open_engine
from qalqan.lake.sealing import seal
from qalqan.learning.model import FOLDER
from qalqan.register import jobs
from qalqan.register.database import Database
from qalqan.register.jobs import Leased
from qalqan.settings import Settings
from qalqan.work.agreement import check
from qalqan.work.detection import detect
from qalqan.work.hazard import HAZARD, measure
from qalqan.work.renewal import Renewed
from qalqan.work.time_watch import Time
from qalqan.work.tracing import Loops, Tracing

log = logging.getLogger("qalqan.work")

TOGETHER = 64
"""Pursuits that one walk of the lake does together."""
DETECT = "detect"
SEAL = "seal"
_LOOK_S = 0.3
"""How often at most an idle worker looks whether facts have landed that nobody was woken for."""
_BEGIN_S = 3600.0
"""How often the regular jobs are queued anew: one that was parked does not stop for good."""
_NIGHT_US = 22 * HOUR
"""Detectors run at three in the morning in Almaty: 22:00 UTC."""


class Books:
    """Handlers of one bookkeeping thread, with the lake's engine they share."""

    def __init__(self, database: Database, settings: Settings, loops: Loops | None = None) -> None:
        self.database = database
        self.settings = settings
        self._loops = loops
        self._looked_s = self._begun_s = float("-inf")
        self._time = Time(database)
        self.handlers: Mapping[str, Callable[[Leased], None]] = {
            SEAL: self.seal,
            trails.PURSUE: self.pursue,
            order_book.CLOCKS: self.clocks,
            order_book.STAND: self.stand,
            campaign_book.CAMPAIGN: self.campaign,
            DETECT: self.detect,
            HAZARD: self.hazard,
        }

    @cached_property
    def engine(self) -> Engine:
        """Opened by the thread that uses it, when it first does."""
        return open_engine(self.settings)

    @cached_property
    def kept(self) -> Tracing:
        """Trails over the index of payments, or over the lake while there is none to use."""
        return Tracing(self.database, self.engine, self.settings.home, self._loops)

    def close(self) -> None:
        """Give back the engine, if it was opened."""
        if "engine" in self.__dict__:
            self.engine.close()

    def begin(self) -> None:
        """Queue what must run from time to time, whether or not anything happens."""
        self._begun_s = time.monotonic()
        with self.database.write() as session:
            jobs.put(session, DETECT, "all", self._next_night())
            jobs.put(session, order_book.CLOCKS, order_book.EVERY_ORDER)

    def look(self) -> None:
        """Whoever has nothing to do looks for facts that landed while their seal job was taken
        already, and now and then that the regular jobs still wait for their time."""
        now_s = time.monotonic()
        if now_s - self._looked_s < _LOOK_S:
            return
        self._looked_s = now_s
        self._time.look()
        if self._loops is not None and self._loops.ready:
            self.kept.look()
        if now_s - self._begun_s > _BEGIN_S:
            self.begin()
        with self.database.session() as session:
            if landing.is_empty(session) or jobs.is_at_work(session, SEAL):
                return
        with self.database.write() as session:
            jobs.wake(session, SEAL, "lake")

    def seal(self, job: Leased) -> None:
        """Landing → lake, and again if something has landed meanwhile."""
        self._seal()
        with self.database.write() as session:
            jobs.finish(session, job)
            if not landing.is_empty(session):
                jobs.put(session, SEAL, "lake")

    def _seal(self) -> None:
        with self.database.session() as session:
            if landing.is_empty(session):
                return
        seal(self.database, self.settings.lake_root, watch.notice)

    def pursue(self, job: Leased) -> None:
        """Follow the money of this case, and of all others that wait to be followed."""
        self._seal()
        batch = [job, *jobs.lease_more(self.database, job.owner, trails.PURSUE, TOGETHER)]
        try:
            with Renewed(self.database, batch[1:]):  # the loop renews the first one
                cases = {one.key for one in batch}
                found = pursuit.follow_cases(self.database, self.kept, cases)
            with self.database.write() as session:
                pursuit.settle(session, found)
                for one in batch:
                    jobs.finish(session, one)
        except Exception as error:  # the loop gives the first one back, and tells
            for one in batch[1:]:
                jobs.failed(self.database, one, type(error).__name__, clock.now_us())
            raise

    def campaign(self, job: Leased) -> None:
        """A row of refused calls becomes a case, and its provider is asked."""
        with self.database.write() as session:
            campaign_book.open_case(session, int(job.key), self.settings.is_simulated)
            jobs.finish(session, job)

    def clocks(self, job: Leased) -> None:
        """What is overdue or lapsed."""
        clocks.tick(self.database)  # queues the next look
        jobs.done(self.database, job)

    def stand(self, job: Leased) -> None:
        """Where this case stands, and all others that wait for it."""
        batch = [job, *jobs.lease_more(self.database, job.owner, order_book.STAND, TOGETHER)]
        with self.database.write() as session:
            standing.refresh(session, [one.key for one in batch])
            for one in batch:
                jobs.finish(session, one)

    def _next_night(self) -> int:
        tonight = (clock.now_us() - _NIGHT_US) // DAY * DAY + _NIGHT_US
        return tonight + self.settings.detect_days * DAY

    def detect(self, job: Leased) -> None:
        """All detectors that are not retired; over a lake that does not fit none: what they no
        longer see would fade. A model that can't score stops nothing: `doctor` tells of it."""
        check(self.database, self.settings.lake_root)
        try:
            detect(self.database, self.engine, models=self.settings.home / FOLDER)
        except (ContractBroken, Unavailable) as error:
            if not error.code.startswith("learning."):
                raise
            log.warning("the model of drops' payments did not score: %s", error)
        with self.database.write() as session:
            drop_steps.expire(session)
            devices.expire(session)
            compliance.lapse(session)
            abroad_steps.expire(session)
            plan_drafts.lapse(session)
            running.lapse(session)
            drop_place.place_all(session)  # trails have grown since
            jobs.finish(session, job)
            jobs.put(session, DETECT, "all", self._next_night())
            jobs.put(session, HAZARD, "all")

    def hazard(self, job: Leased) -> None:
        """How soon money leaves, measured anew after each night's findings."""
        measure(self.database, self.engine)
        jobs.done(self.database, job)
