"""Around every job: counted, timed, and logged by its kind and number."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from qalqan import logs
from qalqan.metrics import counts
from qalqan.register.jobs import Leased

log = logging.getLogger("qalqan.work.jobs")


@contextmanager
def watched(job: Leased) -> Iterator[None]:
    """Tell of the job when it ends, however it ends; all log lines meanwhile carry its number."""
    start, outcome = time.perf_counter(), "failed"
    with logs.within(job=job.kind, job_id=job.id, attempt=job.attempt):
        try:
            yield
            outcome = "done"
        finally:
            seconds = time.perf_counter() - start
            counts().jobs.labels(job.kind, outcome).inc()
            counts().job_seconds.labels(job.kind).observe(seconds)
            logs.told(log, "job", outcome=outcome, ms=round(seconds * 1000, 1))
