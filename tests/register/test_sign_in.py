"""REQ-18: signing in step by step, on both registers (ASVS 5.0, V6 and V7)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from qalqan import clock
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import factors, officers, orm, partners, people, sessions, sign_in
from qalqan.register.database import Database
from qalqan.register.officers import OneTime
from qalqan.register.sessions import Caller, SignedIn
from qalqan.trust import passwords, totp
from qalqan.trust.keys import Keys

LOGIN, PASSWORD, NEW = "aigul", "қара алтын таулар", "биік тау аппақ қар"


@pytest.fixture
def aigul(database: Database, keys: Keys) -> Database:
    with database.write() as session:
        people.add_user(session, keys, LOGIN, "Айгүл", PASSWORD, "operative", "KZ-75")
    return database


def who(database: Database, secret: str) -> SignedIn:
    return people.signed_in(database, secret)


def enter(database: Database, password: str = PASSWORD, required: bool = False) -> SignedIn:
    caller = Caller("Firefox, Linux", "10.1.2.0")
    return who(
        database, people.sign_in(database, LOGIN, password, required=required, caller=caller)
    )


def code(database: Database, keys: Keys, later: int = 0) -> str:
    with database.session() as session:
        secret = totp.unseal(keys, LOGIN, session.get_one(orm.Totp, LOGIN).box)
    return totp.code(secret, clock.wall_us() // totp.STEP_US + later)


def with_totp(database: Database, keys: Keys) -> list[str]:
    """Codes from an app, proved with that of the step before, so that the present one is left."""
    with database.write() as session:
        factors.begin_totp(session, keys, LOGIN)
    with database.write() as session:
        factors.confirm_totp(session, keys, LOGIN, code(database, keys, -1))
        return factors.new_codes(session, LOGIN)


def test_whoever_needs_a_factor_sets_one_up_first(aigul: Database, keys: Keys) -> None:
    officer = enter(aigul, required=True)
    assert (officer.stage, enter(aigul).stage) == ("enrol", None)
    with aigul.write() as session:
        factors.begin_totp(session, keys, LOGIN)
        secret = factors.waiting_secret(session, keys, LOGIN)
        factors.begin_totp(session, keys, LOGIN)
        assert factors.waiting_secret(session, keys, LOGIN) == secret, "a second tab sees the same"
        with pytest.raises(InputRejected):
            factors.confirm_totp(session, keys, LOGIN, "12345")
    assert enter(aigul).stage is None, "what was not proved asks nobody"
    now = code(aigul, keys)
    with aigul.write() as session:
        factors.confirm_totp(session, keys, LOGIN, f"{now[:3]} {now[3:]}")
        on = sign_in.go_on(session, officer, "totp", required=True)
    assert (who(aigul, on).stage, who(aigul, on).factors) == (None, "password totp")
    assert enter(aigul).stage == "factor"
    with aigul.write() as session, pytest.raises(Conflict):
        factors.begin_totp(session, keys, LOGIN)
    with aigul.session() as session:
        assert factors.waiting_secret(session, keys, LOGIN) is None


def test_a_code_counts_once_and_makes_a_new_secret(aigul: Database, keys: Keys) -> None:
    with_totp(aigul, keys)
    secret = people.sign_in(aigul, LOGIN, PASSWORD)
    officer = who(aigul, secret)
    assert officer.expires_us - clock.wall_us() <= sessions.PENDING_US
    given = code(aigul, keys)
    fresh = sign_in.show_code(aigul, keys, officer, given)
    assert (who(aigul, fresh).stage, who(aigul, fresh).factors) == (None, "password totp")
    assert who(aigul, fresh).csrf != officer.csrf
    with pytest.raises(NotAllowed):
        who(aigul, secret)
    with pytest.raises(NotAllowed, match="code"):
        sign_in.show_code(aigul, keys, enter(aigul), given)
    with pytest.raises(NotAllowed, match="sign_in"):
        sign_in.show_code(aigul, keys, officer, code(aigul, keys, 1))


def test_a_code_of_paper_counts_once_for_its_owner(aigul: Database, keys: Keys) -> None:
    papers = with_totp(aigul, keys)
    assert (len(set(papers)), len(papers[0])) == (10, 29)
    with aigul.write() as session:
        assert factors.use(session, keys, "nurlan", papers[0]) is None
    officer = enter(aigul)
    assert who(aigul, sign_in.show_code(aigul, keys, officer, papers[0].upper())).stage is None
    with pytest.raises(NotAllowed, match="code"):
        sign_in.show_code(aigul, keys, enter(aigul), papers[0])
    with aigul.write() as session:
        assert factors.owned(session, LOGIN).codes_left == 9
        assert papers[1] not in {row.code_hash for row in session.query(orm.RecoveryCode)}
        factors.new_codes(session, LOGIN)
        assert factors.use(session, keys, LOGIN, papers[1]) is None


def test_of_two_windows_with_one_code_one_gets_in(aigul: Database, keys: Keys) -> None:
    with_totp(aigul, keys)
    windows, given = [enter(aigul), enter(aigul)], code(aigul, keys)

    def show(officer: SignedIn) -> str:
        try:
            return who(aigul, sign_in.show_code(aigul, keys, officer, given)).factors
        except NotAllowed as refused:
            return refused.missing

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(show, windows)) == ["code", "password totp"]


def test_guessed_codes_are_slowed_down_though_the_password_is_right(
    aigul: Database, keys: Keys
) -> None:
    with_totp(aigul, keys)
    told = []
    for _ in range(7):
        with pytest.raises(NotAllowed) as refused:
            sign_in.show_code(aigul, keys, enter(aigul), "000000x")
        told.append(refused.value.missing)
    assert told == ["code"] * 5 + ["patience"] * 2
    with pytest.raises(NotAllowed, match="patience"):
        sign_in.show_code(aigul, keys, enter(aigul), code(aigul, keys))


def test_no_stranger_keeps_out_whoever_is_in(aigul: Database, keys: Keys) -> None:
    officer = enter(aigul)
    for _ in range(7):
        with pytest.raises(NotAllowed):
            enter(aigul, "not this one")
    assert who(aigul, sign_in.show_password(aigul, officer, PASSWORD)).is_fresh


def test_tries_that_come_too_early_are_noted_once_a_minute(aigul: Database) -> None:
    told = []
    for _ in range(8):
        with pytest.raises(NotAllowed) as refused:
            enter(aigul, "not this one")
        told.append(refused.value.missing)
    assert told == ["password"] * 5 + ["patience"] * 3
    with aigul.session() as session:
        rows = session.query(orm.Audit).filter_by(action=sign_in.SLOWED).all()
    assert [row.actor for row in rows] == [LOGIN]


def test_a_password_that_changes_while_it_is_checked_lets_nobody_in(
    aigul: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its owner is quicker than whoever has stolen the old one: between check and session."""
    checked = passwords.check_password

    def meanwhile(password: str, known: str | None) -> bool:
        right = checked(password, known)
        with aigul.write() as session:
            session.get_one(orm.User, LOGIN).password_hash = passwords.hash_password(NEW)
        return right

    monkeypatch.setattr(passwords, "check_password", meanwhile)
    with pytest.raises(NotAllowed, match="password"):
        enter(aigul)
    monkeypatch.undo()
    assert enter(aigul, NEW).stage is None
    with aigul.session() as session:
        assert session.query(orm.Session).count() == 1


def test_a_password_set_by_another_is_changed_first_and_ends_soon(
    aigul: Database, keys: Keys
) -> None:
    given = OneTime.new()
    before = people.sign_in(aigul, LOGIN, PASSWORD)
    with aigul.write() as session:
        officers.reset_password(session, session.get_one(orm.User, LOGIN), given, "boss")
    with pytest.raises(NotAllowed):
        who(aigul, before)
    with pytest.raises(NotAllowed):
        people.sign_in(aigul, LOGIN, PASSWORD)
    officer = enter(aigul, given.text)
    assert officer.stage == "password"
    own = sign_in.change_password(aigul, keys, officer, given.text, NEW)
    assert who(aigul, own).stage is None
    assert enter(aigul, NEW).stage is None
    with aigul.write() as session:
        late = clock.wall_us() - sign_in.GIVEN_US
        officers.reset_password(session, session.get_one(orm.User, LOGIN), given, "boss")
        session.execute(update(orm.User).values(given_us=late))
    with pytest.raises(NotAllowed, match="password"):
        people.sign_in(aigul, LOGIN, given.text)


def test_a_new_password_wants_the_old_one_and_ends_other_sessions(
    aigul: Database, keys: Keys
) -> None:
    other, secret = (people.sign_in(aigul, LOGIN, PASSWORD) for _ in range(2))
    officer = who(aigul, secret)
    for old, new, error in (
        ("wrong one given", NEW, NotAllowed),
        (PASSWORD, PASSWORD, InputRejected),
        (PASSWORD, "aigul1234567", InputRejected),
        (PASSWORD, "short", InputRejected),
    ):
        with pytest.raises(error):
            sign_in.change_password(aigul, keys, officer, old, new)
    assert who(aigul, other).login == LOGIN
    own = sign_in.change_password(aigul, keys, officer, PASSWORD, NEW)
    assert who(aigul, own).is_fresh
    for ended in (other, secret):
        with pytest.raises(NotAllowed):
            who(aigul, ended)
    with_totp(aigul, keys)
    with pytest.raises(NotAllowed, match="factor"):
        sign_in.change_password(aigul, keys, enter(aigul, NEW), NEW, PASSWORD)


OWN = ("SaparovaDana1", "Дана-Сапарова-1", "Saryarqa-бастау", "сарыарқа-bastau")
"""A clerk's own names, and those of the bank that she works for."""


@pytest.mark.parametrize("new", OWN)
def test_ones_own_names_make_no_password(database: Database, keys: Keys, new: str) -> None:
    names = {"kk": "Сарыарқа Бастау", "ru": "Сарыарка Бастау", "en": "Saryarqa Bastau"}
    with database.write() as session:
        partners.add_partner(session, "sb", "bank", names)
        people.add_user(session, keys, LOGIN, "Айгүл", new, "operative", "KZ-75")  # hers it may be
        clerk = ("clerk", "KZ-75", "sb")
        with pytest.raises(InputRejected, match="guessed"):
            people.add_user(session, keys, "d", "Дана Сапарова (Dana Saparova)", new, *clerk)
        people.add_user(session, keys, "d", "Дана Сапарова (Dana Saparova)", PASSWORD, *clerk)
    dana = who(database, people.sign_in(database, "d", PASSWORD))
    with pytest.raises(InputRejected, match="guessed"):
        sign_in.change_password(database, keys, dana, PASSWORD, new)


def test_a_proof_is_fresh_for_ten_minutes(aigul: Database, keys: Keys) -> None:
    officer = enter(aigul)
    assert officer.is_fresh
    with aigul.write() as session:
        session.execute(update(orm.Session).values(proved_us=clock.wall_us() - sessions.FRESH_US))
        old = session.query(orm.Session).one().token_hash
    with pytest.raises(NotAllowed):
        sign_in.show_password(aigul, officer, "not the password")
    again = who(aigul, sign_in.show_password(aigul, officer, PASSWORD))
    assert again.is_fresh
    assert again.token_hash != old
    assert again.created_us == officer.created_us, "the shift is not made longer"


def test_what_a_clock_that_was_ahead_began_does_not_outlive_its_term(
    aigul: Database, keys: Keys
) -> None:
    secret, given = people.sign_in(aigul, LOGIN, PASSWORD), OneTime.new()
    table, later = orm.Session, clock.wall_us() + clock.DAY
    with aigul.write() as session:
        session.execute(update(table).values(proved_us=later))
    assert not who(aigul, secret).is_fresh
    with aigul.write() as session:
        session.execute(update(table).values(created_us=later, expires_us=later + clock.HOUR))
    with pytest.raises(NotAllowed):
        who(aigul, secret)
    with aigul.write() as session:
        officers.reset_password(session, session.get_one(orm.User, LOGIN), given, "boss")
        session.execute(update(orm.User).values(given_us=clock.wall_us() + sign_in.GIVEN_US * 2))
    with pytest.raises(NotAllowed, match="password"):
        people.sign_in(aigul, LOGIN, given.text)


def test_devices_are_listed_and_ended_by_their_owner(aigul: Database, keys: Keys) -> None:
    first, second, this = (enter(aigul) for _ in range(3))
    with aigul.write() as session:
        shown = sessions.devices(session, this)
        assert [each.is_this for each in shown].count(True) == 1
        assert {(d.device, d.network, d.factors) for d in shown} == {
            ("Firefox, Linux", "10.1.2.0", ("password",))
        }
        sessions.end_one(session, this, sessions.mark_of(first.token_hash))
        with pytest.raises(NotFound):
            sessions.end_one(session, this, sessions.mark_of(first.token_hash))
        people.add_user(session, keys, "nurlan", "Нұрлан", PASSWORD, "operative", "KZ-75")
    nurlan = people.sign_in(aigul, "nurlan", PASSWORD)
    with aigul.write() as session, pytest.raises(NotFound):
        sessions.end_one(session, this, sessions.mark_of(who(aigul, nurlan).token_hash))
    with aigul.write() as session:
        assert sessions.end_others(session, this) == 1
        assert [each.is_this for each in sessions.devices(session, this)] == [True]
        assert session.get(orm.Session, second.token_hash) is None
    assert who(aigul, nurlan).login == "nurlan"


def test_the_oldest_of_too_many_sessions_ends(aigul: Database, keys: Keys) -> None:
    with aigul.write() as session:
        made = [sessions.open_one(session, LOGIN, None, "password") for _ in range(22)]
    with aigul.session() as session:
        assert session.query(orm.Session).count() == sessions.MOST
    assert who(aigul, made[-1]).login == LOGIN


Touch = Callable[..., None]


@pytest.mark.parametrize("touch", [officers.lock, officers.reset_factors, officers.give_role])
def test_whatever_a_manager_changes_ends_sessions_at_once(
    aigul: Database, keys: Keys, touch: Touch
) -> None:
    with_totp(aigul, keys)
    secret, given = people.sign_in(aigul, LOGIN, PASSWORD), OneTime.new()
    with aigul.write() as session:
        user = session.get_one(orm.User, LOGIN)
        more = {officers.reset_factors: (given,), officers.give_role: ("operator", "KZ-75")}
        touch(session, user, *more.get(touch, ()), "boss")  # type: ignore[call-overload]
    with pytest.raises(NotAllowed):
        who(aigul, secret)
    if touch is officers.reset_factors:
        with pytest.raises(NotAllowed):
            people.sign_in(aigul, LOGIN, PASSWORD)
        assert enter(aigul, given.text, required=True).stage == "password"
    elif touch is officers.lock:
        with pytest.raises(NotAllowed):
            people.sign_in(aigul, LOGIN, PASSWORD)
    with aigul.session() as session:
        acts = {row.action for row in session.query(orm.Audit).filter_by(actor="boss")}
    assert "session.end" in acts
