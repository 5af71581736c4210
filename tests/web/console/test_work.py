"""The worker's queues, as supervisors, auditors and others meet them."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from sqlalchemy import select, update

from qalqan.register import jobs, orm
from qalqan.text.catalogue import has
from qalqan.web.console.work_page import KINDS
from qalqan.work.bookkeeping import Books
from qalqan.work.delivery import Post
from qalqan.work.upkeep import Keeper


@pytest.fixture
def parked(console):
    """The id of a job that was given up."""
    with console.app.state.database.write() as session:
        jobs.put(session, "deliver", "altyn")
    with console.app.state.database.write() as session:
        wanted = (orm.Job.kind == "deliver", orm.Job.key == "altyn")
        session.execute(
            update(orm.Job)
            .where(*wanted)
            .values(state="parked", attempts=8, last_error=jobs.WORKER_DIED)
        )
        return session.scalars(select(orm.Job.id).where(*wanted)).one()


def state(console, job_id):
    with console.app.state.database.session() as session:
        return session.scalar(select(orm.Job.state).where(orm.Job.id == job_id))


def notes(console):
    with console.app.state.database.session() as session:
        rows = session.scalars(select(orm.Audit).where(orm.Audit.object_kind == "job"))
        return [(row.actor, row.action, row.purpose) for row in rows]


SUPERVISOR, AUDITOR, OPERATIVE = "a.nurlanova", "g.audit", "d.ospanov"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", ["Өкімдерді жеткізу", "Жұмысшы үдеріс әр жолы үзілді", "Қайталау"]),
        ("ru", ["Доставка распоряжений", "Рабочий процесс каждый раз обрывался", "Повторить"]),
        ("en", ["Delivering orders", "The worker died each time", "Try again"]),
    ],
)
def test_a_supervisor_sees_what_was_given_up_and_why(console, parked, language, words):
    text = console.get("/work", SUPERVISOR, language).text
    assert all(word in text for word in words)
    assert str(parked) in text


def test_every_kind_of_job_that_a_worker_does_has_a_queue_with_a_name(console, keys):
    centre = console.app.state
    with (
        closing(Books(centre.database, centre.settings)) as books,
        closing(Post(centre.database, keys)) as post,
    ):
        keeper = Keeper(centre.database, keys, centre.settings)
        done = {*books.handlers, *post.handlers, *keeper.handlers}
    assert done == set(KINDS)
    assert all(has(f"console.work.kind.{kind}") for kind in KINDS)


def test_each_queue_has_a_page_of_its_own(console, parked):
    text = console.get("/work/deliver", SUPERVISOR).text
    assert f'action="/work/{parked}/retry"' in text
    assert console.get("/work/seal", SUPERVISOR).status_code == 200
    assert console.get("/work/nonsense", SUPERVISOR).status_code == 404


def test_an_operative_has_no_business_there(console, parked):
    assert "/work" not in re.findall(r'href="([^"]+)"', console.get("/cases").text)
    assert console.get("/work", OPERATIVE).status_code == 403
    assert console.get("/work/deliver", OPERATIVE).status_code == 403
    for act in ("retry", "drop"):
        answer = console.post(f"/work/{parked}/{act}", OPERATIVE, reason="x")
        assert answer.status_code == 403
    assert state(console, parked) == "parked"
    assert notes(console) == []


def test_a_supervisor_tries_it_again(console, parked):
    answer = console.post(f"/work/{parked}/retry", SUPERVISOR)
    assert answer.headers["location"] == "/work?done=retry"
    assert state(console, parked) == "queued"
    assert notes(console) == [(SUPERVISOR, "retry", "")]
    assert console.post(f"/work/{parked}/retry", SUPERVISOR).status_code == 404


def test_or_drops_it_and_says_why(console, parked):
    answer = console.post(f"/work/{parked}/drop", SUPERVISOR, reason=" ")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert state(console, parked) == "parked"
    answer = console.post(f"/work/{parked}/drop", SUPERVISOR, reason="sent by hand")
    assert answer.headers["location"] == "/work?done=drop"
    assert state(console, parked) is None
    assert notes(console) == [(SUPERVISOR, "drop", "sent by hand")]


def test_a_form_from_elsewhere_moves_nothing(console, parked):
    browser = console.browser(SUPERVISOR)
    assert browser.post(f"/work/{parked}/retry", data={"csrf": "guessed"}).status_code == 403
    assert state(console, parked) == "parked"


@pytest.mark.parametrize("job", ["0", "x", str(2**63), "9" * 40])
def test_nonsense_is_no_job(console, job):
    assert console.post(f"/work/{job}/retry", SUPERVISOR).status_code in (404, 422)


def test_an_auditor_looks_and_moves_nothing(console, parked):
    text = console.get("/work", AUDITOR).text
    assert str(parked) in text
    assert "/retry" not in text
    assert console.post(f"/work/{parked}/retry", AUDITOR).status_code == 403
