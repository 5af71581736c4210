"""Files made to harm: bounded, explained in three languages, isolated from other partners.

The real sizes (a line of a gigabyte, nine million rows) are in `soak/hostile.py`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import func, select

from lake.hostile_files import AT, HEADER, MIB, Hand, csv_lines, line, refused, sessions, told
from qalqan.exchange import csv_table, json_lines, parquet_table
from qalqan.exchange import given as given_
from qalqan.lake import refusing
from qalqan.lake.quarantine import open_record
from qalqan.lake.sealing import seal
from qalqan.register.database import Database
from qalqan.register.orm import Base, Batch, Quarantined
from qalqan.trust.keys import Keys

Lake = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def server() -> None:
    """What files can do to a register does not depend on which one it is."""


LONG = {"one word": "x" * 3 * MIB, "quoted": f'"{"x" * 3 * MIB}"', "many fields": "x," * MIB}


@pytest.mark.parametrize("long", LONG)
def test_a_line_too_long_harms_only_itself_in_csv(tmp_path: Path, hand_in: Hand, long: str) -> None:
    text = (
        f"{HEADER}\n{csv_lines(range(2))}{LONG[long]},{AT},false,failed\n{csv_lines(range(2, 4))}"
    )
    (tmp_path / "facts.csv").write_text(text, "utf-8")
    receipt = hand_in(tmp_path / "facts.csv")
    assert (receipt.accepted, receipt.quarantined) == (4, 1)
    assert receipt.refusals[0].place == ":4"


def test_a_line_too_long_harms_only_itself_in_json_lines(tmp_path: Path, hand_in: Hand) -> None:
    lines = [json.dumps(line(n, **({"id": "x" * 3 * MIB} if n == 2 else {}))) for n in range(4)]
    (tmp_path / "facts.jsonl").write_text("\n".join(lines), "utf-8")
    receipt = hand_in(tmp_path / "facts.jsonl")
    assert (receipt.accepted, receipt.quarantined) == (3, 1)
    assert receipt.refusals[0].place == ":3"
    assert receipt.refusals[0].expected == "file.line_long"


def test_a_line_too_long_takes_no_more_than_a_line() -> None:
    """Not even while it is read: the stream hands on a megabyte of a hundred."""
    whole = f"{HEADER}\n{csv_lines(range(1))}".encode() + b"x" * 20 * MIB + b",1\n"
    batches = list(csv_table.read(io.BytesIO(whole)))
    assert [len(one.text) for batch in batches for one in batch.broken] == [csv_table._SHOWN]
    batches = list(json_lines.read(io.BytesIO(b'{"id": "1"}\n' + b"x" * 20 * MIB + b"\n{}")))
    assert [(one.place, len(one.text)) for one in batches[0].broken] == [(":2", json_lines._SHOWN)]
    assert batches[0].table.num_rows == 2


def test_a_quote_that_never_closes_stops_the_file_and_says_where(
    tmp_path: Path, hand_in: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_table, "_BLOCK", 1 << 16)
    good = csv_lines(range(5_000))
    text = f'{HEADER}\n{good}"never closed,{AT},false,failed\n' + csv_lines(range(5_000, 9_000))
    (tmp_path / "facts.csv").write_text(text, "utf-8")
    error = refused(hand_in, tmp_path / "facts.csv")
    assert error.expected == "file.csv_part"
    before = int(str(error.params["row"])) - 2  # the header is line 1
    (tmp_path / "mended.csv").write_text(text.replace('"never', "never"), "utf-8")
    receipt = hand_in(tmp_path / "mended.csv")
    assert (receipt.duplicate, receipt.accepted) == (before, 9_001 - before)
    assert 3_000 < before <= 5_000


def test_a_file_of_other_columns_stops_early(
    tmp_path: Path, hand_in: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_table, "_MOST_BROKEN", 50)
    (tmp_path / "facts.csv").write_text(f"{HEADER}\n" + "1,2\n" * 100, "utf-8")
    assert refused(hand_in, tmp_path / "facts.csv").expected == "file.csv_lines"


def test_mixed_encodings_harm_only_their_own_records(tmp_path: Path, hand_in: Hand) -> None:
    """A file pasted together of UTF-8 and Windows-1251 halves."""
    old = ",".join(map(str, line(1, id="сеанс-1").values())).encode("cp1251")
    new = ",".join(map(str, line(2, id="сеанс-2").values())).encode()
    data = b"\n".join([HEADER.encode(), new, old, csv_lines(range(3, 4)).encode()])
    (tmp_path / "facts.csv").write_bytes(data)
    receipt = hand_in(tmp_path / "facts.csv")
    assert (receipt.accepted, receipt.quarantined) == (2, 1)
    assert (receipt.refusals[0].place, receipt.refusals[0].expected) == (":3", "text.characters")


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_an_id_of_ten_megabytes(tmp_path: Path, hand_in: Hand, form: str) -> None:
    path = tmp_path / f"facts.{form}"
    facts = [line(1), line(2, id="x" * 10 * MIB), line(3)]
    if form == "csv":
        rows = [",".join(map(str, fact.values())) for fact in facts]
        path.write_text("\n".join([HEADER, *rows]), "utf-8")
    elif form == "jsonl":
        path.write_text("\n".join(map(json.dumps, facts)), "utf-8")
    else:
        pq.write_table(pa.Table.from_pylist(facts), path)
    receipt = hand_in(path)
    assert (receipt.accepted, receipt.quarantined) == (2, 1)
    assert len(receipt.refusals[0].value_masked) <= 200


def rows_in(database: Database) -> int:
    with database.session() as session:
        tables = Base.metadata.sorted_tables
        return sum(session.scalar(select(func.count()).select_from(one)) or 0 for one in tables)


def test_endless_duplicates_grow_nothing(
    tmp_path: Path, hand_in: Hand, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_table, "BATCH_ROWS", 100)
    held = {}
    for rows in (1_000, 10_000):
        table = pa.concat_tables([sessions(range(1))] * rows)
        pq.write_table(table, tmp_path / "same.parquet", row_group_size=100)
        receipt = hand_in(tmp_path / "same.parquet")
        assert receipt.accepted + receipt.duplicate == rows
        held[rows] = rows_in(database)
    assert held[10_000] == held[1_000] + 1  # the second file's own row


def test_a_file_that_is_wrong_from_end_to_end(
    tmp_path: Path,
    hand_in: Hand,
    database: Database,
    keys: Keys,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A row a batch beside the first few; and no record of it is lost."""
    monkeypatch.setattr(parquet_table, "BATCH_ROWS", 1_000)
    monkeypatch.setattr(refusing, "ONE_BY_ONE", 10)
    pq.write_table(sessions(range(3_000), outcome="?"), tmp_path / "wrong.parquet")
    receipt = hand_in(tmp_path / "wrong.parquet")
    assert (receipt.read, receipt.quarantined) == (3_000, 3_000)
    with database.session() as session:
        kept = session.scalars(select(Quarantined).order_by(Quarantined.id)).all()
        assert len(kept) == 3 * 11
        rest = kept[10]
        assert (rest.expected, rest.params["count"]) == ("file.many", 990)
        assert rest.place == "[11] … [1000]"
        told((rest.expected, rest.params))
        table = open_record(session, keys, rest.id).splitlines()
    assert len(table) == 991
    assert table[1] == f'"[11]","outcome: fact.word","s-10","{AT}","false","?",'


def test_two_partners_that_claim_one_identity(
    tmp_path: Path, hand_in: Hand, database: Database, lake_root: str, lake: Lake
) -> None:
    """Each has facts of its own: neither takes the other's, nor is hindered by it."""
    (tmp_path / "facts.csv").write_text(f"{HEADER}\n{csv_lines(range(3))}", "utf-8")
    other = csv_lines(range(3), outcome="blocked")
    (tmp_path / "other.csv").write_text(f"{HEADER}\n{other}", "utf-8")
    assert hand_in(tmp_path / "facts.csv").accepted == 3
    assert hand_in(tmp_path / "other.csv", source="bank-b").accepted == 3
    assert hand_in(tmp_path / "other.csv").quarantined == 3
    seal(database, lake_root)
    facts = {(fact["source"], fact["id"], fact["outcome"]) for fact in lake("session")}
    assert len(facts) == 6
    with database.session() as session:
        (hindered,) = session.scalars(select(Batch).where(Batch.quarantined > 0))
    assert hindered.source == "bank-a"


def test_no_value_stays_longer_than_any_column_takes() -> None:
    long = pa.table({"id": ["x" * (given_.MOST_TEXT + 5), "y"], "n": [1, 2]})
    cut = given_.sound_texts(long)
    assert [len(one) for one in cut["id"].to_pylist()] == [given_.MOST_TEXT, 1]
