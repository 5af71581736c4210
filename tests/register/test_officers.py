"""REQ-18: who manages whose account, and what it ends; joint teams; who judges broken glass."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from persons import Officer
from qalqan import clock
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import break_glass, officers, orm, people, rights, sessions, teams
from qalqan.register.database import Database
from qalqan.register.officers import OneTime
from qalqan.register.rights import Right
from qalqan.trust.keys import Keys

WHOLE = Officer("boss", "supervisor", "KZ")
ALMATY = Officer("asel", "supervisor", "KZ-75")
GIVEN = OneTime("abcd-efgh-ijkl-mnop", "x")
PEOPLE = {
    "boss": ("supervisor", "KZ", None), "asel": ("supervisor", "KZ-75", None),
    "timur": ("operative", "KZ-75", None), "dana": ("operative", "KZ-10", None),
    "marat": ("prosecutor", "KZ-75", None), "clara": ("clerk", "KZ", "altyn"),
}  # fmt: skip


@pytest.fixture
def peopled(database: Database) -> Database:
    with database.write() as session:
        names = {"kk": "a", "ru": "a", "en": "a"}
        session.add(orm.Partner(code="altyn", kind="bank", names=names))
        for login, (role, region, partner) in PEOPLE.items():
            row = orm.User(login=login, name="nam_x", password_hash="x", role=role, region=region)
            row.partner = partner
            session.add(row)
        for case, region in (("C-26-000001", "KZ-75"), ("C-26-000002", "KZ-10")):
            session.add(orm.Case(id=case, region=region, opened_us=1))
    return database


def reached(database: Database, actor: Officer) -> set[str]:
    with database.session() as session:
        return {each.login for each in officers.in_reach(session, actor)}


def test_a_supervisor_manages_his_region_and_nobody_himself(peopled: Database) -> None:
    assert reached(peopled, WHOLE) == set(PEOPLE)
    assert reached(peopled, ALMATY) == {"asel", "timur"}
    with peopled.write() as session:
        for actor, login, error in (
            (ALMATY, "dana", NotFound), (ALMATY, "marat", NotFound), (ALMATY, "clara", NotFound),
            (ALMATY, "nobody", NotFound), (ALMATY, "asel", NotAllowed), (WHOLE, "boss", NotAllowed),
            (Officer("timur", "operative", "KZ-75"), "dana", NotFound),
        ):  # fmt: skip
            with pytest.raises(error):
                officers.found(session, actor, login)
        assert officers.found(session, ALMATY, "timur").role == "operative"
    for role in ("operative", "auditor", "clerk"):
        with pytest.raises(NotAllowed):
            reached(peopled, Officer("x", role, "KZ"))


def test_taking_somebody_in(peopled: Database, keys: Keys) -> None:
    def add(actor: Officer, login: str, role: str, region: str, partner: str | None = None) -> None:
        with peopled.write() as session:
            officers.add(
                session, keys, actor, GIVEN, login=login, name="Айгүл С.", role=role,
                region=region, partner=partner,
            )  # fmt: skip

    add(ALMATY, "new1", "expert", "KZ-75")
    add(WHOLE, "new2", "clerk", "KZ", "altyn")
    for actor, login, role, region, partner, error in (
        (ALMATY, "x", "expert", "KZ-10", None, NotAllowed),
        (ALMATY, "x", "supervisor", "KZ", None, NotAllowed),
        (ALMATY, "x", "prosecutor", "KZ-75", None, NotAllowed),
        (WHOLE, "x", "king", "KZ", None, InputRejected),
        (WHOLE, "x", "clerk", "KZ", None, InputRejected),
        (WHOLE, "x", "expert", "KZ", "altyn", InputRejected),
        (WHOLE, "new1", "expert", "KZ", None, Conflict),
        (Officer("timur", "operative", "KZ"), "x", "expert", "KZ", None, NotAllowed),
    ):
        with pytest.raises(error):
            add(actor, login, role, region, partner)
    with peopled.session() as session:
        row = session.get_one(orm.User, "new1")
        assert (row.role, row.region, row.given_us is not None) == ("expert", "KZ-75", True)
        asked = select(orm.Audit.actor).where(orm.Audit.object == "new1")
        assert session.scalars(asked).one() == "asel"


def test_a_changed_role_holds_at_once(peopled: Database) -> None:
    with peopled.write() as session:
        secret = sessions.open_one(session, "timur", None, "password")
    with peopled.write() as session:
        officers.move(session, ALMATY, "timur", "operator", "KZ-75")
        for role, region, error in (
            ("operator", "KZ-10", NotAllowed), ("auditor", "KZ-75", NotAllowed),
            ("clerk", "KZ-75", InputRejected),
        ):  # fmt: skip
            who = WHOLE if role == "clerk" else ALMATY
            with pytest.raises(error):
                officers.move(session, who, "timur", role, region)
    with pytest.raises(NotAllowed):
        people.signed_in(peopled, secret)


def test_locking_twice_is_done_once(peopled: Database) -> None:
    with peopled.write() as session:
        user = officers.found(session, ALMATY, "timur")
        for act in (officers.lock, officers.lock, officers.unlock, officers.unlock):
            act(session, user, "asel")
        noted = select(orm.Audit.action).where(orm.Audit.action.in_(["lock", "unlock"]))
        assert list(session.scalars(noted)) == ["lock", "unlock"]
        assert user.active


def test_one_time_passwords_are_good_ones() -> None:
    one, other = OneTime.new(), OneTime.new()
    assert one.text != other.text
    assert one.text not in repr(one)
    assert len(one.text) == 19


def test_what_stands_behind_glass_is_not_ones_to_share(peopled: Database) -> None:
    far = Officer("marat", "supervisor", "KZ-10")
    with peopled.write() as session:
        break_glass.open_for(session, far, "C-26-000001", "the same drop pays out here")
        number = teams.make(session, far, "An hour for ever", 30)
        with pytest.raises(NotAllowed, match="view"):
            teams.add_case(session, far, number, "C-26-000001")


def test_a_team_brings_cases_into_its_peoples_view_until_it_ends(peopled: Database) -> None:
    dana = Officer("dana", "operative", "KZ-10")
    with peopled.write() as session:
        number = teams.make(session, ALMATY, "  Two   regions ", 30)
        teams.add_person(session, ALMATY, number, "dana")
        teams.add_case(session, ALMATY, number, "C-26-000001")
        assert rights.check_case(session, dana, Right.CASES, "C-26-000001").region == "KZ-75"
        (shown,) = teams.seen(session, dana)
        assert (shown.name, shown.people, shown.cases) == (
            "Two regions",
            ("dana",),
            ("C-26-000001",),
        )
        assert not shown.is_mine
        assert [each.is_mine for each in teams.seen(session, WHOLE)] == [True]
        assert teams.make(session, ALMATY, "Two regions", 30) == number  # said twice, done once
        teams.add_person(session, ALMATY, number, "dana")
        teams.add_case(session, ALMATY, number, "C-26-000001")
        assert teams.seen(session, dana) == [shown]
        for who, days in ((ALMATY, 60), (WHOLE, 30)):
            with pytest.raises(Conflict):
                teams.make(session, who, "Two regions", days)
        teams.remove_case(session, ALMATY, number, "C-26-000001")
        with pytest.raises(NotAllowed, match="view"):
            rights.check_case(session, dana, Right.CASES, "C-26-000001")
        teams.add_case(session, ALMATY, number, "C-26-000001")
        teams.end(session, ALMATY, number)
        assert teams.seen(session, WHOLE) == []
        with pytest.raises(NotAllowed, match="view"):
            rights.check_case(session, dana, Right.CASES, "C-26-000001")
        with pytest.raises(Conflict):
            teams.add_person(session, ALMATY, number, "timur")


def test_who_may_not_change_a_team(peopled: Database) -> None:
    other = Officer("sara", "supervisor", "KZ-10")
    with peopled.write() as session:
        number = teams.make(session, ALMATY, "Two regions", 30)
        teams.add_person(session, ALMATY, number, "timur")
        for act, error in (
            (lambda: teams.add_case(session, ALMATY, number, "C-26-000002"), NotAllowed),
            (lambda: teams.add_case(session, other, number, "C-26-000002"), NotFound),
            (lambda: teams.end(session, other, number), NotFound),
            (lambda: teams.end(session, Officer("timur", "operative"), number), NotAllowed),
            (lambda: teams.add_person(session, ALMATY, number, "clara"), NotFound),
            (lambda: teams.remove_person(session, ALMATY, number, "nobody"), NotFound),
            (lambda: teams.make(session, ALMATY, "x", 30), InputRejected),
            (lambda: teams.make(session, ALMATY, "Long enough", 900), InputRejected),
            (lambda: teams.make(session, Officer("timur", "operative"), "Mine", 30), NotAllowed),
        ):
            with pytest.raises(error):
                act()
        teams.remove_person(session, ALMATY, number, "timur")
        assert clock.wall_us() < teams.seen(session, ALMATY)[0].until_us
