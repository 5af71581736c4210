"""How soon money leaves, measured over cases, findings and answers, and kept as versions."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

from sqlalchemy import select

from qalqan.cases import hazards
from qalqan.clock import MINUTE
from qalqan.model.order import Kind
from qalqan.register import jobs, orm, partners
from qalqan.register.orm import Estimate, FindingRow
from qalqan.settings import Settings
from qalqan.trail.hazard import Hazard
from qalqan.work.bookkeeping import Books
from qalqan.work.hazard import HAZARD, measure

DAY_US = 86_400_000_000
NOON_US = 1_767_250_800_000_000


def paid(name, payer, payee, at_us):
    return {
        "id": name, "source": "bank", "at_us": at_us, "side": "payer", "payer_account": payer,
        "payer_bank": "b", "payee_account": payee, "payee_bank": "b", "amount": 100,
        "currency": "KZT", "instrument": "transfer",
    }  # fmt: skip


def found(subject, facts, state="new"):
    return FindingRow(
        detector=hazards.FINDING, subject_kind="account", subject=subject, window_from_us=0,
        window_to_us=DAY_US, score=1.0, evidence={"facts": facts}, version="1", seal=1,
        shadow=True, state=state, first_us=0, updated_us=0,
    )  # fmt: skip


def test_findings_are_counted_and_a_version_is_kept_only_when_it_says_something_new(
    database, duck_lake, stopped_clock
):
    duck_lake.write("payment", [
        paid("1", "x", "drop", NOON_US), paid("2", "drop", "y", NOON_US + 5 * MINUTE),
        paid("3", "x", "other", NOON_US), paid("4", "other", "y", NOON_US + MINUTE),
    ])  # fmt: skip
    with database.write() as session:
        session.add(found("drop", ["bank:1", "bank:2"]))
        session.add(found("other", ["bank:3", "bank:4"], state="dismissed"))
    with closing(duck_lake.duck()) as engine:
        first = measure(database, engine)
        again = measure(database, engine)
    assert (first.version, first.made_us) == (1, stopped_clock.now_us())
    assert first.curves["findings"].arrivals == first.curves["findings"].left == 1
    assert again == first
    with database.session() as session:
        assert hazards.current(session) == first
        assert len(list(session.scalars(select(Estimate)))) == 1


def test_where_nothing_was_measured_the_judgement_holds(database):
    with database.session() as session:
        assert hazards.current(session) == Hazard()


def test_banks_that_answered_often_enough_have_a_time_of_their_own(database, stopped_clock):
    with database.write() as session:
        names = {"kk": "a", "ru": "a", "en": "a"}
        partners.add_partner(session, "altyn", "bank", names, bank_code="211")
        session.add(orm.Case(id="C-26-000001", region="KZ-75", opened_us=0))
        session.flush()
        for number in range(hazards.LEAST_ANSWERS):
            session.add(
                orm.Order(
                    id=f"O{number}", case_id="C-26-000001", kind=Kind.HOLD, partner="altyn",
                    state="answered", ground="g", drafted_by="d", idempotency_key=f"{number}",
                    created_us=0, sent_us=1000, answered_us=1000 + number * MINUTE,
                )
            )  # fmt: skip
            session.flush()
            told = hazards.answers(session)
            assert told == ({"211": 2 * MINUTE} if number == 4 else {})


def test_the_worker_measures_after_each_nights_findings(database, tmp_path, monkeypatch):
    monkeypatch.setenv("QALQAN_HOME", str(tmp_path))
    with database.write() as session:
        jobs.put(session, HAZARD, "all")
    job = jobs.lease(database, "w", {HAZARD})
    assert job is not None
    with closing(Books(database, Settings(home=tmp_path))) as books:
        books.handlers[HAZARD](job)
    with database.session() as session:
        assert replace(hazards.current(session), made_us=0) == Hazard()
        assert jobs.pending(session).leased == 0
