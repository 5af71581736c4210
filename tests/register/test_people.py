from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from qalqan.clock import HOUR, wall_us
from qalqan.errors import Conflict, ContractBroken, InputRejected, NotAllowed
from qalqan.register import orm, people, vault
from qalqan.register.database import Database
from qalqan.register.orm import Audit, User
from qalqan.trust.keys import Keys

NAMES = {"kk": "Банк", "ru": "Банк", "en": "Bank"}
PASSWORD = "қара алтын таулар"


def enrol(database: Database, keys: Keys, login: str = "aigul") -> None:
    with database.write() as session:
        people.add_user(session, keys, login, "Айгүл", PASSWORD, "investigator", "75")


def test_an_officer_signs_in_and_out(database: Database, keys: Keys) -> None:
    enrol(database, keys)
    secret = people.sign_in(database, "aigul", PASSWORD)
    officer = people.signed_in(database, secret)
    assert (officer.login, officer.role, officer.region) == ("aigul", "investigator", "75")
    with database.write() as session:
        assert vault.reveal(session, keys, officer.name, "test", "name") == "Айгүл"
        people.sign_out(session, secret)
        people.sign_out(session, secret)
    with pytest.raises(NotAllowed):
        people.signed_in(database, secret)
    with database.session() as session:
        assert PASSWORD not in session.query(User).one().password_hash
        actions = [row.action for row in session.query(Audit).order_by(Audit.id)]
    assert actions == ["add", "sign_in", "reveal", "sign_out"]


def test_a_wrong_password_and_an_unknown_login_look_the_same(
    database: Database, keys: Keys
) -> None:
    enrol(database, keys)
    with pytest.raises(NotAllowed) as wrong:
        people.sign_in(database, "aigul", "another password")
    with pytest.raises(NotAllowed) as unknown:
        people.sign_in(database, "a password typed here", PASSWORD)
    assert str(wrong.value) == str(unknown.value)
    with database.session() as session:
        failed = session.query(Audit.actor).filter(Audit.action == "sign_in_failed").all()
    assert failed == [("aigul",), ("unknown",)]


def test_guesses_are_slowed_down_though_they_fail(database: Database, keys: Keys) -> None:
    enrol(database, keys)

    def guess(_: int) -> str:
        try:
            people.sign_in(database, "aigul", "another password")
        except NotAllowed as refused:
            return refused.missing
        return "in"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(guess, range(8)))
    assert sorted(answers) == ["password"] * 5 + ["patience"] * 3
    with pytest.raises(NotAllowed, match="patience"):
        people.sign_in(database, "aigul", PASSWORD)


def test_an_inactive_officer_is_out_at_once(database: Database, keys: Keys) -> None:
    enrol(database, keys)
    secret = people.sign_in(database, "aigul", PASSWORD)
    with database.write() as session:
        session.execute(update(User).values(active=False))
    with pytest.raises(NotAllowed):
        people.signed_in(database, secret)
    with pytest.raises(NotAllowed):
        people.sign_in(database, "aigul", PASSWORD)


def test_a_session_slides_within_its_shift(database: Database, keys: Keys) -> None:
    enrol(database, keys)
    secret = people.sign_in(database, "aigul", PASSWORD)

    def move(created_us: int, expires_us: int) -> None:
        with database.write() as session:
            session.execute(
                update(orm.Session).values(created_us=created_us, expires_us=expires_us)
            )

    def end() -> int:
        with database.session() as session:
            return int(session.query(orm.Session.expires_us).scalar())

    now = wall_us()
    move(now - HOUR, now + HOUR // 2)
    people.signed_in(database, secret)
    assert end() >= now + people.IDLE_US
    move(now - people.SHIFT_US + HOUR // 4, now + HOUR // 8)
    people.signed_in(database, secret)
    assert end() == now + HOUR // 4
    move(now - HOUR, now - 1)
    with pytest.raises(NotAllowed):
        people.signed_in(database, secret)


def test_bad_officers_are_refused(database: Database, keys: Keys) -> None:
    enrol(database, keys)
    with pytest.raises(Conflict):
        enrol(database, keys)
    with database.write() as session:
        for login, password, role, expected in (
            ("nurlan", "short", "operator", InputRejected),
            ("нұрлан", PASSWORD, "operator", InputRejected),
            ("nur lan", PASSWORD, "operator", InputRejected),
            ("", PASSWORD, "operator", InputRejected),
            ("nurlan", PASSWORD, "king", ContractBroken),
        ):
            with pytest.raises(expected):
                people.add_user(session, keys, login, "Нұрлан", password, role, "75")
