"""A re-run updates, never floods; what a person decided outlives runs and versions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from qalqan.errors import NotFound
from qalqan.model.finding import Finding
from qalqan.register.database import Database
from qalqan.register.orm import Audit, FindingRow
from qalqan.work.findings import decide, keep, mode_of, set_mode

CODE = "payments.passes_through"
DAY = 86_400_000_000


def finding(subject: str = "acc_a", code: str = CODE, **columns: Any) -> Finding:
    values: dict[str, Any] = {
        "subject_kind": "account", "window_from_us": 0, "window_to_us": DAY, "score": 0.5,
        "evidence": {"received_minor": 2**60 + 1, "facts": ["bank:1"]}, "version": "1", "seal": 1,
    }  # fmt: skip
    return Finding(detector=code, subject=subject, **{**values, **columns})


def run(database: Database, *found: Finding, code: str = CODE, first_us: int | None = 0) -> Any:
    with database.write() as session:
        return keep(session, code, found, first_us)


def rows(database: Database, code: str = CODE) -> list[FindingRow]:
    with database.session() as session:
        query = select(FindingRow).where(FindingRow.detector == code).order_by(FindingRow.id)
        return list(session.scalars(query))


def test_a_rerun_updates_the_same_row(database: Database) -> None:
    assert run(database, finding(), finding("acc_b")).new == 2
    assert run(database, finding(), finding("acc_b")).changed == 0
    kept = run(database, finding(score=0.9, version="2", seal=7), finding("acc_b"))
    assert (kept.findings, kept.new, kept.changed) == (2, 0, 1)
    first, second = rows(database)
    assert (first.score, first.version, first.seal, second.score) == (0.9, "2", 7, 0.5)
    assert first.evidence == {"received_minor": 2**60 + 1, "facts": ["bank:1"]}


def test_another_window_is_another_finding(database: Database) -> None:
    run(database, finding(), finding(window_from_us=DAY, window_to_us=2 * DAY))
    assert len(rows(database)) == 2


def test_a_dismissal_outlives_runs_and_versions(database: Database) -> None:
    run(database, finding())
    [row] = rows(database)
    decide(database, row.id, "dismissed", "aigul", "a family")
    kept = run(database, finding(score=1.0, version="2"))
    assert (kept.new, kept.dismissed) == (0, 1)
    run(database)
    [row] = rows(database)
    assert (row.state, row.decided_by, row.score) == ("dismissed", "aigul", 1.0)


def test_what_is_not_seen_again_fades_and_may_come_back(database: Database) -> None:
    run(database, finding())
    assert run(database).faded == 1
    assert rows(database)[0].state == "faded"
    assert run(database, finding()).new == 0
    assert rows(database)[0].state == "new"


def test_what_retention_has_dropped_does_not_fade(database: Database) -> None:
    run(database, finding())
    assert run(database, first_us=DAY).faded == 0
    assert run(database, first_us=None).faded == 0


def test_decisions_are_recorded(database: Database) -> None:
    run(database, finding())
    [row] = rows(database)
    decide(database, row.id, "confirmed", "aigul", "the statement shows it")
    set_mode(database, CODE, "live", "marat", "bound met on the shadow run")
    with database.session() as session:
        notes = session.scalars(select(Audit).order_by(Audit.id)).all()
    assert [(row.actor, row.action, row.purpose) for row in notes] == [
        ("aigul", "finding.confirmed", "the statement shows it"),
        ("marat", "detector.live", "bound met on the shadow run"),
    ]


def test_detectors_start_in_shadow_and_a_person_moves_them(database: Database) -> None:
    run(database, finding())
    assert rows(database)[0].shadow
    set_mode(database, CODE, "live", "marat", "bound met")
    run(database, finding(), finding("acc_b"))
    assert [row.shadow for row in rows(database)] == [False, False]
    set_mode(database, CODE, "retired", "marat", "replaced")
    assert all(row.shadow for row in rows(database))
    with database.session() as session:
        assert mode_of(session, CODE) == "retired"


def test_unknown_names_are_refused(database: Database) -> None:
    with pytest.raises(NotFound):
        set_mode(database, "payments.rumour", "live", "marat", "")
    with pytest.raises(NotFound):
        decide(database, 404, "dismissed", "marat", "")


@pytest.fixture(scope="module")
def codes() -> Iterator[int]:
    return count()


STEPS = st.lists(
    st.one_of(
        st.sets(st.sampled_from("abc")).map(lambda seen: ("run", frozenset(seen))),
        st.tuples(st.sampled_from(["confirmed", "dismissed", "new"]), st.sampled_from("abc")),
    ),
    max_size=8,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_any_order_of_runs_and_decisions(
    database: Database, codes: Iterator[int], steps: list[Any]
) -> None:
    code = f"made.up_{next(codes)}"
    states: dict[str, str] = {}
    for number, (what, which) in enumerate(steps):
        if what == "run":
            found = [finding(subject, code, version=str(number)) for subject in which]
            run(database, *found, code=code)
            gone = {name for name, state in states.items() if state == "new"} - which
            back = {name for name in which if states.get(name, "faded") == "faded"}
            states |= dict.fromkeys(gone, "faded") | dict.fromkeys(back, "new")
        elif which in states:
            [number] = [row.id for row in rows(database, code) if row.subject == which]
            decide(database, number, what, "aigul", "")
            states[which] = what
    assert {row.subject: row.state for row in rows(database, code)} == states
    with database.session() as session:
        query = select(func.count()).where(FindingRow.detector == code)
        assert session.scalar(query) == len(states)
