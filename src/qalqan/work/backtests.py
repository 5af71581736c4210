"""A detector tried over the lake with other parameters, beside the ones in force.

Both run over the same facts, up to one seal, and what they find is compared by identity: what is
kept, new and lost, what officers had confirmed or dismissed of it, and the load a day. Nothing of
it goes under review: a run is kept apart, with a sample to look at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.clock import DAY
from qalqan.detectors import registry
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.lake.engine import Engine
from qalqan.lake.sealing import newest_seal
from qalqan.model.finding import Finding
from qalqan.register import audit, jobs, rights
from qalqan.register.database import Database
from qalqan.register.jobs import Leased
from qalqan.register.orm import Backtest, BacktestFinding, FindingRow
from qalqan.register.rights import Person, Right
from qalqan.work import tuning
from qalqan.work.finders import Asked

BACKTEST = "backtest"
STEPS = 3
"""The parameters in force, the others, the comparison."""
SAMPLE = 25
"""Findings of each kind of change to look at, the highest scores."""
DAYS = 60
"""Days of load that are told, the newest."""
ENDED = frozenset({"done", "failed", "cancelled"})
_Identity = tuple[str, str, str, int, int]
_Run = Mapping[_Identity, Finding]


def ask(database: Database, person: Person, code: str, told: Mapping[str, str]) -> int:
    """Queue a back-test with these values; its number.

    Raises:
        NotAllowed: a role that may not. NotFound: no such detector.
        InputRejected: a value that can't be, or none that differs from those in force.
        Conflict: one of this detector is still running.
    """
    rights.check(person, Right.RULES)
    with database.write() as session:
        changes = tuning.checked(session, code, told)
        if changes == dict(tuning.current(session).get(code, {})):
            raise InputRejected("params", "", "rules.same")
        running = select(Backtest.id).where(
            Backtest.detector == code, Backtest.state.in_(["queued", "running"])
        )
        if (other := session.scalar(running)) is not None:
            raise Conflict("backtest", str(other), "running", "ask for another")
        row = Backtest(
            detector=code, params=changes, state="queued", asked_by=person.login,
            asked_us=clock.now_us(), step=0,
        )  # fmt: skip
        session.add(row)
        session.flush()
        audit.note(session, person.login, "rule.backtest", "detector", code, test=row.id,
                   params=changes)  # fmt: skip
        jobs.put(session, BACKTEST, str(row.id))
        return row.id


def cancel(database: Database, person: Person, number: int) -> None:
    """Stop a back-test: it ends before its next step.

    Raises:
        NotAllowed: a role that may not. NotFound: no such run. Conflict: it has ended.
    """
    rights.check(person, Right.RULES)
    with database.write() as session:
        row = session.get(Backtest, number, with_for_update=True)
        if row is None:
            raise NotFound("backtest", str(number))
        if row.state in ENDED:
            raise Conflict("backtest", str(number), row.state, "cancel")
        row.state, row.ended_us = "cancelled", clock.now_us()
        audit.note(session, person.login, "rule.cancel", "detector", row.detector, test=row.id)


def of_detector(session: Session, code: str, most: int = 20) -> list[Backtest]:
    """Back-tests of a detector, the newest first."""
    found = select(Backtest).where(Backtest.detector == code).order_by(Backtest.id.desc())
    return list(session.scalars(found.limit(most)))


def sample(session: Session, number: int) -> list[BacktestFinding]:
    """What a run found anew or lost: the sample, the highest scores first."""
    found = select(BacktestFinding).where(BacktestFinding.backtest == number)
    return list(session.scalars(found.order_by(BacktestFinding.score.desc(), BacktestFinding.id)))


def run(database: Database, engine: Engine, number: int) -> bool:
    """Do one back-test; false if there is nothing to do: it was cancelled, or is done.

    Raises:
        Whatever the engine raises; the run is told as failed then.
    """
    with database.write() as session:
        row = session.get(Backtest, number, with_for_update=True)
        if row is None or row.state in ENDED:
            return False
        row.state, row.step, row.seal = "running", 0, newest_seal(session)
        before = tuning.current(session).get(row.detector, {})
    try:
        return _compare(database, engine, row, before)
    except Exception as error:
        _end(database, number, "failed", error=type(error).__name__[:60])
        raise


def _compare(database: Database, engine: Engine, row: Backtest, before: tuning.Changes) -> bool:
    detector, seal = registry.get(row.detector), row.seal or 0
    runs: list[list[Finding]] = []
    for step, changes in enumerate((before, row.params), start=1):
        runs.append(Asked(tuning.tuned(detector, changes)).found(engine, seal)[0])
        if not _goes_on(database, row.id, step):
            return False
    old, new = ({one.identity: one for one in found} for found in runs)
    with database.write() as session:
        labels = _labels(session, row.detector)
        session.add_all(_sampled(row.id, old, new, labels))
        told = {
            "state": "done", "step": STEPS, "ended_us": clock.now_us(),
            "result": result(old, new, labels),
        }  # fmt: skip
        session.execute(
            update(Backtest).where(Backtest.id == row.id, Backtest.state == "running").values(told)
        )
    return True


def result(
    old: Mapping[_Identity, Finding],
    new: Mapping[_Identity, Finding],
    labels: Mapping[_Identity, str],
) -> dict[str, Any]:
    """Two runs compared, in plain numbers."""
    kept = old.keys() & new.keys()
    days = sorted({one[3] // DAY for one in (*old, *new)})[-DAYS:]
    by_day = [Counter(one[3] // DAY for one in found) for found in (old, new)]
    return {
        "present": len(old),
        "proposed": len(new),
        "kept": len(kept),
        "new": len(new.keys() - kept),
        "lost": len(old.keys() - kept),
        **{
            state: [sum(labels.get(one) == state for one in found) for found in (old, new)]
            for state in ("confirmed", "dismissed")
        },
        "days": [[day * DAY, by_day[0][day], by_day[1][day]] for day in days],
    }


def _sampled(
    number: int, old: _Run, new: _Run, labels: Mapping[_Identity, str]
) -> Sequence[BacktestFinding]:
    gone = {"new": new.keys() - old.keys(), "lost": old.keys() - new.keys()}
    made: list[BacktestFinding] = []
    for change, ids in gone.items():
        found = new if change == "new" else old
        ranked = sorted(ids, key=lambda one: (-found[one].score, one))[:SAMPLE]
        made += [_kept(number, change, found[one], labels.get(one, "")) for one in ranked]
    return made


def _kept(number: int, change: str, finding: Finding, label: str) -> BacktestFinding:
    return BacktestFinding(
        backtest=number,
        change=change,
        subject_kind=finding.subject_kind,
        subject=finding.subject,
        window_from_us=finding.window_from_us,
        window_to_us=finding.window_to_us,
        score=finding.score,
        evidence=dict(finding.evidence),
        label=label,
    )


def _labels(session: Session, code: str) -> dict[_Identity, str]:
    """What officers decided, by identity."""
    row = FindingRow
    query = select(
        row.detector, row.subject_kind, row.subject, row.window_from_us, row.window_to_us, row.state
    ).where(row.detector == code, row.state.in_(["confirmed", "dismissed"]))
    return {tuple(found[:5]): found[5] for found in session.execute(query)}  # type: ignore[misc]


def _goes_on(database: Database, number: int, step: int) -> bool:
    """Tell how far it is; false if it was cancelled meanwhile."""
    with database.write() as session:
        told = update(Backtest).where(Backtest.id == number, Backtest.state == "running")
        return bool(session.execute(told.values(step=step)).rowcount)  # type: ignore[attr-defined]


def _end(database: Database, number: int, state: str, error: str) -> None:
    with database.write() as session:
        session.execute(
            update(Backtest)
            .where(Backtest.id == number, Backtest.state == "running")
            .values(state=state, error=error, ended_us=clock.now_us())
        )


class Trials:
    """The handler of back-tests, which opens the lake when it first has one."""

    def __init__(self, database: Database, opened: Callable[[], Engine]) -> None:
        self.database = database
        self._opened = opened
        self._engine: Engine | None = None

    def do(self, job: Leased) -> None:
        """One back-test; a failed one is not tried again: whoever asked sees that it failed."""
        if self._engine is None:
            self._engine = self._opened()
        try:
            run(self.database, self._engine, int(job.key))
        finally:
            jobs.done(self.database, job)

    def close(self) -> None:
        """Give back the engine."""
        if self._engine is not None:
            self._engine.close()
