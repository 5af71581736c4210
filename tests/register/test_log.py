from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from qalqan.errors import NotFound
from qalqan.register import audit, log, log_rows, vault, vault_check
from qalqan.register.database import Database
from qalqan.register.log_check import Difference, LogCheck
from qalqan.register.log_tree import WIDTH, Tree
from qalqan.register.orm import LogCheckpoint, VaultBatch
from qalqan.trust import checkpoints, merkle, tokens
from qalqan.trust.checkpoints import Checkpoint
from qalqan.trust.keys import Keys


def acts(database: Database, count: int) -> None:
    with database.write() as session:
        for number in range(count):
            audit.note(session, "aigul", "view", "case", f"C-26-{number:06}", "әйел", n=number)


def found(
    session: Session, keys: Keys, known: tuple[Checkpoint, ...] = ()
) -> list[tuple[str, str]]:
    """What verification says differs."""
    told = [*LogCheck(session, keys, known).differences(), *vault_check.differences(session, keys)]
    return [(each.kind, each.what) for each in told]


@pytest.fixture
def logged(database: Database, keys: Keys) -> Database:
    """300 acts and three values, logged in two runs."""
    acts(database, 20)
    log.keep_up(database, keys)
    acts(database, 280)
    with database.write() as session:
        vault.keep(session, keys, "account", "KZ86125KZT5004100100")
        vault.keep(session, keys, "person", "900101300123")
        vault.keep(session, keys, "words", "Маған қоңырау шалды")
    log.keep_up(database, keys)
    return database


def test_what_is_logged_verifies_and_is_proved(logged: Database, keys: Keys) -> None:
    with logged.session() as session:
        assert found(session, keys) == []
        last = log.newest(session)
        assert last is not None
        assert last.size == 303
        verifier = checkpoints.verify_key(keys.log_key.public_key())
        assert checkpoints.read(last.note, verifier) == last
        # The older of the same day went, and can be proved all the same.
        assert [each.size for each in log.kept(session)] == [303]
        old = merkle.root(Tree(session).node, 20)
        path = log.consistency(session, 20, 303)
        assert merkle.is_continued(20, 303, old, last.root, path)
        for seq, row in enumerate(log_rows.placed(session)):
            if seq in (0, 255, 256, 302):
                leaf, path = log.inclusion(session, seq, 303)
                assert leaf == log_rows.leaf(keys.log_blind, seq, row)
                assert merkle.is_included(leaf, seq, 303, path, last.root)
        for asked in ((4, 304), (5, 4)):
            with pytest.raises(NotFound):
                log.consistency(session, *asked)
        with pytest.raises(NotFound):
            log.inclusion(session, 303, 303)


def test_values_that_were_there_belong_to_their_own_batch(database: Database, keys: Keys) -> None:
    values = pa.array([f"KZ86125KZT50041{n:05}" for n in range(60)])
    with database.write() as session:
        vault.keep(session, keys, "account", values[7].as_py())
        vault.keep_new(session, keys, "account", values, tokens.tokens(keys, "account", values))
        vault.keep_many(session, keys, "account", values)
    with database.session() as session:
        rows = session.scalars(select(VaultBatch.rows)).all()
        assert sorted(rows) == [1, 59]
        assert found(session, keys) == []


def test_an_empty_log_has_nothing_to_say(database: Database, keys: Keys) -> None:
    assert log.keep_up(database, keys) == 0
    with database.session() as session:
        assert log.newest(session) is None
        assert found(session, keys) == []
        with pytest.raises(NotFound):
            log.consistency(session, 0, 1)


def test_the_tree_is_the_leaves_however_they_came(database: Database, keys: Keys) -> None:
    leaves = [merkle.leaf_hash(bytes([n & 255, n >> 8])) for n in range(WIDTH * 3 + 7)]
    with database.write() as session:
        for start in range(0, len(leaves), 77):
            Tree(session).append(start, leaves[start : start + 77])
        tree = Tree(session)
        for size in (1, 255, 256, 257, 512, len(leaves)):
            assert merkle.root(tree.node, size) == merkle.root_of(leaves[:size])
        with pytest.raises(IndexError):
            tree.node(8, 3)
        session.rollback()


def test_runs_at_once_give_each_place_once(database: Database, keys: Keys) -> None:
    acts(database, 60)
    threads = [threading.Thread(target=log.keep_up, args=(database, keys)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.session() as session:
        assert [each.row.seq for each in log_rows.placed(session)] == list(range(60))
        assert found(session, keys) == []


@contextmanager
def unguarded(database: Database) -> Iterator[Session]:
    """A write past the triggers, as somebody with the database's password makes it; it is rolled
    back afterwards."""
    with database.write() as session:
        if database.engine.dialect.name == "sqlite":
            named = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for name in session.execute(named).scalars().all():
                session.execute(text(f"DROP TRIGGER {name}"))
        else:
            session.execute(text("SET LOCAL session_replication_role = replica"))
        yield session
        session.rollback()


TAMPERING = {
    "UPDATE audit SET actor = 'b' WHERE seq = 7": ("row.changed", "audit"),
    "UPDATE audit SET purpose = 'b' WHERE seq = 299": ("row.changed", "audit"),
    "UPDATE audit SET id = 9000 WHERE seq = 11": ("row.changed", "audit 9000"),
    "DELETE FROM audit WHERE seq = 256": ("row.missing", "log 256"),
    "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)": ("row.missing", "log"),
    "INSERT INTO audit (id, at_us, actor, action, object_kind, object, purpose, detail, seq)"
    " SELECT 9001, at_us, actor, action, object_kind, object, purpose, detail, 303 FROM audit"
    " WHERE seq = 5": ("row.inserted", "audit 9001"),
    "INSERT INTO audit (id, at_us, actor, action, object_kind, object, purpose, detail, seq)"
    " SELECT 9002, at_us, actor, action, object_kind, object, purpose, detail, -1 FROM audit"
    " WHERE seq = 5": ("row.inserted", "audit 9002"),
    "UPDATE vault SET token = 'acc_b' WHERE klass = 'account'": ("vault.changed", "vault"),
    "UPDATE vault SET box = (SELECT o.box FROM vault o WHERE o.klass = 'words')"
    " WHERE klass = 'person'": ("vault.changed", "vault per_"),
    "UPDATE vault SET klass = 'name' WHERE klass = 'person'": ("vault.changed", "vault per_"),
    "UPDATE vault SET created_us = 1 WHERE klass = 'person'": ("vault.changed", "vault per_"),
    "DELETE FROM vault WHERE klass = 'account'": ("vault.missing", "vault batch"),
    "INSERT INTO vault (token, klass, box, created_us, batch)"
    " SELECT 'acc_c', klass, box, created_us, batch FROM vault WHERE klass = 'account'": (
        "vault.changed",
        "vault acc_c",
    ),
    "UPDATE vault_batches SET rows = 2 WHERE id = (SELECT min(id) FROM vault_batches)": (
        "row.changed",
        "vault_batches",
    ),
    "DELETE FROM vault_batches WHERE id = (SELECT max(id) FROM vault_batches)": (
        "row.missing",
        "log",
    ),
    "INSERT INTO vault_gone (token, batch, number, at_us) SELECT token, batch, 1, 1 FROM vault"
    " WHERE klass = 'words'": ("vault.inserted", "vault batch"),
    "DELETE FROM log_tiles WHERE level = 0 AND place = 1": ("tree.changed", "audit"),
    "UPDATE log_tiles SET hashes = (SELECT hashes FROM log_tiles WHERE place = 1)"
    " WHERE level = 1": ("tree.changed", "tile 1/0"),
    "INSERT INTO log_tiles VALUES (3, 0, (SELECT hashes FROM log_tiles WHERE level = 1))": (
        "tree.changed",
        "tiles",
    ),
    "UPDATE log_checkpoints SET at_us = 5": ("checkpoint.changed", "checkpoint 303"),
    "UPDATE log_checkpoints SET note = replace(note, '303', '302')": (
        "checkpoint.changed",
        "checkpoint 303",
    ),
    "DELETE FROM log_checkpoints": ("row.inserted", "audit"),
}


def test_one_changed_row_is_found_and_named(logged: Database, keys: Keys) -> None:
    for statement, (kind, what) in TAMPERING.items():
        with unguarded(logged) as session:
            session.execute(text(statement))
            differences = found(session, keys)
            assert any(a == kind and b.startswith(what) for a, b in differences), (
                statement,
                differences[:5],
            )
    with logged.session() as session:
        assert found(session, keys) == []


DAMAGE = {
    "UPDATE audit SET detail = '{' WHERE seq = 11": ("row.changed", "audit"),
    "UPDATE audit SET actor = CAST('a' AS BLOB) WHERE seq = 11": ("row.changed", "audit"),
    "UPDATE audit SET seq = 'abc' WHERE seq = 11": ("row.missing", "log 11"),
    "UPDATE vault SET box = x'ffffffff00' WHERE klass = 'person'": ("vault.changed", "vault per_"),
    "UPDATE log_checkpoints SET note = 'x'": ("checkpoint.changed", "checkpoint 303"),
}
"""What a file can hold and no row of ours is; PostgreSQL takes none of it into these columns."""


@pytest.mark.parametrize("server", [None], ids=["sqlite"])
def test_what_can_not_be_read_is_named_and_the_rest_is_checked(
    logged: Database, keys: Keys
) -> None:
    for statement, (kind, what) in DAMAGE.items():
        with unguarded(logged) as session:
            session.execute(text(statement))
            session.execute(text("UPDATE audit SET actor = 'b' WHERE seq = 200"))
            differences = found(session, keys)
            assert any(a == kind and b.startswith(what) for a, b in differences), (
                statement,
                differences[:5],
            )
            assert len([a for a, _ in differences if a == "row.changed"]) >= 1, statement


def test_a_log_told_anew_does_not_fit_what_an_outsider_kept(logged: Database, keys: Keys) -> None:
    """Whoever has every key and rewrites rows, tree and checkpoint is found by an old one."""
    with logged.session() as session:
        known = log.newest(session)
    assert known is not None
    with unguarded(logged) as session:
        session.execute(text("UPDATE audit SET actor = 'b' WHERE seq = 7"))
        for table in ("log_tiles", "log_checkpoints"):
            session.execute(text(f"DELETE FROM {table}"))
        rows = list(log_rows.placed(session))
        leaves = [log_rows.leaf(keys.log_blind, seq, row) for seq, row in enumerate(rows)]
        tree = Tree(session)
        tree.append(0, leaves)
        root = merkle.root(tree.node, len(leaves))
        made = checkpoints.sign(keys.log_key, len(leaves), root, known.at_us)
        session.add(LogCheckpoint(size=made.size, root=root, at_us=made.at_us, note=made.note))
        session.flush()
        assert found(session, keys) == []
        assert found(session, keys, (known,)) == [("checkpoint.other", "checkpoint 303")]


def test_a_shorter_log_is_told(logged: Database, keys: Keys) -> None:
    ahead = checkpoints.sign(keys.log_key, 400, bytes(32), 5)
    with logged.session() as session:
        assert [*LogCheck(session, keys, [ahead]).differences()] == [
            Difference("checkpoint.ahead", "checkpoint 400")
        ]
