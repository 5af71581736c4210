"""Training in a browser without scripts; nothing of it reaches the centre (REQ-23, 95)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from qalqan.register import orm
from qalqan.simulate.training.drawn import case_of
from qalqan.simulate.training.judge import subjects_of

BOSS, OFFICER, AUDITOR = "a.nurlanova", "d.ospanov", "g.audit"
KEPT = {"exercises", "audit", "sessions", "courses", "courses_taken"}


def begun(console: Any, kind: str = "follow", **more: str) -> str:
    form = {"kind": kind, "level": "guided", "seed": "1"} | more
    answer = console.post("/training/exercises", **form)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def counted(console: Any) -> dict[str, int]:
    with console.app.state.database.session() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in orm.Base.metadata.sorted_tables
            if table.name not in KEPT
        }


def files(home: Path) -> dict[str, int]:
    return {
        str(path.relative_to(home)): path.stat().st_size
        for path in home.rglob("*")
        if path.is_file() and not path.name.startswith("register.db") and path.name != "clock"
    }


def test_a_case_is_worked_to_its_end_and_nothing_else_changes(console: Any) -> None:
    rows, kept = counted(console), files(console.home)
    run = begun(console)
    first = case_of(1).world.stages[case_of(1).claim.stage].account
    page = console.get(run).text
    assert "Simulated · training" in page
    assert "Step 1 of 12" in page
    steps = [
        {"act": "confirm"}, None, {"act": "hold", "account": first, "amount": "100 000",
        "ground": "confirmed"}, {"act": "statement", "account": first}, None, None,
    ]  # fmt: skip
    for version, step in enumerate(steps):
        where = f"{run}/act" if step else f"{run}/next"
        assert console.post(where, **(step or {}), version=version).status_code == 303
    page = console.get(run).text
    assert "The bank confirmed" in page
    assert "<svg" in page
    assert console.post(f"{run}/next", version=len(steps), end="yes").status_code == 303
    page = console.get(run).text
    assert "Debrief" in page
    assert "What the machine would have done" in page
    assert console.post(f"{run}/next", version=len(steps) + 1).status_code == 409
    assert (counted(console), files(console.home)) == (rows, kept)


def test_what_can_not_be_done_is_said(console: Any) -> None:
    run = begun(console)
    for form in (
        {"act": "steal"}, {"act": "hold", "account": "9999", "amount": "5", "ground": "confirmed"},
        {"act": "hold", "account": "", "amount": "5", "ground": "confirmed"},
    ):  # fmt: skip
        assert console.post(f"{run}/act", **form, version=0).status_code == 422
    for version in range(3):
        assert console.post(f"{run}/act", act="confirm", version=version).status_code == 303
    assert console.post(f"{run}/act", act="confirm", version=3).status_code == 422
    assert console.post(f"{run}/next", version=0).status_code == 409
    assert console.post(f"{run}/answer", version=3).status_code == 422
    assert console.post("/training/exercises", kind="follow", level="x").status_code == 422


def test_without_the_trail_the_trainee_works_alone(console: Any) -> None:
    run = begun(console, level="alone")
    console.post(f"{run}/act", act="confirm", version=0)
    for version in (1, 2):
        console.post(f"{run}/next", version=version)
    page = console.get(run).text
    assert "Stolen money traced" not in page
    assert 'class="scroll ladder-box"' not in page


def test_accounts_are_judged_one_by_one(console: Any) -> None:
    run = begun(console, "judge")
    for number, subject in enumerate(subjects_of(1)):
        page = console.get(run).text
        assert f"Account {number + 1} of 6" in page
        verdict = "passes" if subject.passes else "bystander"
        told = {"verdict": verdict, "evidence": sorted(subject.evidence), "wording": "seen"}
        assert console.post(f"{run}/answer", **told, version=number).status_code == 303
    page = console.get(run, language="ru").text
    assert "100 из 100" in page
    assert console.post(f"{run}/answer", verdict="owl", wording="seen").status_code in (409, 422)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_scores_are_ones_own_and_those_who_keep_courses_see_all(
    console: Any, language: str
) -> None:
    run = begun(console)
    assert console.get(run, BOSS).status_code == 403
    console.post(f"{run}/next", version=0, end="yes")
    assert console.get(run, BOSS, language).status_code == 200
    assert console.get(run, AUDITOR).status_code == 403
    assert OFFICER in console.get("/training", BOSS, language).text
    assert run not in console.get("/training", AUDITOR).text
    assert console.get("/training/courses", OFFICER).status_code == 403


def test_courses_are_kept(console: Any) -> None:
    told = {"title": "Tracing money", "provider": "academy", "roles": ["operative"], "months": "12"}
    assert console.post("/training/courses", BOSS, **told).status_code == 303
    assert console.post("/training/courses", BOSS, **{**told, "title": ""}).status_code == 422
    path = "/training/courses/1/taken"
    taken = {"of": OFFICER, "on": "2026-01-05", "result": "passed"}
    assert console.post(path, BOSS, **taken).status_code == 303
    assert console.post(path, BOSS, **{**taken, "on": "?"}).status_code == 422
    assert "Tracing money" in console.get("/training", OFFICER).text
    assert console.post("/training/courses/1/end", BOSS).status_code == 303
    assert console.post("/training/courses/1/end", BOSS).status_code == 409
