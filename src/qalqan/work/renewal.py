"""Keeps the leases of jobs in hand alive, however long the work takes."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from qalqan.errors import Conflict, Unavailable
from qalqan.register import jobs
from qalqan.register.database import Database
from qalqan.register.jobs import Leased

RENEW_S = jobs.LEASE_S / 3


class Renewed:
    """Renews the leases of some jobs within its block; one that is lost is left alone, since
    its own end will say so."""

    def __init__(self, database: Database, batch: Sequence[Leased]) -> None:
        self._database = database
        self._batch = list(batch)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _renew(self) -> None:
        while not self._over.wait(RENEW_S):
            for job in tuple(self._batch):
                try:
                    jobs.renew(self._database, job)
                except Conflict:
                    self._batch.remove(job)
                except Unavailable:
                    break  # the register is away: the next turn tries again
