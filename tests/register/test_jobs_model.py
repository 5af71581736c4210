"""The queue beside a model of it: any order of steps leads both to the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from qalqan.clock import SharedClock
from qalqan.register import jobs
from qalqan.register.database import Database
from qalqan.register.jobs import Leased, Pending
from qalqan.register.orm import Job

NOON = 1_767_250_800_000_000


def put(database: Database, kind: str, key: str, due_us: int | None = None, **more: object) -> None:
    with database.write() as session:
        jobs.put(session, kind, key, due_us, **more)


def run_out(database: Database) -> None:
    with database.write() as session:
        session.execute(update(Job).values(lease_until_wall_us=0))


def count(database: Database) -> Pending:
    with database.session() as session:
        return jobs.pending(session)


class Model:
    """What the queue should do, over a plain list."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []

    def queued(self, kind: str, key: str) -> dict[str, object] | None:
        for row in self.rows:
            if (row["kind"], row["key"], row["state"]) == (kind, key, "queued"):
                return row
        return None

    def put(self, kind: str, key: str, due: int, n: int) -> None:
        row = self.queued(kind, key)
        if row is None:
            row = {"kind": kind, "key": key, "state": "queued", "due": due, "attempts": 0}
            self.rows.append(row)
        row.update(n=n, due=min(due, int(str(row["due"]))))

    def takeable(self, row: dict[str, object], now: int) -> bool:
        twin = any(
            other is not row
            and other["state"] in ("leased", "left")
            and (other["kind"], other["key"]) == (row["kind"], row["key"])
            for other in self.rows
        )
        return row["state"] == "queued" and int(str(row["due"])) <= now and not twin

    def lease(self, now: int) -> dict[str, object] | None:
        while True:
            found = [row for row in self.rows if row["state"] == "left"]
            found = found or [row for row in self.rows if self.takeable(row, now)]
            if not found:
                return None
            row = min(found, key=lambda row: int(str(row["due"])))
            if row["attempts"] != 8:
                row.update(state="leased", attempts=int(str(row["attempts"])) + 1)
                return row
            row["state"] = "parked"

    def fail(self, row: dict[str, object], retry: int | None) -> None:
        twin = self.queued(str(row["kind"]), str(row["key"]))
        if retry is None or row["attempts"] == 8:
            row["state"] = "parked"
        elif twin is not None:
            twin["attempts"] = row["attempts"]
            self.rows.remove(row)
        else:
            row.update(state="queued", due=retry)

    def die(self) -> None:
        for row in self.rows:
            if row["state"] == "leased":
                row["state"] = "left"

    def pending(self, now: int) -> Pending:
        states = Counter(row["state"] for row in self.rows)
        dues = [int(str(row["due"])) for row in self.rows if row["state"] == "queued"]
        return Pending(
            due=sum(due <= now for due in dues),
            leased=states["leased"] + states["left"],
            landing=0,
            parked=states["parked"],
            next_due_us=min(dues, default=None),
        )


puts = st.tuples(st.just("put"), st.sampled_from("ab"), st.sampled_from("xy"), st.integers(-2, 9))
acts = st.sampled_from(["lease", "lease", "done", "retry", "retry", "drop", "die", "tick"])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(puts | st.tuples(acts), max_size=40))
def test_the_queue_does_what_the_model_does(
    brief_database: Callable[[], AbstractContextManager[Database]],
    stopped_clock: SharedClock,
    steps: list[tuple[object, ...]],
) -> None:
    model = Model()
    held: list[tuple[Leased, dict[str, object]]] = []
    with brief_database() as database:
        for n, step in enumerate(steps):
            _act(database, model, held, stopped_clock, n, step)
            assert count(database) == model.pending(stopped_clock.now_us())


def shape(job: Leased | None) -> tuple[object, ...] | None:
    return job and (job.kind, job.key, job.payload["n"], job.attempt)


def _act(
    database: Database,
    model: Model,
    held: list[tuple[Leased, dict[str, object]]],
    clock: SharedClock,
    n: int,
    step: tuple[object, ...],
) -> None:
    now = clock.now_us()
    match step:
        case ("put", str(kind), str(key), int(later)):
            put(database, kind, key, now + later, n=n)
            model.put(kind, key, now + later, n)
        case ("lease",):
            job, row = jobs.lease(database, "w"), model.lease(now)
            assert shape(job) == (row and (row["kind"], row["key"], row["n"], row["attempts"]))
            held += [(job, row)] if job and row else []
        case ("die",):
            run_out(database)
            held.clear()
            model.die()
        case ("tick",):
            clock.set(now + 3)
        case ("done",) if held:
            job, row = held.pop(0)
            jobs.done(database, job)
            model.rows.remove(row)
        case (("retry" | "drop") as how,) if held:
            job, row = held.pop(0)
            retry = now + 1 if how == "retry" else None
            jobs.failed(database, job, "Unavailable", retry)
            model.fail(row, retry)
