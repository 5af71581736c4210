"""What the processes of a centre count, for Prometheus: requests, facts by HTTP, jobs.

All processes of one machine count in one folder in memory (`shared`), so that whichever of
several web processes is asked answers for all of them, and for the workers beside them. What
the register knows anyway is not counted here: `web.api.metrics` reads it there.

Labels are ours alone: templates of routes, kinds of fact and of job. Nothing that a partner
wrote becomes a label, so their number is bounded and nobody's data can stand in them.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_IN_MEMORY = Path("/dev/shm")
"""Not on a disk: a counter in a mapped file of a full disk would kill its process."""
_OURS = "qalqan-"
_FILE = re.compile(r"(?:[a-z_]+_)?(\d+)\.(?:db|pid)")
_REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_JOB_S = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300)


@contextmanager
def shared(home: Path) -> Iterator[None]:
    """Count together with all other processes of this home on this machine, and let children do
    so, while the block runs. Without a file system in memory each counts alone."""
    if os.environ.get(FOLDER):  # our parent's, or one that an administrator chose
        yield
        return
    folder = _folder_of(home)
    if folder is None:
        yield
        return
    os.environ[FOLDER] = str(folder)
    _sweep()
    _choose_again()
    try:
        yield
    finally:
        del os.environ[FOLDER]
        _choose_again()
        _forget_the_dead(folder, ourselves=True)


def _folder_of(home: Path) -> Path | None:
    """Our own folder in memory with our mark in it, made if it is not there; none if it is
    anybody else's."""
    if not _IN_MEMORY.is_dir():
        return None
    mark = hashlib.sha256(str(home.absolute()).encode()).hexdigest()[:12]
    folder = _IN_MEMORY / f"{_OURS}{os.getuid()}-{mark}"
    while True:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            return None
        try:
            (folder / f"{os.getpid()}.pid").touch()
        except FileNotFoundError:  # the last of the others left in this very moment
            continue
        return folder


def _choose_again() -> None:
    """The library decides where counters live when it is imported; that may have been before."""
    if "prometheus_client" in sys.modules:
        from prometheus_client import values

        values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]


def _sweep() -> None:
    """Remove what killed processes left, of this home and of others of this user."""
    for folder in _IN_MEMORY.glob(f"{_OURS}{os.getuid()}-*"):
        _forget_the_dead(folder)


def _forget_the_dead(folder: Path, ourselves: bool = False) -> None:
    """Remove the counts of processes that are no more, and our own at the end; the folder too
    once nobody counts in it. Counts start anew then, as they do when a process starts anew."""
    for file in folder.glob("*"):
        found = _FILE.fullmatch(file.name)
        if found is not None and _is_over(int(found[1]), ourselves):
            file.unlink(missing_ok=True)
    with suppress(OSError):  # not empty, or gone already
        folder.rmdir()


def _is_over(pid: int, ourselves: bool) -> bool:
    if pid == os.getpid():
        return ourselves
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


class Counts:
    """The counters of this process."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self.registry = CollectorRegistry()
        more: dict[str, Any] = {"registry": self.registry}
        self.requests: Counter = Counter(
            "qalqan_requests", "Requests answered.", ("route", "method", "status"), **more
        )
        self.request_seconds: Histogram = Histogram(
            "qalqan_request_seconds", "Time to the last byte of the answer.",
            ("route", "method"), buckets=_REQUEST_S, **more,
        )  # fmt: skip
        self.facts: Counter = Counter(
            "qalqan_posted_facts", "Facts that came by HTTP, by what became of them.",
            ("kind", "outcome"), **more,
        )  # fmt: skip
        self.verdicts: Counter = Counter(
            "qalqan_verdicts", "Answers of the screens; no_state: nothing could be looked at.",
            ("screen", "verdict"), **more,
        )  # fmt: skip
        self.jobs: Counter = Counter(
            "qalqan_jobs", "Jobs that a worker of this machine had in hand.",
            ("kind", "outcome"), **more,
        )  # fmt: skip
        self.job_seconds: Histogram = Histogram(
            "qalqan_job_seconds", "Time that one job took.", ("kind",), buckets=_JOB_S, **more
        )

    def text(self, *collectors: Any) -> bytes:
        """All counters of this machine, and what the collectors tell, as Prometheus reads them."""
        from prometheus_client import CollectorRegistry, generate_latest

        told = CollectorRegistry()
        for collector in (_All(self.registry), *collectors):
            told.register(collector)
        return generate_latest(told)


class _All:
    """The counters of all processes that count together; of this one if it counts alone."""

    def __init__(self, own: Any) -> None:
        self._own = own

    def collect(self) -> Any:
        from prometheus_client.multiprocess import MultiProcessCollector

        if not os.environ.get(FOLDER):
            return self._own.collect()
        return MultiProcessCollector(None).collect()  # type: ignore[no-untyped-call]


@contextmanager
def told_on(host: str, port: int) -> Iterator[None]:
    """Answer `GET /metrics` with the counters on this address while the block runs.

    Raises:
        OSError: the port is taken.
    """
    from prometheus_client import start_http_server

    server, thread = start_http_server(port, host, registry=_All(counts().registry))
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


_counts: list[Counts] = []


def counts() -> Counts:
    """The counters of this process, made when the first is asked for."""
    if not _counts:
        _counts.append(Counts())
    return _counts[0]


def count_facts(kind: str, accepted: int, duplicate: int, quarantined: int) -> None:
    """Count what became of the facts of one POST; `read` is their sum."""
    ours = counts().facts
    for outcome, n in (
        ("accepted", accepted), ("duplicate", duplicate), ("quarantined", quarantined),
    ):  # fmt: skip
        if n:
            ours.labels(kind, outcome).inc(n)
