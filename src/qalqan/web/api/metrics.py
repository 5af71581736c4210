"""`GET /metrics`: what Prometheus reads (its text format 0.0.4).

What processes count comes from `qalqan.metrics`; the rest is read from register and lake at the
moment of the question, so it is right whichever processes live. Reading is for this machine or
for whoever bears `QALQAN_METRICS_TOKEN`: figures tell a thief how busy a centre is.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from qalqan import clock
from qalqan.errors import NotAllowed, QalqanError, Unavailable
from qalqan.lake.schemas import KINDS
from qalqan.metrics import counts
from qalqan.register import dialect, partner_keys
from qalqan.register.database import Database
from qalqan.register.orm import Partner
from qalqan.register.queues import queues
from qalqan.settings import Settings
from qalqan.web.access import is_from_here, settings_of
from qalqan.web.api.screens import owners_of
from qalqan.work import vitals
from qalqan.work.readiness import LOCKED_S

LAKE_EVERY_S = 30.0
"""The lake's files are counted no more often: each count opens every table."""


async def metrics(request: Request) -> Response:
    """All metrics of this centre as text."""
    _check_may_read(request)
    watcher: Watcher = request.app.state.watcher
    owners = Screens(await owners_of(request).status())
    told = await watcher.asked(lambda: counts().text(watcher, owners))
    return Response(told, media_type=CONTENT_TYPE_LATEST)


def _check_may_read(request: Request) -> None:
    token = settings_of(request).metrics_token
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if token is not None and scheme.lower() == "bearer":
        right = token.get_secret_value().encode()
        if hmac.compare_digest(given.strip().encode("utf-8", "replace"), right):
            return
    if not is_from_here(request):
        raise NotAllowed("metrics", "token")


@dataclass(eq=False)  # a registry keeps its collectors by identity
class Watcher:
    """Asks the centre how it is, one question after the other, in a thread of its own: whatever
    hangs, the rest of the web server does not."""

    settings: Settings
    database: Database
    _sealed: dict[str, int] = field(default_factory=dict)
    _refused: dict[str, int] = field(default_factory=dict)
    _seal: int = 0
    _record: int = 0
    _files: dict[str, vitals.Files] = field(default_factory=dict)
    _files_until: float = 0.0
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="watcher")
    )

    async def asked(self, question: Any) -> Any:
        """The answer of a question, in its turn."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, question)

    def close(self) -> None:
        """End the thread; a question under way ends first."""
        self._thread.shutdown()

    def collect(self) -> Iterator[Metric]:
        """All that register and lake tell; what does not answer is told as down."""
        yield _gauge("up", "The web server answers.", 1)
        try:
            if self.database.is_locked(LOCKED_S):  # else each question would wait for long
                raise Unavailable("the register is locked", "register.lost")
            with self.database.session() as session:
                told = list(self._register(session))
        except QalqanError:
            told = [_gauge("register_up", "The register answers.", 0)]
        yield from told
        yield from self._lake()

    def _register(self, session: Session) -> Iterator[Metric]:
        yield _gauge("register_up", "The register answers.", 1)
        yield _gauge("register_bytes", "Size of the register.", dialect.size_bytes(session))
        yield from _landing(session)
        yield from _queues(session)
        yield _by_label("orders", "Orders by state.", "state", vitals.orders(session))
        yield from _partners(session)
        yield from self._log(session)

    def _log(self, session: Session) -> Iterator[Metric]:
        """Only what is new since the last question is read; the sums are kept."""
        newest = vitals.newest(session)
        seal = 0 if newest is None else newest.seal
        yield _gauge("seal", "The newest seal; 0 before the first.", seal)
        if newest is not None:
            yield _gauge("seal_age_seconds", "Age of the newest seal.", _age_s(newest.at_us))
        sealed, self._seal = vitals.sealed_since(session, self._seal)
        refused, self._record = vitals.quarantined_since(session, self._record)
        yield _total("sealed_facts", "Facts sealed, by kind.", _added(self._sealed, sealed))
        yield _total(
            "quarantined_records", "Records quarantined, by kind.", _added(self._refused, refused)
        )

    def _lake(self) -> Iterator[Metric]:
        if time.monotonic() >= self._files_until:
            try:
                self._files = vitals.lake_files(self.settings.lake_root)
            except Exception:  # a library's own, from disk or bucket: the lake does not answer
                yield _gauge("lake_up", "The lake answers.", 0)
                return
            self._files_until = time.monotonic() + LAKE_EVERY_S
        yield _gauge("lake_up", "The lake answers.", 1)
        files = {kind: found.files for kind, found in self._files.items()}
        size = {kind: found.bytes for kind, found in self._files.items()}
        yield _by_label("lake_files", "Data files of the lake's newest version.", "kind", files)
        yield _by_label("lake_bytes", "Bytes of these files.", "kind", size)


@dataclass(frozen=True, eq=False)
class Screens:
    """How the owners of the screens' state are, one a shard."""

    owners: Sequence[dict[str, Any] | None]

    def collect(self) -> Iterator[Metric]:
        """An owner that is away is told as down, and nothing else of it."""
        found = {str(shard): owner or {"ready": False} for shard, owner in enumerate(self.owners)}
        known = {shard: owner for shard, owner in found.items() if len(owner) > 1}
        for name, what, about, owners in (
            ("ready", "ready", "The owner of a shard of the screens answers.", found),
            ("seal", "seal", "The newest seal that it knows.", known),
            ("answers_waiting", "waiting", "Its answers on their way to the disk.", known),
        ):
            values = {shard: int(owner[what]) for shard, owner in owners.items()}
            yield _by_label(f"screen_{name}", about, "shard", values)
        rows = {shard: sum(owner["remembered"].values()) for shard, owner in known.items()}
        yield _by_label("screen_remembered", "Rows of its memory of weeks.", "shard", rows)


def _partners(session: Session) -> Iterator[Metric]:
    ending = len(partner_keys.ending(session))
    yield _gauge("partner_keys_ending", "Partners' keys that end within two weeks.", ending)
    away = select(func.count()).where(Partner.active, Partner.failing_since_us.is_not(None))
    failing = session.scalar(away) or 0
    yield _gauge("partners_failing", "Partners that take nothing that is pushed.", failing)


def _landing(session: Session) -> Iterator[Metric]:
    waiting = vitals.waiting(session)
    none = dict.fromkeys(KINDS, 0)
    rows = none | {kind: found.rows for kind, found in waiting.items()}
    age = none | {kind: _age_s(found.oldest_us) for kind, found in waiting.items()}
    yield _by_label("landing_facts", "Facts that wait for their seal.", "kind", rows)
    yield _by_label("landing_age_seconds", "How long the oldest of them waits.", "kind", age)


def _queues(session: Session) -> Iterator[Metric]:
    jobs = GaugeMetricFamily(
        "qalqan_queue_jobs", "Jobs by kind and state.", labels=("kind", "state")
    )
    ages = {}
    for queue in queues(session):
        for state in ("due", "later", "leased", "parked"):
            jobs.add_metric((queue.kind, state), getattr(queue, state))
        if queue.oldest_us is not None:
            ages[queue.kind] = _age_s(queue.oldest_us)
    yield jobs
    yield _by_label("queue_age_seconds", "How long the oldest due job waits.", "kind", ages)


def _age_s(since_us: int) -> float:
    return max(0, clock.now_us() - since_us) / clock.SECOND


def _added(kept: dict[str, int], more: dict[str, int]) -> dict[str, int]:
    for kind, n in more.items():
        kept[kind] = kept.get(kind, 0) + n
    return kept


def _gauge(name: str, help_: str, value: float) -> Metric:
    return GaugeMetricFamily(f"qalqan_{name}", help_, value=value)


def _by_label(name: str, help_: str, label: str, values: dict[str, Any]) -> Metric:
    family = GaugeMetricFamily(f"qalqan_{name}", help_, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family


def _total(name: str, help_: str, values: dict[str, int]) -> Metric:
    family = CounterMetricFamily(f"qalqan_{name}", help_, labels=("kind",))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family
