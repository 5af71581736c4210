"""Search over 100,000 cases and 1,000,000 reports, with typing errors and look-alikes.

    python bench/search.py [CASES] [sqlite|postgresql]

Builds a register with names and identifiers (cached in `var/bench`; a server of PostgreSQL of its
own), asks a generated set of questions (seeded: letters swapped, left out, doubled, changed,
look-alike, transliterated, typed on a Russian keyboard, words in another order), and prints one
JSON object a line: p50, p95 and p99 of whole searches, audit included, and the share whose first
hit is right. The peer has the clear names: trigrams of PostgreSQL (pg_trgm), of SQLite (FTS5).
"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

sys.path.append(str(Path(__file__).parent.parent / "tests"))

from sqlalchemy import text

from peers.postgresql import Server, programs
from persons import Officer
from qalqan.cases import finding
from qalqan.register import names, orm
from qalqan.register.database import Database
from qalqan.trust.keys import Keys
from search_country import Person, Question, person_of, questions, rows_of

CASES = 100_000
REPORTS_A_CASE = 10
QUESTIONS = 2_000
PEER_QUESTIONS = 60
INSERTS = 500
HERE = Path(__file__).parent.parent / "var" / "bench"
COPIED = (
    "partners", "cases", "reports", "case_entities", "search_names", "search_words", "search_near",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One search as it was measured."""

    question: Question
    seconds: float
    right: bool


def main(cases: int, which: Sequence[str]) -> None:
    HERE.mkdir(parents=True, exist_ok=True)
    keys = _keys()
    path = HERE / f"search-sqlite-{cases}.db"
    if not path.exists():
        _build(path, keys, cases)
    if "sqlite" in which:
        with closing(Database(f"sqlite:///{path}")) as database:
            _measure("SQLite", database, keys, cases, _peer_sqlite(cases))
    folder = programs()
    if "postgresql" in which and folder is not None:
        with (
            closing(Server(folder, durable=True)) as server,
            closing(Database(server.address)) as database,
        ):
            database.migrate()
            _copy(path, server.address)
            _measure("PostgreSQL", database, keys, cases, _peer_postgresql(server.address, cases))


def _keys() -> Keys:
    path = HERE / "search-keys.json"
    return Keys.load(path) if path.exists() else Keys.create(path)


def _build(path: Path, keys: Keys, cases: int) -> None:
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with closing(Database(f"sqlite:///{draft}")) as database:
        database.migrate()
    with closing(sqlite3.connect(draft)) as sql:
        sql.execute("PRAGMA synchronous = OFF")
        sql.execute("PRAGMA cache_size = -1000000")
        for table, rows in rows_of(keys, cases, REPORTS_A_CASE):
            if rows:
                marks = ", ".join("?" for _ in rows[0])
                sql.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)
        sql.commit()
    draft.rename(path)
    for left in path.parent.glob(f"{draft.name}-*"):
        left.unlink()


def _copy(path: Path, address: str) -> None:
    """The same rows into PostgreSQL."""
    with closing(sqlite3.connect(path)) as sql, psycopg.connect(address) as server:
        server.execute("SET session_replication_role = replica")
        for table in COPIED:
            rows = sql.execute(f"SELECT * FROM {table}")
            columns = ", ".join(f'"{column[0]}"' for column in rows.description)
            booleans = _booleans(server, table)
            with server.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row([bool(v) if at in booleans else v for at, v in enumerate(row)])
        server.execute("SELECT setval('search_names_id_seq', (SELECT max(id) FROM search_names))")
        server.commit()
        server.autocommit = True
        server.execute("VACUUM ANALYZE")


def _booleans(server: psycopg.Connection[Any], table: str) -> set[int]:
    query = (
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_name = %s ORDER BY ordinal_position"
    )
    return {at for at, (_, kind) in enumerate(server.execute(query, [table])) if kind == "boolean"}


def _measure(
    name: str,
    database: Database,
    keys: Keys,
    cases: int,
    peer: tuple[str, Callable[[str], str | None]],
) -> None:
    _officer(database)
    asked = [_ask(database, keys, each) for each in questions(cases * REPORTS_A_CASE, QUESTIONS)]
    told, ask_peer = peer
    sample = [one for one in asked if one.question.kind == "name"][:PEER_QUESTIONS]
    theirs = [_timed(lambda q=one.question: _right(q, ask_peer(q.text))) for one in sample]
    groups = {"all": asked} | {
        kind: [one for one in asked if one.question.kind == kind]
        for kind in dict.fromkeys(one.question.kind for one in asked)
    }
    for kind, some in groups.items():
        peers = theirs if kind == "name" else []
        _show(name, kind, some, told, peers, cases)
    wrong = [one.question for one in asked if not one.right]
    for one in wrong[:: max(1, len(wrong) // 12)]:
        print(f"not first: {one.kind} {one.slip} {one.text!r} for {one.right!r}", file=sys.stderr)
    _inserts(name, database, keys)


def _officer(database: Database) -> None:
    """Whoever asks."""
    told = {"login": "asel", "name": "nam_", "password_hash": "", "region": "KZ"}
    with database.write() as session:
        if session.get(orm.User, "asel") is None:
            session.add(orm.User(**told, role="investigator"))


def _ask(database: Database, keys: Keys, question: Question) -> Asked:
    begin = time.perf_counter()
    found = finding.find(database, keys, question.text, Officer())
    seconds = time.perf_counter() - begin
    first = found.hits[0] if found.hits else None
    if first is None:
        return Asked(question, seconds, False)
    if question.kind == "name":
        return Asked(question, seconds, first.kind == "victim" and _right(question, first.of))
    if question.kind == "number":
        return Asked(question, seconds, first.of == question.right)
    return Asked(
        question, seconds, question.right == first.of or _subject(keys, question) == first.of
    )


def _subject(keys: Keys, question: Question) -> str:
    kind = {"account": "account", "phone": "phone", "person": "person"}.get(question.kind, "domain")
    return finding.subject_of(keys, finding.Meant(kind, question.right))[1]


def _right(question: Question, report: str | None) -> bool:
    """Whether somebody of the very name that was meant was found: namesakes are as right."""
    if report is None:
        return False
    found: Person = person_of(int(report[-6:]) + 1_000_000 * int(report[2:4]) - 26_000_000)
    return found.named(question.right)


def _timed(work: Callable[[], bool]) -> tuple[float, bool]:
    begin = time.perf_counter()
    right = work()
    return time.perf_counter() - begin, right


def _ms(seconds: Sequence[float], share: float) -> float:
    ranked = sorted(seconds)
    return round(1000 * ranked[min(len(ranked) - 1, int(share * len(ranked)))], 1)


def _show(
    name: str,
    kind: str,
    asked: Sequence[Asked],
    peer: str,
    theirs: Sequence[tuple[float, bool]],
    cases: int,
) -> None:
    ours = [one.seconds for one in asked]
    notes = (
        f"p50 {_ms(ours, 0.5)} ms, p99 {_ms(ours, 0.99)} ms; {cases:,} cases,"
        f" {cases * REPORTS_A_CASE:,} reports; audit committed with each"
    )
    p95 = _ms([seconds for seconds, _ in theirs], 0.95) if theirs else None
    line(f"search, {kind}, {name}: p95", "ms", _ms(ours, 0.95), peer if theirs else "", p95,
         len(asked), notes)  # fmt: skip
    share = round(100 * sum(one.right for one in asked) / len(asked), 2)
    other = round(100 * sum(right for _, right in theirs) / len(theirs), 1) if theirs else None
    line(f"search, {kind}, {name}: right hit first", "%", share, peer if theirs else "", other,
         len(asked), "generated set, seeded; five in six with a slip or written otherwise"
         + (f"; peer on {len(theirs)} of them" if theirs else ""))  # fmt: skip


def line(
    name: str, unit: str, ours: float, peer: str, value: float | None, n: int, notes: str
) -> None:
    """One JSON object."""
    row = {
        "name": name, "unit": unit, "ours": ours, "peer": peer or "-",
        "peer_value": "-" if value is None else value,
        "ratio": "-" if not value else round(ours / value, 3), "n": n, "notes": notes,
    }  # fmt: skip
    print(json.dumps(row, ensure_ascii=False), flush=True)


def _inserts(name: str, database: Database, keys: Keys) -> None:
    """What the index adds to taking a report, and the room it takes."""
    spent = []
    for number in range(INSERTS):
        person = person_of(50_000_000 + number)
        with database.write() as session:
            begin = time.perf_counter()
            names.keep(session, keys, "victim", f"R-99-{number:06}", person.full)
            spent.append(time.perf_counter() - begin)
            session.rollback()
    with database.session() as session:
        size = _size(session)
        held = session.scalar(text("SELECT count(*) FROM search_names"))
    line(f"search index, {name}: keeping a name", "ms", round(1000 * statistics.median(spent), 2),
         "", None, INSERTS, f"index {size / 1e6:.0f} MB for {held:,} names")  # fmt: skip


def _size(session: Any) -> int:
    if session.get_bind().dialect.name == "sqlite":
        tables = (
            "('search_words','search_near','search_names','ix_search_words_name','search_names_of')"
        )
        return int(
            session.scalar(text(f"SELECT sum(pgsize) FROM dbstat WHERE name IN {tables}")) or 0
        )
    of = " + ".join(f"pg_total_relation_size('{t}')" for t in COPIED[4:])
    return int(session.scalar(text(f"SELECT {of}")) or 0)


def _all_names(cases: int) -> Iterator[tuple[str, str]]:
    for number in range(cases * REPORTS_A_CASE):
        year, rest = divmod(number, 1_000_000)
        yield f"R-{26 + year:02}-{rest:06}", person_of(number).full.casefold()


def _peer_sqlite(cases: int) -> tuple[str, Callable[[str], str | None]]:
    path = HERE / f"search-fts-{cases}.db"
    fresh = not path.exists()
    sql = sqlite3.connect(path)
    if fresh:
        sql.execute("CREATE VIRTUAL TABLE n USING fts5(id UNINDEXED, name, tokenize='trigram')")
        sql.executemany("INSERT INTO n VALUES (?, ?)", _all_names(cases))
        sql.commit()

    def ask(asked: str) -> str | None:
        words = asked.casefold().split()
        grams = {word[at : at + 3] for word in words for at in range(len(word) - 2)}
        either = " OR ".join(f'"{gram}"' for gram in sorted(grams))
        query = "SELECT id FROM n WHERE n MATCH ? ORDER BY bm25(n) LIMIT 1"
        row = sql.execute(query, [either]).fetchone() if grams else None
        return row[0] if row else None

    return "SQLite FTS5 trigram over clear names", ask


def _peer_postgresql(address: str, cases: int) -> tuple[str, Callable[[str], str | None]]:
    server = psycopg.connect(address, autocommit=True)
    server.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    server.execute("CREATE TABLE peer (id text, name text)")
    with server.cursor().copy("COPY peer FROM STDIN") as copy:
        for row in _all_names(cases):
            copy.write_row(row)
    server.execute("CREATE INDEX ON peer USING gin (name gin_trgm_ops)")
    server.execute("VACUUM ANALYZE peer")
    query = "SELECT id FROM peer WHERE name %% %s ORDER BY similarity(name, %s) DESC LIMIT 1"

    def ask(asked: str) -> str | None:
        low = asked.casefold()
        row = server.execute(query, [low, low]).fetchone()
        return row[0] if row else None

    return "PostgreSQL pg_trgm over clear names", ask


if __name__ == "__main__":
    random.seed(0)
    told = [int(one) for one in sys.argv[1:] if one.isdigit()]
    named = [one for one in sys.argv[1:] if one in ("sqlite", "postgresql")]
    main(*(told[:1] or [CASES]), named or ("sqlite", "postgresql"))
