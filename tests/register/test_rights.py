"""REQ-18, 22: who sees and may do what, by role, region, team and broken glass."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from persons import Officer
from qalqan import clock
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import break_glass, orm, rights
from qalqan.register.database import Database
from qalqan.register.rights import Right

ALMATY, ABAI = "C-26-000001", "C-26-000002"
MARAT = Officer("marat", "supervisor")


@pytest.fixture
def cases(database: Database) -> Database:
    with database.write() as session:
        for login in ("asel", "marat", "dana"):
            session.add(orm.User(login=login, name="nam_x", password_hash="x", role="operative",
                                 region="KZ-75"))  # fmt: skip
        session.flush()
        session.add(orm.Case(id=ALMATY, region="KZ-75", opened_us=1))
        session.add(orm.Case(id=ABAI, region="KZ-10", opened_us=1, owner="dana"))
    return database


def seen(database: Database, officer: Officer) -> list[str]:
    with database.session() as session:
        asked = select(orm.Case.id).where(rights.in_view(officer)).order_by(orm.Case.id)
        return list(session.scalars(asked))


def test_a_case_is_in_view_by_region_owner_or_for_the_whole_country(cases: Database) -> None:
    assert seen(cases, Officer("asel", "operative", "KZ-75")) == [ALMATY]
    assert seen(cases, Officer("asel", "operative", "KZ")) == [ALMATY, ABAI]
    assert seen(cases, Officer("dana", "operative", "KZ-75")) == [ALMATY, ABAI]
    assert seen(cases, Officer("asel", "clerk", "KZ", "altyn")) == []
    assert seen(cases, Officer("asel", "burglar", "KZ")) == []


def test_a_joint_team_shares_a_case_until_its_date(cases: Database) -> None:
    now = clock.wall_us()
    with cases.write() as session:
        for number, until in ((1, now + clock.HOUR), (2, now - clock.HOUR)):
            session.add(orm.Team(id=number, name=f"team {number}", made_by="dana", until_us=until))
        session.flush()
        session.add(orm.TeamCase(team=1, case_id=ABAI))
        session.add(orm.TeamCase(team=2, case_id=ABAI))
        session.add(orm.TeamMember(team=1, login="asel"))
        session.add(orm.TeamMember(team=2, login="marat"))
    assert seen(cases, Officer("asel", "expert", "KZ-75")) == [ALMATY, ABAI]
    assert seen(cases, Officer("marat", "expert", "KZ-75")) == [ALMATY]


def test_glass_is_broken_for_an_hour_and_judged_by_another(cases: Database) -> None:
    asel = Officer("asel", "operative", "KZ-75")
    with cases.write() as session, pytest.raises(NotAllowed, match="view"):
        rights.check_case(session, asel, Right.CASES, ABAI)
    with cases.write() as session:
        broken = break_glass.open_for(session, asel, ABAI, "the same drop pays  out here")
        with pytest.raises(NotAllowed) as acting:
            rights.check_case(session, asel, Right.CASES, ABAI, acting=True)
        assert acting.value.missing == "glass"
        assert rights.check_case(session, asel, Right.CASES, ABAI).region == "KZ-10"
        number = broken.id
    assert seen(cases, asel) == [ALMATY, ABAI]
    with cases.write() as session:
        assert [row.id for row in break_glass.unreviewed(session, MARAT)] == [number]
        for who in (Officer("asel", "supervisor"), asel):
            with pytest.raises(NotAllowed):
                break_glass.review(session, who, number, "right", "")
        far = Officer("far", "supervisor", "KZ-19")
        assert break_glass.unreviewed(session, far) == []
        assert len(break_glass.unreviewed(session, Officer("x", "auditor", "KZ-10"))) == 1
        with pytest.raises(NotFound):
            break_glass.review(session, far, number, "right", "")
        break_glass.review(session, MARAT, number, "wrong", "no tie")
        assert break_glass.unreviewed(session, MARAT) == []
        with pytest.raises(Conflict):
            break_glass.review(session, Officer("marat", "supervisor"), number, "right", "")
        session.get_one(orm.BreakGlass, number).until_us = clock.wall_us() - 1
    assert seen(cases, asel) == [ALMATY]
    with cases.session() as session:
        acts = session.scalars(select(orm.Audit.action).order_by(orm.Audit.id)).all()
    assert acts == ["glass.break", "glass.wrong"]


def test_what_is_refused(cases: Database) -> None:
    asel = Officer("asel", "operative", "KZ-75")
    with cases.write() as session:
        with pytest.raises(InputRejected):
            break_glass.open_for(session, asel, ABAI, "why")
        with pytest.raises(NotFound):
            break_glass.open_for(session, asel, "C-26-000009", "no such case here")
        with pytest.raises(NotAllowed):
            break_glass.open_for(session, Officer("o", "operator"), ABAI, "only takes calls")
        with pytest.raises(NotFound):
            rights.check_case(session, asel, Right.CASES, "C-26-000009")


def test_fields_go_by_role() -> None:
    rights.check_field(Officer(), "person")
    for role, klass in (("expert", "person"), ("operator", "account"), ("prosecutor", "card")):
        with pytest.raises(NotAllowed, match=klass):
            rights.check_field(Officer("x", role), klass)


def test_every_right_is_somebodys_and_a_clerk_has_no_officers_right() -> None:
    given = set().union(*rights.RIGHTS.values())
    assert given == set(Right)
    assert rights.RIGHTS["clerk"] == {Right.OWN_ORDERS}
