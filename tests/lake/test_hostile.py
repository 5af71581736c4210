"""Files made to harm: bounded, explained in three languages, isolated from other partners.

The real sizes (a line of a gigabyte, nine million rows) are in `soak/hostile.py`.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from qalqan.errors import InputRejected
from qalqan.exchange import csv_table, json_lines, parquet_pages, parquet_table
from qalqan.exchange import given as given_
from qalqan.exchange.parquet_pages import Chunk, Damaged, Trap
from qalqan.lake import refusing
from qalqan.lake.files import take_file
from qalqan.lake.hand_in import Centre
from qalqan.lake.quarantine import open_record
from qalqan.lake.receipt import Receipt
from qalqan.lake.sealing import seal
from qalqan.register.database import Database
from qalqan.register.orm import Base, Batch, Quarantined
from qalqan.text.refusal import expectation
from qalqan.trust.keys import Keys

AT = 1_767_225_600_000_000  # 2026-01-01
HEADER = "id,at_us,remote_access,outcome"
MIB = 1 << 20

Hand = Callable[..., Receipt]
Lake = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def server() -> None:
    """What files can do to a register does not depend on which one it is."""


@pytest.fixture
def hand_in(centre: Centre) -> Hand:
    def taken(path: Path, source: str = "bank-a", **more: Any) -> Receipt:
        receipt = take_file(centre, "session", path, source=source, **more)
        assert receipt.read == receipt.accepted + receipt.duplicate + receipt.quarantined
        told(*((one.expected, one.params) for one in receipt.refusals))
        return receipt

    return taken


def told(*expected: tuple[str, Any]) -> None:
    """Each reason has its sentence in every language."""
    for code, params in expected:
        sentences = {expectation(code, language, params) for language in ("kk", "ru", "en")}
        assert len(sentences) == 3
        assert not any("{" in one for one in sentences)


def refused(hand_in: Hand, path: Path, **more: Any) -> InputRejected:
    with pytest.raises(InputRejected) as caught:
        hand_in(path, **more)
    told((caught.value.expected, caught.value.params))
    return caught.value


def line(number: int, **more: Any) -> dict[str, Any]:
    fact = {"id": f"s-{number}", "at_us": AT, "remote_access": "false", "outcome": "failed"}
    return {**fact, **more}


def csv_lines(numbers: range, **more: Any) -> str:
    return "".join(",".join(map(str, line(n, **more).values())) + "\n" for n in numbers)


def sessions(numbers: range, **more: Any) -> pa.Table:
    return pa.Table.from_pylist([line(number, **more) for number in numbers])


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


def test_what_stood_before_the_damage_stays_and_the_mended_file_goes_on(
    tmp_path: Path, hand_in: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_table, "BATCH_ROWS", 100)
    whole = tmp_path / "whole.parquet"
    pq.write_table(sessions(range(1_000)), whole, row_group_size=100)
    data = bytearray(whole.read_bytes())
    column = pq.read_metadata(whole).row_group(6).column(0)
    start = column.dictionary_page_offset or column.data_page_offset
    data[start : start + column.total_compressed_size] = bytes(column.total_compressed_size)
    torn = tmp_path / "torn.parquet"
    torn.write_bytes(data)
    error = refused(hand_in, torn)
    assert (error.expected, error.params["row"]) == ("file.parquet_part", 601)
    assert refused(hand_in, torn).params["row"] == 601  # and nothing is taken twice
    receipt = hand_in(whole)
    assert (receipt.duplicate, receipt.accepted) == (600, 400)


def test_a_file_that_was_cut_off_is_no_file(tmp_path: Path, hand_in: Hand) -> None:
    pq.write_table(sessions(range(100)), tmp_path / "whole.parquet")
    data = (tmp_path / "whole.parquet").read_bytes()
    (tmp_path / "torn.parquet").write_bytes(data[: len(data) // 2])
    assert refused(hand_in, tmp_path / "torn.parquet").expected == "file.parquet"


def test_going_on_reads_no_row_group_again(
    tmp_path: Path, hand_in: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_table, "BATCH_ROWS", 100)
    path = tmp_path / "long.parquet"
    pq.write_table(sessions(range(1_000)), path, row_group_size=50)
    groups: list[int] = []
    of_group = parquet_table._of_group
    monkeypatch.setattr(
        parquet_table, "_of_group", lambda *of: groups.append(of[1]) or of_group(*of)
    )

    def cut_off(rows: int, _: int | None) -> None:
        if rows == 700:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hand_in(path, progress=cut_off)
    groups.clear()
    seen: list[int] = []
    receipt = hand_in(path, progress=lambda rows, _: seen.append(rows))
    assert (receipt.read, receipt.accepted) == (1_000, 1_000)
    assert min(groups) >= 10  # of twenty, two a batch; one batch may have been on its way
    assert seen[-1] == 1_000
    with path.open("rb") as file:
        batches = parquet_table.read(file, first_row=700)
        assert [batch.places[0] for batch in batches] == ["[701]", "[801]", "[901]"]


def with_footer_of(data: bytes, other: bytes) -> bytes:
    """The pages of one file under the footer of another."""
    pages = data[: -8 - int.from_bytes(data[-8:-4], "little")]
    footer = other[-8 - int.from_bytes(other[-8:-4], "little") :]
    return pages + footer


def parquet(table: pa.Table, **more: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **more)
    return sink.getvalue()


@pytest.mark.parametrize(("pages", "claimed"), [(10, 5_000), (5_000, 10)])
def test_a_footer_that_lies_about_rows(
    tmp_path: Path, hand_in: Hand, pages: int, claimed: int
) -> None:
    table = {rows: pa.concat_tables([sessions(range(1))] * rows) for rows in (pages, claimed)}
    lie = with_footer_of(parquet(table[pages]), parquet(table[claimed]))
    (tmp_path / "lie.parquet").write_bytes(lie)
    assert refused(hand_in, tmp_path / "lie.parquet").expected == "file.parquet_part"


def test_pages_that_unpack_to_too_much(
    tmp_path: Path, hand_in: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_pages, "MOST_PAGE", MIB)
    monkeypatch.setattr(parquet_table, "MOST_PAGE", MIB)
    bomb = tmp_path / "bomb.parquet"
    pq.write_table(sessions(range(1), outcome="0" * 2 * MIB), bomb, compression="zstd")
    assert bomb.stat().st_size < 10_000
    assert refused(hand_in, bomb).expected == "file.unpacks"


def test_one_value_for_all_rows_is_never_laid_out_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dictionary of one long word, which the mapping or a check would repeat for each row."""
    monkeypatch.setattr(parquet_table, "MOST_BYTES", MIB)
    word = pa.array(["w" * 10_000])
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), word)
    batches = list(parquet_table.read(io.BytesIO(parquet(pa.table({"id": text})))))
    assert sum(batch.read for batch in batches) == 2_000
    assert all(batch.table["id"].cast(pa.string()).nbytes <= 2 * MIB for batch in batches)


def test_lists_and_columns_that_nobody_asks_for_are_not_read(tmp_path: Path, hand_in: Hand) -> None:
    nested = sessions(range(3)).set_column(0, "id", pa.array([["a"] * 9, ["b"], []]))
    table = nested.append_column("junk", pa.array([b"\xff" * MIB] * 3))
    pq.write_table(table, tmp_path / "facts.parquet")
    receipt = hand_in(tmp_path / "facts.parquet")
    assert (receipt.quarantined, receipt.unknown) == (3, ("junk",))
    assert {(one.field, one.expected) for one in receipt.refusals} == {("id", "fact.text")}


def test_bytes_that_are_no_text(tmp_path: Path, hand_in: Hand) -> None:
    raw = pa.array([b"s-1", b"\xd1\xe5\xe0", b"s-3"]).view(pa.string())
    pq.write_table(sessions(range(3)).set_column(0, "id", raw), tmp_path / "facts.parquet")
    receipt = hand_in(tmp_path / "facts.parquet")
    assert (receipt.accepted, receipt.quarantined) == (2, 1)
    assert receipt.refusals[0].expected == "text.characters"


WHOLE = parquet(sessions(range(300)), row_group_size=100)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=4))
def test_whatever_bytes_are_changed_a_file_is_read_or_refused(
    changes: list[tuple[int, int]],
) -> None:
    data = bytearray(WHOLE)
    for place, byte in changes:
        data[place] = byte
    with contextlib.suppress(InputRejected):
        assert sum(batch.read for batch in parquet_table.read(io.BytesIO(data))) <= 300


@given(st.binary(max_size=60))
def test_pages_of_any_bytes_are_damaged_or_counted(data: bytes) -> None:
    with contextlib.suppress(Damaged, Trap):
        parquet_pages.bytes_a_row(io.BytesIO(data), Chunk(0, len(data), 1))


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
