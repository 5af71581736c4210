"""REQ-25: who has to do what by when, and two people say that it is done."""

from __future__ import annotations

from typing import Any

import pytest

from persons import Officer
from qalqan.cases import measure_file, measure_list, measures, programmes
from qalqan.cases.measures import MOVES, Event, State, Wanted
from qalqan.clock import DAY, SharedClock
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import orm
from qalqan.register.database import Database

ANA, BOSS = Officer("ana", "analyst"), Officer("boss", "supervisor")
FIGURES = ("thefts.reported",)
TOLD = Wanted(
    {"kk": "Бес операторда шетел нөмірлерін тексеру", "en": "Check"}, "ЦДИАӨМ", "2026-03-31"
)


@pytest.fixture
def clock(stopped_clock: SharedClock) -> SharedClock:
    return stopped_clock


def made(database: Database, key: str = "k", **more: Any) -> str:
    with database.write() as session:
        return measures.add(session, ANA, Wanted(**{**vars(TOLD), **more}), key).id


def move(database: Database, of: str, event: str, who: Officer = ANA, words: str = "") -> str:
    with database.write() as session:
        return measures.move(session, who, of, event, words).state


def show(database: Database, of: str, reference: str = "Order 12 of 3 March") -> int:
    with database.write() as session:
        return measures.show_evidence(session, ANA, of, "document", reference).id


def test_two_people_say_that_it_is_done_and_the_first_shows_evidence(database: Database) -> None:
    of = made(database)
    assert move(database, of, "start") == "running"
    with pytest.raises(InputRejected, match=r"measure\.evidence"):
        move(database, of, "claim")
    assert show(database, of) == show(database, of)
    assert move(database, of, "claim") == "claimed"
    with pytest.raises(NotAllowed, match="second_person"):
        move(database, of, "agree")
    assert move(database, of, "agree", BOSS) == "done"
    with database.session() as session:
        whole = measure_list.whole(session, of)
        assert [step.event for step in whole.steps] == ["add", "start", "claim", "agree"]
        assert (whole.row.claimed_by, whole.row.done_by) == ("ana", "boss")
        acts = session.query(orm.Audit).filter_by(object=of).all()
        assert {act.action for act in acts} >= {"measure_add", "measure_agree", "measure_evidence"}
    with pytest.raises(Conflict):
        show(database, of, "Another letter")


def test_the_same_again_changes_nothing_and_another_under_a_key_is_refused(
    database: Database,
) -> None:
    of = made(database)
    assert made(database) == of
    with pytest.raises(Conflict):
        made(database, owner="ҰБ")
    move(database, of, "start")
    move(database, of, "start")
    with database.session() as session:
        assert measures.one(session, of).version == 1
    with pytest.raises(Conflict), database.write() as session:
        measures.move(session, BOSS, of, "drop", "It was taken over", version=0)


def test_a_claim_may_be_refused_and_a_measure_dropped_with_a_reason(database: Database) -> None:
    of = made(database)
    move(database, of, "start")
    show(database, of)
    move(database, of, "claim")
    with pytest.raises(InputRejected):
        move(database, of, "refuse", BOSS)
    assert move(database, of, "refuse", BOSS, "The letter is another one") == "running"
    assert move(database, of, "drop", BOSS, "Taken over by the regulator") == "dropped"
    with pytest.raises(Conflict):
        move(database, of, "start")


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", [event for event in Event if event is not Event.ADD])
def test_what_the_table_lacks_does_not_go(database: Database, state: State, event: Event) -> None:
    of = made(database)
    show(database, of)
    with database.write() as session:
        row = measures.one(session, of)
        row.state, row.claimed_by = state, "somebody"
    if (state, event) in MOVES:
        assert move(database, of, event, BOSS, "A reason that is told") == MOVES[state, event]
        return
    with pytest.raises(Conflict):
        move(database, of, event, BOSS, "A reason that is told")


def test_what_is_late_says_so_by_itself(database: Database, clock: SharedClock) -> None:
    today = measures.day_in_almaty(clock.now_us()).isoformat()
    of = made(database, due_day=today)
    with database.session() as session:
        assert measures.stands(measures.one(session, of), clock.now_us()) == "planned"
    clock.set(clock.now_us() + DAY)
    with database.session() as session:
        row = measures.one(session, of)
        assert measures.stands(row, clock.now_us()) == "late"
        assert measure_list.listed(session, "late", clock.now_us()).rows == [row]
    move(database, of, "start")
    show(database, of)
    move(database, of, "claim")
    move(database, of, "agree", BOSS)
    with database.session() as session:
        row = measures.one(session, of)
        assert (row.late, measures.stands(row, clock.now_us())) == (True, "done")
        assert measure_list.listed(session, "late", clock.now_us()).counts["late"] == 0


def test_who_may_not_is_refused(database: Database) -> None:
    of = made(database)
    for who in (Officer("x", "operative"), Officer("y", "auditor")):
        with pytest.raises(NotAllowed):
            move(database, of, "start", who)
    with pytest.raises(NotFound):
        move(database, "MS-26-000099", "start")


@pytest.mark.parametrize(
    "told",
    [
        {"names": {}}, {"names": {"de": "Etwas"}}, {"due_day": "soon"}, {"due_day": "2026-02-30"},
        {"owner": ""}, {"programme": "PG-26-000099"}, {"person": "nobody"},
        {"due_day": "1999-01-01"},
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused(database: Database, told: dict[str, Any]) -> None:
    with pytest.raises(InputRejected):
        made(database, **told)


@pytest.mark.parametrize(
    ("kind", "reference", "taken"),
    [
        ("link", "javascript:alert(1)", False), ("link", "https://adilet.zan.kz/1", True),
        ("order", "O-26-000009", False), ("figure", "reports.registered", False),
        ("figure", "thefts.reported", True), ("document", "Letter 14 of 3 March", True),
    ],
)  # fmt: skip
def test_evidence_is_of_something_that_there_is(
    database: Database, kind: str, reference: str, taken: bool
) -> None:
    of = made(database)
    with database.write() as session:
        if taken:
            measures.show_evidence(session, ANA, of, kind, reference, figures=FIGURES)
            return
        with pytest.raises(InputRejected):
            measures.show_evidence(session, ANA, of, kind, reference, figures=FIGURES)


def test_a_measures_figure_is_one_that_is_defined(database: Database) -> None:
    with database.write() as session:
        wanted = Wanted(**{**vars(TOLD), "figure": "reports.registered"})
        with pytest.raises(InputRejected):
            measures.add(session, ANA, wanted, "k", figures=FIGURES)
        known = Wanted(**{**vars(TOLD), "figure": "thefts.reported"})
        assert measures.add(session, ANA, known, "k", figures=FIGURES).figure == "thefts.reported"


def test_whoever_added_evidence_does_not_agree_to_it(database: Database) -> None:
    of = made(database)
    move(database, of, "start")
    show(database, of)
    move(database, of, "claim")
    with database.write() as session:
        measures.show_evidence(session, BOSS, of, "document", "Another letter")
    with pytest.raises(NotAllowed):
        move(database, of, "agree", BOSS)
    assert move(database, of, "agree", Officer("third", "supervisor")) == "done"


def test_a_file_goes_in_and_comes_out_the_same(database: Database) -> None:
    body = (
        "name_kk;owner;due_day;target\n"
        "Ескерту жіберу;ІІМ;2026-05-01;−20 %\n"
        "Нөмірі жоқ;;2026-05-01;\n"
    ).encode()
    with database.write() as session:
        first, second = measure_file.take(session, ANA, measure_file.read(body))
        assert first.error is None
        assert isinstance(second.error, InputRejected)
        again = measure_file.take(session, BOSS, measure_file.read(body))
        assert again[0].measure == first.measure
        out = measure_file.given_out(session, BOSS)
        told = list(measure_file.read(out))
        assert told[0][1]["name_kk"] == "Ескерту жіберу"
        (back,) = measure_file.take(session, ANA, told)
        assert (back.measure, back.error) == (first.measure, None)
        assert [first.stood, again[0].stood, back.stood] == [False, True, True]
        assert session.query(orm.Measure).count() == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [("due_day", "2027-01-01"), ("state", "done"), ("name_kk", ""), ("id", "MS-26-000099")],
)
def test_a_file_changes_no_measure(database: Database, column: str, value: str) -> None:
    made(database)
    with database.write() as session:
        ((number, line),) = measure_file.read(measure_file.given_out(session, ANA))
        (became,) = measure_file.take(session, ANA, [(number, {**line, column: value})])
        assert isinstance(became.error, InputRejected)
        assert became.error.field == column


def test_a_new_measure_begins_as_planned(database: Database) -> None:
    body = "name_en;owner;due_day;state\nCheck;MIA;2026-05-01;{}\n"
    with database.write() as session:
        for state, taken in (("done", False), ("planned", True)):
            (became,) = measure_file.take(
                session, ANA, measure_file.read(body.format(state).encode())
            )
            assert (became.error is None) is taken


@pytest.mark.parametrize("body", [b"\xff", b"x;y\n1;2\n", b"owner\nx\n", b"owner,owner,due_day\n"])
def test_what_is_no_file_of_measures_is_refused(body: bytes) -> None:
    with pytest.raises(InputRejected):
        list(measure_file.read(body))


def test_the_briefings_programmes_are_taken_in_once(database: Database) -> None:
    for who in (ANA, BOSS):
        with database.write() as session:
            assert len(measure_file.take_briefing(session, who)) == 5
    with database.session() as session:
        rows = programmes.all_of(session)
        assert len(rows) == 5
        assert all("undated" in row.source and row.stated is None for row in rows)
        assert sum(row.from_day is None for row in rows) == 1
