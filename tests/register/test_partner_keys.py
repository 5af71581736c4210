"""Partners' keys (REQ-18): scopes, terms, successors, an end at once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update

from qalqan.clock import DAY, HOUR, wall_us
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import partner_keys, partners
from qalqan.register.database import Database
from qalqan.register.orm import Audit, PartnerKey

NAMES = {"kk": "Банк", "ru": "Банк", "en": "Bank"}


@pytest.fixture
def first(database: Database) -> str:
    with database.write() as session:
        return partners.add_partner(session, "aml", "bank", NAMES)


def opens(database: Database, secret: str) -> bool:
    with database.session() as session:
        try:
            partner_keys.known(session, secret)
        except NotAllowed:
            return False
    return True


def key_of(database: Database, secret: str) -> int:
    with database.session() as session:
        return partner_keys.known(session, secret).key


def test_a_successor_overlaps_with_its_key_for_a_term(database: Database, first: str) -> None:
    number = key_of(database, first)
    with database.write() as session:
        second = partner_keys.rotate_key(session, number, "asel", HOUR)
    assert opens(database, first)
    assert opens(database, second)
    with database.write() as session:
        ended = update(PartnerKey).where(PartnerKey.id == number).values(until_us=wall_us())
        session.execute(ended)
    assert not opens(database, first)
    assert opens(database, second)
    for act in (partner_keys.rotate_key, partner_keys.revoke_key):
        with pytest.raises(NotFound), database.write() as session:
            act(session, number, "asel")


def test_a_revoked_key_is_dead_at_once(database: Database, first: str) -> None:
    with database.write() as session:
        partner_keys.revoke_key(session, key_of(database, first), "asel")
    assert not opens(database, first)
    with database.session() as session:
        assert partner_keys.living(session, "aml") == []
        actions = session.query(Audit.action).order_by(Audit.id).all()
    assert [action for (action,) in actions] == ["add", "add_key", "revoke_key"]


def test_a_key_may_open_less_and_end_by_itself(database: Database, first: str) -> None:
    with database.write() as session:
        secret = partner_keys.add_key(
            session, "aml", " feed ", "asel", scopes=["facts:write"], until_us=wall_us() + DAY
        )
    with database.session() as session:
        assert partner_keys.known(session, secret).scopes == {"facts:write"}
        (key,) = partner_keys.ending(session)
        assert key.label == "feed"
    with database.write() as session:
        third = partner_keys.rotate_key(session, key.id, "asel")
    with database.session() as session:
        made = session.get_one(PartnerKey, key_of(database, third))
        assert (made.scopes, round((made.until_us - made.made_us) / DAY, 6)) == (["facts:write"], 1)


def test_a_key_that_can_not_be(database: Database, first: str) -> None:
    wrong = [
        {"label": " "}, {"label": "x" * 61}, {"until_us": wall_us()}, {"thumbprint": "AB"},
        {"scopes": ["reports:write"]},
    ]  # fmt: skip
    for each in wrong:
        told = {"label": "key", **each}
        with pytest.raises(InputRejected), database.write() as session:
            partner_keys.add_key(session, "aml", told.pop("label"), "asel", **told)
    with pytest.raises(NotFound), database.write() as session:
        partner_keys.add_key(session, "none", "key", "asel")
    with database.write() as session:
        for number in range(partner_keys.MOST - 1):
            partner_keys.add_key(session, "aml", f"key {number}", "asel")
    with pytest.raises(Conflict), database.write() as session:
        partner_keys.add_key(session, "aml", "one too many", "asel")


def test_use_is_noted_to_the_hour(database: Database, first: str) -> None:
    number = key_of(database, first)
    partner_keys.seen(database, number)
    with database.session() as session:
        used = session.get_one(PartnerKey, number).used_us
    assert used is not None
    partner_keys.seen(database, number)
    with database.session() as session:
        assert session.get_one(PartnerKey, number).used_us == used


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.sampled_from(["add", "rotate", "revoke"]), st.integers(0, 3)), max_size=6)
)
def test_whatever_is_done_exactly_the_living_open(
    database: Database, moves: list[tuple[str, int]]
) -> None:
    code = f"p{wall_us()}"
    with database.write() as session:
        secrets = [partners.add_partner(session, code, "bank", NAMES)]
    dead: set[str] = set()
    for move, place in moves:
        with database.write() as session:
            alive = [secret for secret in secrets if secret not in dead]
            if move == "add" or not alive:
                secrets.append(partner_keys.add_key(session, code, "more", "asel"))
                continue
            chosen = alive[place % len(alive)]
            number = partner_keys.known(session, chosen).key
            if move == "revoke":
                partner_keys.revoke_key(session, number, "asel")
            else:
                secrets.append(partner_keys.rotate_key(session, number, "asel", keep_us=0))
            dead.add(chosen)
    assert [opens(database, secret) for secret in secrets] == [one not in dead for one in secrets]


def test_tokens_of_before_become_keys_and_come_back(tmp_path: Path) -> None:
    """The migration keeps every token, and the orders that name their partners."""
    path = tmp_path / "register.db"
    with closing(Database(f"sqlite:///{path}")) as database:
        database.move("0013")
        with database.write() as session:
            for code, old in (("altyn", "'old'"), ("dala", "NULL")):
                session.execute(
                    text(
                        "INSERT INTO partners (code, kind, names, token_hash, old_token_hash,"
                        " old_token_until_us, delivery, feeds, active) VALUES"
                        f" ('{code}', 'bank', '{{}}', 'new {code}', {old}, {wall_us() + HOUR},"
                        " 'pull', '[]', 1)"
                    )
                )
            session.execute(text("INSERT INTO cases (id, state, region, opened_us, simulated)"
                                 " VALUES ('C-1', 'open', 'KZ-75', 0, 0)"))  # fmt: skip
            session.execute(text(
                "INSERT INTO orders (id, case_id, kind, partner, state, ground, drafted_by,"
                " idempotency_key, created_us, provisional, reason, effect, escalated, version)"
                " VALUES ('O-1', 'C-1', 'hold', 'altyn', 'drafted', 'g', 'a', 'k', 0, 0, '{}', 0,"
                " 0, 0)"
            ))  # fmt: skip
        database.move("0014")
        with database.session() as session:
            found = session.execute(text("SELECT partner, label, token_hash FROM partner_keys"))
            assert sorted(map(tuple, found)) == [
                ("altyn", "before", "old"), ("altyn", "first", "new altyn"),
                ("dala", "first", "new dala"),
            ]  # fmt: skip
        database.move("0013", destroy=True)
        with database.session() as session:
            found = session.execute(text("SELECT code, token_hash FROM partners ORDER BY code"))
            assert found.all() == [("altyn", "new altyn"), ("dala", "new dala")]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT partner FROM orders").fetchall() == [("altyn",)]
