"""Who uses a number: asked of the index, in a lake of a million facts.

    python bench/actual_user.py [FACTS]

Builds a lake of registrations, calls with IMEIs, sessions, loans and listings (seeded) and a
register of SQLite, lets the index read all of it, and looks numbers up as an officer does: the
purpose and the row in the audit included, committed before the answer. The peer finds the same
people by DuckDB over the same Parquet files, a union of five scans, without rights or a record;
both must name the same people of each number.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa

from posts import show
from qalqan.cases import number_user
from qalqan.clock import DAY, now_us
from qalqan.lake.engine import DuckEngine
from qalqan.lake.frozen import frozen_files
from qalqan.lake.schemas import SCHEMAS
from qalqan.lake.table import Log, write_files
from qalqan.register import orm, people
from qalqan.register.database import Database
from qalqan.register.people import SignedIn
from qalqan.register.purposes import Stated
from qalqan.trust import tokens
from qalqan.trust.keys import Keys
from qalqan.work.number_links import TIES, follow

FACTS = 1_000_000
LOOKS = 200
SCANS = 20
SHARES = {"call": 0.6, "subscription": 0.2, "session": 0.12, "loan": 0.05, "listing": 0.03}
DAYS = 30
PASSWORD, CASE = "a long enough password", "C-26-000001"
TARGET_MS = 300.0
_ALIKE: dict[str, dict[str, object]] = {
    "call": {"trunk_class": "access", "duration_s": 60, "answered": True},
    "subscription": {"event": "activated", "holder_kind": "person", "biometric": True},
    "session": {"remote_access": False, "outcome": "signed_in"},
    "loan": {"amount": 1, "currency": "KZT", "decision": "applied"},
    "listing": {"category": "car", "title": "t", "text": "t", "text_key": "k"},
}


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = f"{folder}/lake"
        with (
            closing(Database(f"sqlite:///{folder}/register.db")) as database,
            closing(DuckEngine(root)) as engine,
        ):
            database.migrate()
            keys = Keys.new()
            numbers = _lake(root, database, keys, count)
            began = time.perf_counter()
            ties = follow(database, engine)
            built_s = time.perf_counter() - began
            officer = _officer(database, keys)
            rng = random.Random(7)
            ours = [_look(database, keys, officer, rng.choice(numbers)) for _ in range(LOOKS)]
            theirs = [_scan(engine, root, keys, found) for found in ours[:SCANS]]
            _show(count, ties, built_s, [found[1] for found in ours], theirs)


def _show(
    count: int, ties: int, built_s: float, ours: Sequence[float], theirs: Sequence[float]
) -> None:
    ordered, size = sorted(ours), len(ours)
    peer = median(theirs)
    notes = (
        f"{count:,} facts, {ties:,} ties, read by the index at {count / built_s:,.0f} facts/s;"
        f" target {TARGET_MS:.0f} ms; the row in the audit included"
    )
    for name, value in (
        ("p50", median(ours)), ("p95", ordered[size * 95 // 100]),
        ("p99", ordered[size * 99 // 100]),
    ):  # fmt: skip
        peer_name = "DuckDB's scan of the same files, p50"
        show(f"who uses a number, {name}", "ms", value, peer_name, peer, size, notes)


def _lake(root: str, database: Database, keys: Keys, count: int) -> list[str]:
    """Facts of every kind, sealed; the numbers that they are about."""
    numbers = [f"+7701{n:07d}" for n in range(count // 10)]
    phones = tokens.token_list(keys, "phone", numbers)
    persons = tokens.token_list(keys, "person", [str(n) for n in range(count // 12)])
    devices = tokens.token_list(keys, "device", [str(n) for n in range(count // 12)])
    rng, first = random.Random(1), (now_us() // DAY - DAYS) * DAY
    for seal, (kind, share) in enumerate(SHARES.items(), 1):
        others = devices if kind == "call" else persons
        facts = _facts(kind, int(count * share), rng, first, phones, others)
        files = write_files(root, kind, facts, seal)
        Log(root, kind).commit(files, {files[0].path: 1})
        with database.write() as session:
            row = orm.Seal(seal=seal, kind=kind, rows=len(facts), version=1, at_us=1)
            session.add(row)
    return numbers


def _facts(
    kind: str, count: int, rng: random.Random, first: int, phones: list[str], others: list[str]
) -> pa.Table:
    tie, alike = TIES[kind], _ALIKE[kind]
    moments = [first + rng.randrange(DAYS * DAY) for _ in range(count)]
    known: dict[str, Sequence[object]] = {
        "id": [f"{kind}{n}" for n in range(count)],
        "source": [f"partner{rng.randrange(4)}" for _ in range(count)],
        "at_us": moments,
        "day": [date(1970, 1, 1) + timedelta(moment // DAY) for moment in moments],
        tie.phone: [rng.choice(phones) for _ in range(count)],
        tie.other: [rng.choice(others) for _ in range(count)],
        **{name: [value] * count for name, value in alike.items()},
    }
    schema = SCHEMAS[kind].ibis.to_pyarrow()
    columns = [
        pa.array(known[field.name], field.type) if field.name in known
        else pa.nulls(count, field.type)
        for field in schema if field.name != "seal"
    ]  # fmt: skip
    return pa.table(columns, schema=pa.schema([one for one in schema if one.name != "seal"]))


def _officer(database: Database, keys: Keys) -> SignedIn:
    with database.write() as session:
        people.add_user(session, keys, "asel", "asel", PASSWORD, "investigator", "KZ")
        session.add(orm.Case(id=CASE, region="KZ-75", opened_us=now_us()))
    token = people.sign_in(database, "asel", PASSWORD)
    return replace(people.signed_in(database, token), stage=None)


Look = tuple[str, float, set[str]]
"""The number, milliseconds, and the people that were named but for those of shared devices."""


def _look(database: Database, keys: Keys, officer: SignedIn, number: str) -> Look:
    began = time.perf_counter()
    found = number_user.look_up(database, keys, officer, CASE, number, Stated("pretrial", ""))
    spent = 1000 * (time.perf_counter() - began)
    direct = {one.person for one in found.candidates if any(not b.via for b in one.bases)}
    return number, spent, direct


def _scan(engine: DuckEngine, root: str, keys: Keys, found: Look) -> float:
    """Milliseconds of DuckDB's own answer, which must name the same people."""
    phone = tokens.token(keys, "phone", found[0])
    began = time.perf_counter()
    rows = engine.connection.con.execute(" UNION ".join(_scans(root, phone))).fetchall()
    spent = 1000 * (time.perf_counter() - began)
    people_named = {other for kind, other in rows if kind != "call"}
    assert people_named == found[2], (found[0], people_named ^ found[2])
    return spent


def _scans(root: str, phone: str) -> Iterator[str]:
    for kind, tie in TIES.items():
        files: Any = [str(Path(file)) for file in frozen_files(root, kind)]
        yield (
            f"SELECT '{kind}', {tie.other} FROM read_parquet({files!r}, union_by_name=true)"
            f" WHERE {tie.phone} = '{phone}' AND {tie.other} IS NOT NULL"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else FACTS)
