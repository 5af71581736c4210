"""The worker: does all that nobody waits for, job after job, until told to stop.

Two lanes, so that a partner who does not answer the telephone keeps nobody waiting: *delivery*
talks to partners, *bookkeeping* does the rest. Any number of workers may run; a job is leased,
and what it changes commits with its end (DESIGN section 4).
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qalqan import clock
from qalqan.clock import MINUTE
from qalqan.errors import Conflict, QalqanError, Unavailable
from qalqan.register import jobs
from qalqan.register.database import Database
from qalqan.register.jobs import Leased
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work import bookkeeping, delivery

log = logging.getLogger("qalqan.work")

IDLE_S = 0.1
"""How long a lane rests at most when nothing is due."""
_LONGER = 1.25
"""Each rest is so much longer than the one before: whoever has just worked looks again soon."""
RETRY_US = MINUTE

Handler = Callable[[Leased], None]


@dataclass(frozen=True)
class Lane:
    """Kinds of job that one thread works on, one after the other."""

    name: str
    handlers: Mapping[str, Handler]
    rest_s: float = 0.004
    """How long it rests at first when nothing is due."""


def run(database: Database, keys: Keys, settings: Settings, stop: threading.Event) -> None:
    """Work until `stop` is set; a job in hand is finished first.

    Raises:
        Unavailable: the register has gone away for good.
    """
    books = bookkeeping.Books(database, settings)
    post = delivery.Post(database, keys)
    lanes = (Lane("books", books.handlers), Lane("post", post.handlers, 0.015))
    books.begin()
    threads = [threading.Thread(target=_work, args=(database, lane, stop)) for lane in lanes]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    finally:
        books.close()
        post.close()


def _work(database: Database, lane: Lane, stop: threading.Event) -> None:
    owner = f"{socket.gethostname()[:20]}:{os.getpid()}:{lane.name}"
    rest = lane.rest_s
    while not stop.is_set():
        if _one(database, lane, owner):
            rest = lane.rest_s
        else:
            stop.wait(rest)
            rest = min(_LONGER * rest, IDLE_S)


def _one(database: Database, lane: Lane, owner: str) -> bool:
    """Do the job that is due longest; false if there is none."""
    try:
        job = jobs.lease(database, owner, lane.handlers)
    except Unavailable as error:
        log.warning("the register does not answer: %s", error)
        return False
    if job is None:
        return False
    try:
        lane.handlers[job.kind](job)
    except Exception as error:  # whatever it is, the job is tried again, then parked with it
        log.warning("job %s %s: %s", job.kind, job.id, _named(error), exc_info=_fault(error))
        _give_back(database, job, error)
    return True


def _fault(error: Exception) -> bool:
    """A programmer has to look: errors raised on purpose explain themselves."""
    return not isinstance(error, QalqanError)


def _named(error: Exception) -> str:
    """What may stand in a log: an error's text may carry a person's data, its name does not."""
    return str(error) if isinstance(error, Unavailable | Conflict) else type(error).__name__


def _give_back(database: Database, job: Leased, error: Exception) -> None:
    try:
        retry = clock.now_us() + (0 if isinstance(error, Conflict) else RETRY_US * job.attempt)
        jobs.failed(database, job, type(error).__name__, retry)
    except (Conflict, Unavailable) as lost:
        log.warning("job %s %s was lost: %s", job.kind, job.id, type(lost).__name__)
