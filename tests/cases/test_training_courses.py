"""Courses and who lacks them; consultations of cases (REQ-23, 95)."""

from __future__ import annotations

from datetime import date

import pytest

from persons import Officer
from qalqan.cases import tasks, training_courses
from qalqan.cases.codes import day_us
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound

BOSS = Officer("daniyar", "supervisor")
DAY = day_us(date(2024, 1, 31))


def added(centre, roles=("supervisor",), months=13):
    with centre.database.write() as session:
        return training_courses.add(session, BOSS, "Tracing  money", "academy", roles, months)


def taken(centre, course, day=DAY, result="passed", login="asel"):
    with centre.database.write() as session:
        return training_courses.take(session, BOSS, course.id, login, day, result)


def lacks(centre, now_us):
    with centre.database.session() as session:
        return {(x.login, x.ended_us) for x in training_courses.lacking(session, now_us)}


def test_who_lacks_a_course_of_his_role(centre):
    course = added(centre)
    everybody = {("asel", None), ("daniyar", None)}
    assert lacks(centre, DAY) == everybody
    assert taken(centre, course, result="failed").valid_until_us is None
    assert lacks(centre, DAY) == everybody
    row = taken(centre, course)
    assert row.valid_until_us == day_us(date(2025, 2, 28))
    assert taken(centre, course).id == row.id
    assert lacks(centre, row.valid_until_us - 1) == {("daniyar", None)}
    assert ("asel", row.valid_until_us) in lacks(centre, row.valid_until_us)
    with centre.database.session() as session:
        assert [one.title for _, one in training_courses.of(session, "asel")] == [
            "Tracing money", "Tracing money",
        ]  # fmt: skip


def test_a_course_for_good_and_one_that_ended(centre):
    course = added(centre, months=None)
    assert taken(centre, course).valid_until_us is None
    assert lacks(centre, 2**60) == {("daniyar", None)}
    with centre.database.write() as session:
        training_courses.end(session, BOSS, course.id)
        with pytest.raises(Conflict):
            training_courses.end(session, BOSS, course.id)
    assert lacks(centre, DAY) == set()


def test_what_can_not_be_is_refused(centre):
    course = added(centre)
    with centre.database.write() as session:
        for title, provider, roles, months in (
            (" ", "academy", (), None), ("t" * 201, "academy", (), None), ("t", "school", (), None),
            ("t", "own", ("clerk",), None), ("t", "own", (), 0),
        ):  # fmt: skip
            with pytest.raises(InputRejected):
                training_courses.add(session, BOSS, title, provider, roles, months)
        for login, day, result in (
            ("nobody", DAY, "passed"), ("asel", 2**60, "passed"), ("asel", DAY, "good"),
        ):  # fmt: skip
            with pytest.raises(InputRejected):
                training_courses.take(session, BOSS, course.id, login, day, result)
        with pytest.raises(NotFound):
            training_courses.take(session, BOSS, course.id + 1, "asel", DAY, "passed")
        with pytest.raises(NotAllowed):
            training_courses.add(session, Officer("asel"), "t", "own", ())


def test_advice_that_cases_wait_for_is_their_tasks(centre):
    case = centre.report().case
    with centre.database.write() as session:
        for kind in ("consultation", "examination"):
            tasks.set_task(session, BOSS, case, tasks.Wanted(kind, "Which chat is it?"))
        found = training_courses.consultations(session, BOSS)
        assert [(task.case_id, task.kind) for task in found] == [(case, "consultation")]
        assert not training_courses.consultations(session, Officer("far", "operative", "KZ-10"))
