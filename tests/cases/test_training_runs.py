"""Runs of exercises: one's own, in order, with their points (REQ-95)."""

from __future__ import annotations

import pytest

from persons import Officer
from qalqan.cases import training_runs
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import orm

ASEL, DANIYAR = Officer("asel"), Officer("daniyar", "supervisor")


def begun(centre, officer=ASEL, kind="follow", level="guided", seed=1):
    with centre.database.write() as session:
        return training_runs.begin(session, officer, kind, level, seed, "1")


def test_a_run_goes_on_until_it_is_ended(centre):
    row = begun(centre)
    assert begun(centre, seed=2).id == row.id
    assert begun(centre, level="alone").id != row.id
    with centre.database.write() as session:
        row = training_runs.put(session, ASEL, row.id, 0, {"step": 1})
        with pytest.raises(Conflict):
            training_runs.put(session, ASEL, row.id, 0, {"step": 2})
        training_runs.end(session, ASEL, row.id, 1, 70, {"could": 5})
        with pytest.raises(Conflict):
            training_runs.put(session, ASEL, row.id, 2, {})
    assert begun(centre, seed=2).seed == 2
    with centre.database.session() as session:
        points = [(each.points, each.acts) for each in training_runs.of(session, "asel")]
    assert (70, {"step": 1}) in points


def test_others_see_it_only_when_it_is_ended_and_they_keep_courses(centre):
    row = begun(centre)
    with centre.database.write() as session:
        for officer in (Officer("x", "operative"), DANIYAR):
            with pytest.raises(NotAllowed):
                training_runs.load(session, officer, row.id)
        with pytest.raises(NotAllowed):
            training_runs.put(session, DANIYAR, row.id, 0, {})
        training_runs.end(session, ASEL, row.id, 0, 70, {})
        assert training_runs.load(session, DANIYAR, row.id).points == 70
        with pytest.raises(NotAllowed):
            training_runs.load(session, Officer("x", "operative"), row.id)
        with pytest.raises(NotAllowed):
            training_runs.of_all(session, ASEL)
        assert [each.id for each in training_runs.of_all(session, DANIYAR)] == [row.id]
        with pytest.raises(NotFound):
            training_runs.load(session, ASEL, row.id + 1)


@pytest.mark.parametrize(
    ("more", "field"), [({"kind": "x"}, "kind"), ({"level": "x"}, "level"), ({"seed": -1}, "seed")]
)
def test_what_can_not_be_is_refused(centre, more, field):
    with pytest.raises(InputRejected) as found:
        begun(centre, **more)
    assert found.value.field == field


def test_clerks_of_partners_don_t_train_here(centre):
    with pytest.raises(NotAllowed):
        begun(centre, Officer("clerk", "clerk", partner="altyn"))


def test_nothing_of_a_run_stands_among_cases(centre):
    centre.report()

    def counted():
        with centre.database.session() as session:
            return {
                table.name: session.query(table).count()
                for table in orm.Base.metadata.sorted_tables
                if table.name not in {"exercises", "audit"}
            }

    before = counted()
    row = begun(centre)
    with centre.database.write() as session:
        training_runs.put(session, ASEL, row.id, 0, {"step": 1})
        training_runs.end(session, ASEL, row.id, 1, 5, {})
    assert counted() == before
