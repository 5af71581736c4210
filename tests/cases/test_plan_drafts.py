"""REQ-26: a draft is asked about in rounds; each comment is answered, and silence is recorded."""

from __future__ import annotations

import pytest

from persons import Officer
from qalqan.cases import plan_drafts
from qalqan.clock import DAY, SharedClock
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.model.period import day_in_almaty
from qalqan.register.database import Database

ANA, BOSS = Officer("ana", "analyst"), Officer("boss", "supervisor")
BODIES = ["Ұлттық банк", "Бас прокуратура", "ЦДИАӨМ"]
TEXT = "1. Операторлар шетелден келген қоңырауларды белгілейді."


@pytest.fixture
def draft(database: Database, stopped_clock: SharedClock) -> str:
    with database.write() as session:
        row = plan_drafts.add(session, ANA, "Кешенді жоспардың жобасы", BODIES, "k")
        plan_drafts.write(session, ANA, row.id, "kk", TEXT)
        return row.id


def due(clock: SharedClock, days: int = 10) -> str:
    return day_in_almaty(clock.now_us() + days * DAY).isoformat()


def test_a_round_closes_by_its_day_and_records_who_was_silent(
    database: Database, stopped_clock: SharedClock, draft: str
) -> None:
    with database.write() as session:
        plan_drafts.ask(session, ANA, draft, due(stopped_clock))
        said = plan_drafts.comment(session, ANA, draft, BODIES[0], "Банктерді де қосу керек")
        plan_drafts.comment(session, ANA, draft, BODIES[1], "")
        assert plan_drafts.lapse(session) == 0
        answered = plan_drafts.answer(session, BOSS, draft, said.id, True, "Екінші тармақ болды")
        assert answered.state == "accepted"
    stopped_clock.set(stopped_clock.now_us() + 11 * DAY)
    with database.write() as session:
        assert plan_drafts.lapse(session) == 1
        assert plan_drafts.lapse(session) == 0
        states = {each.body: each.state for each in plan_drafts.comments(session, draft, 1)}
        assert states == dict(zip(BODIES, ("accepted", "agreed", "silent"), strict=True))
        assert plan_drafts.open_round(session, draft) is None
        new = plan_drafts.write(session, ANA, draft, "kk", TEXT + " 2. Банктер де.")
        assert new.number == 2
        second = plan_drafts.ask(session, ANA, draft, due(stopped_clock))
        assert (second.number, second.version) == (2, 2)


def test_the_same_again_changes_nothing(
    database: Database, stopped_clock: SharedClock, draft: str
) -> None:
    with database.write() as session:
        assert plan_drafts.add(session, ANA, "Кешенді жоспардың жобасы", BODIES, "k").id == draft
        assert plan_drafts.write(session, ANA, draft, "kk", TEXT).number == 1
        first = plan_drafts.ask(session, ANA, draft, due(stopped_clock))
        assert plan_drafts.ask(session, ANA, draft, due(stopped_clock)) is first
        one = plan_drafts.comment(session, ANA, draft, BODIES[0], "Қосу керек")
        assert plan_drafts.comment(session, ANA, draft, BODIES[0], "Қосу керек") is one
        told = plan_drafts.answer(session, BOSS, draft, one.id, False, "Басқа жоспарда бар")
        again = plan_drafts.answer(session, BOSS, draft, one.id, False, "Басқа жоспарда бар")
        assert again is told
        ended = plan_drafts.end_round(session, ANA, draft)
        assert plan_drafts.end_round(session, ANA, draft) is ended


def test_while_a_round_is_open_its_text_stays(
    database: Database, stopped_clock: SharedClock, draft: str
) -> None:
    with database.write() as session:
        plan_drafts.ask(session, ANA, draft, due(stopped_clock))
        with pytest.raises(Conflict):
            plan_drafts.write(session, ANA, draft, "kk", TEXT + " 2.")
        with pytest.raises(Conflict):
            plan_drafts.ask(session, ANA, draft, due(stopped_clock, 20))
        with pytest.raises(InputRejected):
            plan_drafts.comment(session, ANA, draft, "Біреу", "Сөз")
        said = plan_drafts.comment(session, ANA, draft, BODIES[0], "Сөз")
        with pytest.raises(InputRejected):
            plan_drafts.answer(session, BOSS, draft, said.id, True, "")
        plan_drafts.answer(session, BOSS, draft, said.id, True, "Дұрыс айтылған")
        with pytest.raises(Conflict):
            plan_drafts.answer(session, ANA, draft, said.id, False, "Жоқ, олай емес")


def test_without_text_or_round_or_right_it_does_not_go(
    database: Database, stopped_clock: SharedClock, draft: str
) -> None:
    with database.write() as session:
        bare = plan_drafts.add(session, ANA, "Басқа жоба", BODIES, "k2").id
        with pytest.raises(Conflict):
            plan_drafts.ask(session, ANA, bare, due(stopped_clock))
        with pytest.raises(Conflict):
            plan_drafts.comment(session, ANA, draft, BODIES[0], "Сөз")
        with pytest.raises(Conflict):
            plan_drafts.end_round(session, ANA, draft)
        with pytest.raises(InputRejected):
            plan_drafts.ask(session, ANA, draft, due(stopped_clock, -3))
        with pytest.raises(InputRejected):
            plan_drafts.add(session, ANA, "Жоба", [], "k3")
        with pytest.raises(NotFound):
            plan_drafts.answer(session, ANA, draft, 99, True, "Дұрыс айтылған")
        with pytest.raises(NotAllowed):
            plan_drafts.ask(session, Officer("x", "auditor"), draft, due(stopped_clock))
