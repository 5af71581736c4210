"""Parquet files that are torn, that lie about themselves, or that unpack to too much."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.hostile_files import MIB, Hand, refused, sessions
from qalqan.errors import InputRejected
from qalqan.exchange import parquet_pages, parquet_table
from qalqan.exchange.parquet_pages import Chunk, Damaged, Trap


@pytest.fixture
def server() -> None:
    """What files can do to a register does not depend on which one it is."""


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
        assert parquet_pages.bytes_a_row(io.BytesIO(data), Chunk(0, len(data), 1)) >= 0
