"""REQ-19: whole files; a file handed in twice counts nothing twice."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from sqlalchemy import select

from qalqan.errors import InputRejected
from qalqan.exchange import json_lines, mapping, parquet_table
from qalqan.lake.files import take_file
from qalqan.lake.hand_in import Centre
from qalqan.lake.receipt import Receipt
from qalqan.lake.sealing import seal
from qalqan.register.database import Database
from qalqan.register.orm import Batch, IdentityRun, Quarantined

AT = 1_767_225_600_000_000  # 2026-01-01
DAY = 86_400_000_000
AMLSIM = Path(__file__).parents[2] / "docs" / "how-to" / "mappings" / "amlsim.toml"

Hand = Callable[..., Receipt]
Lake = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def hand_in(centre: Centre) -> Hand:
    def taken(path: Path, kind: str = "payment", **more: Any) -> Receipt:
        terms = {"source": "bank-a", **more}
        receipt = take_file(centre, kind, path, **terms)
        assert receipt.read == receipt.accepted + receipt.duplicate + receipt.quarantined
        return receipt

    return taken


def transfers(rows: int) -> pa.Table:
    """As AMLSim writes them; one of nothing, one of less than a tiyn."""
    return pa.table(
        {
            "step": [row // 4 for row in range(rows)],
            "type": ["TRANSFER"] * rows,
            "amount": [
                0.0 if row == 1 else 0.001 if row == 2 else row + 0.25 for row in range(rows)
            ],
            "nameOrig": [row % 7 for row in range(rows)],
            "nameDest": [row % 5 for row in range(rows)],
            "newbalanceOrig": [1000.5] * rows,
            "isSAR": [0] * rows,
            "colour": ["blue"] * rows,
        }
    )


@pytest.fixture
def amlsim(tmp_path: Path) -> Path:
    pq.write_table(transfers(40), tmp_path / "amlsim.parquet")
    return tmp_path / "amlsim.parquet"


@pytest.mark.parametrize("piece", [1_000, 16])
def test_a_file_through_a_mapping(
    piece: int,
    amlsim: Path,
    hand_in: Hand,
    database: Database,
    lake_root: str,
    lake: Lake,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Short (one piece) it lands, long it goes straight to the lake: the same facts."""
    monkeypatch.setattr(parquet_table, "BATCH_ROWS", piece)
    seen: list[tuple[int, int | None]] = []
    receipt = hand_in(amlsim, source=None, mapping=AMLSIM, progress=lambda *done: seen.append(done))
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (40, 39, 1)
    assert receipt.refusals[0].place == "[3]"
    assert receipt.unknown == ("colour",)
    assert seen[-1] == (40, 40)
    seal(database, lake_root)
    facts = sorted(lake("payment"), key=lambda fact: fact["at_us"])
    assert len(facts) == 39
    last = facts[-1]
    assert (last["id"], last["amount"], last["payer_bank"]) == ("amlsim-40", 3925, "AMLSIM")
    assert (last["source"], last["balance"]) == ("amlsim", 100_050)


@pytest.mark.parametrize("piece", [1_000, 16])
def test_handed_in_twice_it_counts_nothing_twice(
    piece: int, amlsim: Path, hand_in: Hand, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_table, "BATCH_ROWS", piece)
    first = hand_in(amlsim, mapping=AMLSIM)
    again = hand_in(amlsim, mapping=AMLSIM)
    assert (again.accepted, again.duplicate) == (0, first.accepted)
    assert (again.quarantined, again.refusals) == (first.quarantined, first.refusals)
    with database.session() as session:
        assert len(session.scalars(select(Quarantined)).all()) == 1
        assert len(session.scalars(select(Batch)).all()) == 1


def test_a_longer_file_brings_only_what_is_new(
    amlsim: Path, hand_in: Hand, database: Database, lake_root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_table, "BATCH_ROWS", 16)
    hand_in(amlsim, mapping=AMLSIM)
    longer = amlsim.with_name("longer.parquet")
    changed = transfers(60)
    moved = pa.array(
        [99 if row == 10 else one for row, one in enumerate(changed["step"].to_pylist())]
    )
    pq.write_table(changed.set_column(0, "step", moved), longer)
    receipt = hand_in(longer, mapping=AMLSIM)
    assert (receipt.accepted, receipt.duplicate, receipt.quarantined) == (20, 38, 2)
    assert [one.expected for one in receipt.refusals] == ["number.whole", "fact.conflict"]


def test_runs_and_rows_know_of_each_other(
    amlsim: Path, hand_in: Hand, give: Hand, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Facts of a long file and of a POST: whichever comes second is the duplicate."""
    monkeypatch.setattr(parquet_table, "BATCH_ROWS", 16)
    fact = {
        "id": "amlsim-40", "at_us": 1_577_836_800_000_000 + 9 * DAY, "side": "both",
        "payer_account": "AMLSIM:C4", "payee_account": "AMLSIM:C4", "amount": 3925,
        "currency": "KZT", "instrument": "transfer", "balance": 100_050,
    }  # fmt: skip
    assert give(fact).accepted == 1
    receipt = hand_in(amlsim, mapping=AMLSIM)
    assert (receipt.accepted, receipt.duplicate) == (38, 1)
    with database.session() as session:
        assert len(session.scalars(select(IdentityRun)).all()) > 1
    other = {**fact, "id": "amlsim-39"}
    assert give(fact, other).duplicate == 1
    assert give(other).refusals[0].expected == "fact.conflict"
    assert give({**fact, "id": "amlsim-41"}).accepted == 1


def fact(number: int) -> dict[str, Any]:
    return {"id": f"{number}", "at_us": AT, "remote_access": "false", "outcome": "failed"}


def test_csv_and_json_lines_make_the_same_facts(tmp_path: Path, hand_in: Hand) -> None:
    rows = [fact(number) for number in range(3)]
    lines = [";".join(rows[0]), *(";".join(map(str, row.values())) for row in rows), "4;broken"]
    (tmp_path / "facts.csv").write_text("\n".join(lines), "utf-8")
    (tmp_path / "facts.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    first = hand_in(tmp_path / "facts.csv", kind="session")
    assert (first.accepted, first.quarantined, first.refusals[0].place) == (3, 1, ":5")
    assert hand_in(tmp_path / "facts.jsonl", kind="session").duplicate == 3


def test_a_sheet(tmp_path: Path, hand_in: Hand) -> None:
    with xlsxwriter.Workbook(tmp_path / "facts.xlsx") as book:
        page = book.add_worksheet()
        for row, values in enumerate([list(fact(0)), *(list(fact(n).values()) for n in (1, 2))]):
            page.write_row(row, 0, values)
    assert hand_in(tmp_path / "facts.xlsx", kind="session").accepted == 2


def test_a_printed_statement(tmp_path: Path, hand_in: Hand, database: Database) -> None:
    ours = mapping.load(
        """
        kind = "statement"
        [head]
        account = { label = "Шот" }
        from_us = { label = "Кезең", time = "%d.%m.%Y" }
        to_us = { label = "Кезең", time = "%d.%m.%Y", part = 2, end_of_day = true }
        opening = { label = "Бастапқы", unit = "major" }
        closing = { label = "Соңғы", unit = "major" }
        currency = { constant = "KZT" }
        complete = { constant = true }
        [lines]
        at_us = { from = "Күні", time = "%d.%m.%Y" }
        debit = { from = "Дебет", unit = "major" }
        credit = { from = "Кредит", unit = "major" }
        counter_account = { from = "Кім" }
        """
    )
    path = tmp_path / "statement.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        rows = [
            ["Шот", "AAA:1"], ["Кезең", "01.01.2026 – 31.01.2026"], ["Бастапқы қалдық", 100],
            ["Күні", "Дебет", "Кредит", "Кім"], ["02.01.2026", 30, None, "BBB:2"],
            ["02.01.2026", 30, None, "BBB:2"], ["03.01.2026", None, 5.5, "CCC:1"],
            ["Барлығы", 60, 5.5], ["Соңғы қалдық", 45.5],
        ]  # fmt: skip
        for row, values in enumerate(rows):
            page.write_row(row, 0, values)
    receipt = hand_in(path, kind="statement", mapping=ours, own_banks={"AAA"})
    assert receipt.refusals == ()
    assert (receipt.read, receipt.accepted) == (4, 4)
    assert hand_in(path, kind="statement", mapping=ours, own_banks={"AAA"}).duplicate == 4


@pytest.mark.parametrize(
    ("name", "text", "more", "expected"),
    [
        ("facts.doc", "x", {}, "file.format"),
        ("facts.csv", "", {}, "file.empty"),
        ("facts.parquet", "x", {}, "file.parquet"),
        ("facts.csv", "id;at_us\n1;2\n", {}, "file.column_missing"),
        ("facts.csv", "id\n1\n", {"source": None}, "fact.missing"),
        ("facts.csv", "id\n1\n", {"mapping": AMLSIM}, "mapping.kind"),
    ],
)
def test_a_file_that_can_t_be_read_is_refused_whole(
    tmp_path: Path, hand_in: Hand, name: str, text: str, more: dict[str, Any], expected: str
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(InputRejected) as caught:
        hand_in(tmp_path / name, kind="session", **more)
    assert caught.value.expected == expected


def test_a_header_without_records_is_an_empty_batch(tmp_path: Path, hand_in: Hand) -> None:
    (tmp_path / "facts.csv").write_text("id;at_us;remote_access;outcome\n", "utf-8")
    assert hand_in(tmp_path / "facts.csv", kind="session").read == 0


def lines(path: Path, *names: str) -> None:
    path.write_text(
        "".join(
            json.dumps(
                {
                    "id": name, "at_us": AT, "side": "payer", "payer_account": "211:V1",
                    "payee_account": "223:D1", "amount": 5, "currency": "KZT",
                    "instrument": "transfer",
                }
            )
            + "\n"
            for name in names
        )
    )  # fmt: skip


def test_a_short_file_handed_in_twice_at_the_same_moment(tmp_path: Path, hand_in: Hand) -> None:
    path = tmp_path / "same.jsonl"
    lines(path, "a", "b")
    other: list[Receipt] = []
    ours = hand_in(path, progress=lambda *_: other.append(hand_in(path)))
    assert (other[0].accepted, other[0].duplicate) == (2, 0)
    assert (ours.accepted, ours.duplicate) == (0, 2)


@pytest.mark.parametrize("piece", [1_000, 2])
def test_a_file_that_changes_while_it_is_read_is_not_believed_and_loses_nothing(
    piece: int,
    tmp_path: Path,
    hand_in: Hand,
    lake: Lake,
    database: Database,
    lake_root: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its id is that of its first contents, which must not count as handed in."""
    monkeypatch.setattr(json_lines, "BATCH_ROWS", piece)
    path = tmp_path / "changing.jsonl"
    lines(path, "a1", "a2", "a3", "a4", "a5")

    def another(*_: Any) -> None:
        lines(path, "b1", "b2", "b3", "b4", "b5")

    with pytest.raises(InputRejected) as told:
        hand_in(path, progress=another)
    assert told.value.expected == "file.changed"
    lines(path, "a1", "a2", "a3", "a4", "a5")
    hand_in(path)
    seal(database, lake_root)
    ids = [fact["id"] for fact in lake("payment")]
    assert {"a1", "a2", "a3", "a4", "a5"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_a_pipe_or_a_device_is_no_file(tmp_path: Path, hand_in: Hand) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "zeros.csv").symlink_to("/dev/zero")
    for name in ("pipe.csv", "zeros.csv"):
        with pytest.raises(InputRejected) as told:
            hand_in(tmp_path / name)
        assert told.value.expected == "file.regular"
