"""One changed row of audit, orders, vault or log, whatever it is, must be found (REQ-18; issue 5).

    .venv/bin/python soak/tamper.py [--each 60] [--seed 1] [--sqlite]

A centre with a story is logged on SQLite and on PostgreSQL. Then, as somebody with the database's
password would, one row of one table is changed in one column, deleted, copied under another key or
swapped with another, past all triggers; verification must name a difference; it is rolled back, and
verification must be silent again. Prints one JSON line a database and table: how many changes there
were and how many were missed. Ends with status 1 if any was.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Boolean, Table, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qalqan.cases import order_check, vault_retention
from qalqan.clock import DAY
from qalqan.register import audit, log, orm, vault, vault_check
from qalqan.register.database import Database
from qalqan.register.log_check import LogCheck
from qalqan.trust.checkpoints import Checkpoint
from qalqan.trust.keys import Keys
from qalqan.work import vault_upkeep

TESTS = Path(__file__).parents[1] / "tests"
sys.path += [str(TESTS), str(TESTS / "web" / "console")]

TABLES: tuple[Table, ...] = tuple(
    each.__table__  # type: ignore[attr-defined]
    for each in (
        orm.Audit, orm.Order, orm.OrderEvent, orm.VaultEntry, orm.VaultBatch, orm.VaultGone,
        orm.LogTile, orm.LogCheckpoint,
    )
)  # fmt: skip
NOISE = 900
"""Rows of the audit beside the story's: the tree has several tiles."""


def told(home: Path) -> tuple[Database, Keys, Checkpoint]:
    """A centre with a story, some values that retention took, and its log."""
    import story

    os.environ["QALQAN_CLOCK"] = str(home / "clock")
    centre = story.tell(home)
    database, keys = centre.database, centre.keys
    with database.write() as session:
        for number in range(NOISE):
            audit.note(session, "a.nurlanova", "view", "case", "C-26-000001", "a look", n=number)
        old = orm.Case(id="C-25-000001", region="KZ-75", opened_us=1, state="closed", closed_us=1)
        old.story = vault.keep(session, keys, "words", "a story of long ago")
        session.add(old)
        body = {"words": {"days": 100, "source": "a test"}}
        vault_retention.install(session, body, ["a.nurlanova", "b.seitkali"])
    centre.clock.set(centre.clock.now_us() + 101 * DAY)  # a value is kept for its term at least
    gone = vault_upkeep.forget(database)
    assert gone["words"] >= 1, gone
    log.keep_up(database, keys)
    with database.session() as session:
        newest = log.newest(session)
    assert newest is not None
    return database, keys, newest


def differences(session: Session, keys: Keys, known: Checkpoint) -> list[str]:
    """What `qalqan audit verify` names."""
    found = [
        *LogCheck(session, keys, [known]).differences(),
        *vault_check.differences(session, keys),
        *order_check.differences(session, keys),
    ]
    return [f"{each.kind} {each.what}" for each in found]


@contextmanager
def unguarded(database: Database) -> Iterator[Session]:
    """A write past triggers and foreign keys, rolled back."""
    with database.write() as session:
        if database.engine.dialect.name == "sqlite":
            session.execute(text("PRAGMA defer_foreign_keys = ON"))
            named = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for name in session.execute(named).scalars().all():
                session.execute(text(f"DROP TRIGGER {name}"))
        else:
            session.execute(text("SET LOCAL session_replication_role = replica"))
        yield session
        session.rollback()


def tamper(session: Session, table: Table, draw: random.Random) -> str:
    """Change one row; what was done."""
    rows = session.execute(select(table)).mappings().all()
    row = dict(draw.choice(rows))
    keys = list(table.primary_key.columns)
    here = [column == row[column.name] for column in keys]
    way = draw.choice(("change", "change", "change", "delete", "copy", "swap"))
    if way == "delete":
        session.execute(delete(table).where(*here))
    elif way == "copy":
        key = draw.choice(keys)
        unique = [name for name in ("seq", "idempotency_key") if name in row]
        unique = {name: fresh(row[name]) for name in unique if row[name] is not None}
        session.execute(insert(table).values({**row, **unique, key.name: fresh(row[key.name])}))
    elif way == "swap" and len(rows) > 1:
        return swap(session, table, [dict(each) for each in draw.sample(list(rows), 2)], draw)
    else:
        column = draw.choice([each for each in table.columns if each.name != "id"])
        new = changed(row[column.name], column, draw)
        session.execute(update(table).where(*here).values({column: new}))
        way = f"change {column.name}"
    return way


def swap(session: Session, table: Table, pair: list[dict[str, Any]], draw: random.Random) -> str:
    """Two rows exchange what stands in one column."""
    plain = [each for each in table.columns if not each.primary_key and each.name != "seq"]
    unlike = [each for each in plain if pair[0][each.name] != pair[1][each.name]]
    free = [each for each in unlike if not each.unique]
    if not free:
        session.execute(delete(table).where(*_where(table, pair[0])))
        return "delete"
    column = draw.choice(free)
    for one, other in (pair, pair[::-1]):
        here = _where(table, one)
        session.execute(update(table).where(*here).values({column: other[column.name]}))
    return f"swap {column.name}"


def _where(table: Table, row: dict[str, Any]) -> list[Any]:
    return [column == row[column.name] for column in table.primary_key.columns]


def fresh(value: Any) -> Any:
    """A key that nobody has."""
    return value + 7_000_003 if isinstance(value, int) else f"{value[:-1]}!"


def changed(value: Any, column: Any, draw: random.Random) -> Any:
    """Another value of the column's kind."""
    if isinstance(column.type, JSON):
        return {**(value or {}), "x": draw.random()}
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(value, bytes):
        place = draw.randrange(len(value))
        return value[:place] + bytes([value[place] ^ 1 << draw.randrange(8)]) + value[place + 1 :]
    if isinstance(value, int):
        return value + draw.choice((1, 7_000_003))
    if isinstance(value, str) and value:
        return value[:-1] + ("a" if value[-1] != "a" else "b")
    return 1 if column.type.python_type is int else "x"


def campaign(database: Database, keys: Keys, known: Checkpoint, each: int, seed: int) -> int:
    """All tables; how many changes were missed."""
    draw, missed_all, name = random.Random(seed), 0, database.engine.dialect.name
    for table in TABLES:
        missed, ways = [], 0
        for _ in range(each):
            with unguarded(database) as session:
                before = session.execute(select(table)).all()
                try:
                    done = tamper(session, table, draw)
                except IntegrityError:
                    continue  # two rows would have one key
                session.expire_all()
                if set(map(repr, before)) == set(map(repr, session.execute(select(table)).all())):
                    continue  # nothing came of it
                ways += 1
                if not differences(session, keys, known):
                    missed.append(done)
        with database.session() as session:
            assert differences(session, keys, known) == []
        told = {"register": name, "table": table.name, "changes": ways, "missed": len(missed)}
        print(json.dumps(told | ({"which": missed} if missed else {})), flush=True)
        missed_all += len(missed)
    return missed_all


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sqlite", action="store_true", help="SQLite alone")
    asked = parser.parse_args()
    from peers.postgresql import Registers, programs, served

    missed = 0
    with tempfile.TemporaryDirectory(prefix="qalqan-", dir="/tmp") as folder:
        server: Any = nullcontext() if asked.sqlite else served(programs() or "")
        with server as address:
            for number, where in enumerate([None] if asked.sqlite else [None, address]):
                home = Path(folder) / f"home-{number}"
                home.mkdir()
                os.environ.pop("QALQAN_REGISTER", None)
                if where is not None:
                    os.environ["QALQAN_REGISTER"] = Registers(Path(folder)).empty(where)
                database, keys, known = told(home)
                with closing(database):
                    missed += campaign(database, keys, known, asked.each, asked.seed)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
