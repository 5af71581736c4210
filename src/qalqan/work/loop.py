"""The worker: does all that nobody waits for, job after job, until told to stop.

Three lanes, so that a partner who does not answer the telephone, or a large day that is sorted,
keeps nobody waiting: *delivery* talks to partners, *upkeep* keeps the lake, *bookkeeping* does
the rest. Beside them threads go round by wall time (`work.rounds`). Any number of workers may
run; a job is leased, and what it changes commits with its end (DESIGN section 4).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from qalqan import clock
from qalqan.clock import MINUTE, SECOND
from qalqan.errors import Conflict, QalqanError, Unavailable
from qalqan.register import jobs
from qalqan.register.database import Database
from qalqan.register.jobs import Leased
from qalqan.register.leases import this_process
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work import bookkeeping, delivery, rounds, upkeep
from qalqan.work.renewal import Renewed
from qalqan.work.tracing import Loops
from qalqan.work.watch import watched

log = logging.getLogger("qalqan.work")

IDLE_S = 0.1
"""How long a lane rests at most when nothing is due."""
_LONGER = 1.25
"""Each rest is so much longer than the one before: whoever has just worked looks again soon."""
AWAY_S = 0.25
"""How long it rests when the register does not answer …"""
TROUBLE_S = 2.0
"""… and when it can't be worked with."""
RETRY_US = MINUTE
AGAIN_US = SECOND
"""When a job that could not have what it needs is tried again."""
_AWAY = ("register.lost", "seal.busy", "index.busy", "os.full")
"""Reasons for which no job is to blame."""

LANES = ("books", "post", "keep")
"""The lanes of each worker: bookkeeping, delivery, upkeep."""

Handler = Callable[[Leased], None]


def _nothing() -> None:
    """A lane that has nothing to look for when idle."""


@dataclass(frozen=True)
class Lane:
    """Kinds of job that one thread works on, one after the other."""

    name: str
    handlers: Mapping[str, Handler]
    rest_s: float = 0.004
    """How long it rests at first when nothing is due."""
    idle: Callable[[], None] = _nothing
    """What it does when nothing is due."""


def run(database: Database, keys: Keys, settings: Settings, stop: threading.Event) -> None:
    """Work until `stop` is set; a job in hand is finished first. Whatever becomes of the
    register meanwhile, the worker waits for it and goes on by itself."""
    loops = Loops()
    books = bookkeeping.Books(database, settings, loops)
    post = delivery.Post(database, keys, settings)
    keeper = upkeep.Keeper(database, keys, settings, loops)
    in_books, in_post, in_keep = LANES
    lanes = (
        Lane(in_books, books.handlers, idle=books.look),  # its first look begins the regular jobs
        Lane(in_post, post.handlers, 0.015, post.look),
        Lane(in_keep, keeper.handlers, 0.1, keeper.look),
    )
    bells = {name: threading.Event() for name in (in_books, in_post)}
    threads = [threading.Thread(target=_work, args=(database, lane, stop, bells)) for lane in lanes]
    threads += rounds.threads(database, keys, settings, stop)
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    finally:
        books.close()
        post.close()
        keeper.close()


Bells = Mapping[str, threading.Event]
"""Of lanes that wait for what others do: an order that books approved is delivered at once."""
NO_BELLS: Bells = MappingProxyType({})


def _work(database: Database, lane: Lane, stop: threading.Event, bells: Bells = NO_BELLS) -> None:
    owner = f"{this_process()}:{lane.name}"
    rest = lane.rest_s
    while not stop.is_set():
        try:
            worked = _one(database, lane, owner, stop)
        except Unavailable as error:
            log.warning("the register does not answer: %s", error)
            stop.wait(AWAY_S)
        except Exception as error:  # a lane never ends before it is told to
            log.warning("looking for work: %s", _named(error), exc_info=_fault(error))
            stop.wait(TROUBLE_S)
        else:
            rest = lane.rest_s if worked else min(_LONGER * rest, IDLE_S)
            if worked:
                _ring(bells, lane)
            elif bells.get(lane.name, stop).wait(rest) and lane.name in bells:
                bells[lane.name].clear()
                rest = lane.rest_s


def _ring(bells: Bells, lane: Lane) -> None:
    for name, bell in bells.items():
        if name != lane.name:
            bell.set()


def _one(database: Database, lane: Lane, owner: str, stop: threading.Event) -> bool:
    """Do the job that is due longest; false if there is none."""
    job = jobs.lease(database, owner, lane.handlers)
    if job is None:
        lane.idle()
        return False
    try:
        with watched(job), Renewed(database, [job]):
            lane.handlers[job.kind](job)
    except Exception as error:  # whatever it is, the job is tried again, then parked with it
        log.warning("job %s %s: %s", job.kind, job.id, _named(error), exc_info=_fault(error))
        _give_back(database, job, error, stop)
    return True


def _fault(error: Exception) -> bool:
    """A programmer has to look: errors raised on purpose explain themselves."""
    return not isinstance(error, QalqanError)


def _named(error: Exception) -> str:
    """What may stand in a log: an error's text may carry a person's data, its name does not."""
    return str(error) if isinstance(error, Unavailable | Conflict) else type(error).__name__


def _blameless(error: Exception) -> bool:
    """The job could not have what it needs, a lock or the register, and is none the worse."""
    if isinstance(error, Conflict):
        return error.kind == "lease"
    return isinstance(error, Unavailable) and error.code in _AWAY


def _give_back(database: Database, job: Leased, error: Exception, stop: threading.Event) -> None:
    """Queue the job again, or park it; while the register is away, try until it is back."""
    while True:
        try:
            _told(database, job, error)
            return
        except Unavailable as away:
            if stop.wait(AWAY_S):  # its lease runs out by itself
                log.warning("job %s %s was left: %s", job.kind, job.id, away)
                return
        except Conflict as lost:
            log.warning("job %s %s was lost: %s", job.kind, job.id, lost)
            return


def _told(database: Database, job: Leased, error: Exception) -> None:
    now = clock.now_us()
    if _blameless(error):
        jobs.put_off(database, job, now + AGAIN_US)
    elif isinstance(error, Conflict):  # somebody was faster: look again at once, then later
        jobs.failed(database, job, type(error).__name__, now + AGAIN_US * (job.attempt - 1))
    else:
        jobs.failed(database, job, type(error).__name__, now + RETRY_US * job.attempt)
