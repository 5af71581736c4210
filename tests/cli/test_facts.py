"""Files of facts, taken in from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

EVERYWHERE = {
    "kk": "күтілгені: мына мәндердің бірі",
    "ru": "ожидалось: одно из значений",
    "en": "expected one of",
}


def test_read_is_accepted_and_duplicate_and_quarantined(qalqan: Any, tmp_path: Path) -> None:
    qalqan("init")
    path = qalqan.transfers(
        tmp_path / "a.parquet", [*qalqan.rows, (5, 1, 2, -4.0), (6, 1, 2, 0.001)]
    )
    first = qalqan("ingest", "payments", path, "--mapping", qalqan.mapping, "--json")
    assert first.json == {"read": 10, "accepted": 8, "duplicate": 0, "quarantined": 2}
    assert first.err.count("amount=") == 2
    again = qalqan("ingest", "payment", path, "--mapping", qalqan.mapping, "--json").json
    assert again == {"read": 10, "accepted": 0, "duplicate": 8, "quarantined": 2}
    assert qalqan("detect", "payments.passes_through", "--json").json["seal"] == 1


def test_a_file_of_nothing_but_bad_records_ends_with_one(qalqan: Any, tmp_path: Path) -> None:
    qalqan("init")
    path = qalqan.transfers(tmp_path / "a.parquet", [(5, 1, 2, -4.0)])
    said = qalqan("ingest", "payment", path, "--mapping", qalqan.mapping)
    assert said.code == 1
    assert "quarantined  1" in said.out


@pytest.mark.parametrize("language", EVERYWHERE)
def test_an_unknown_kind_is_refused_in_the_reader_s_language(qalqan: Any, language: str) -> None:
    qalqan("init")
    qalqan.set(LANGUAGE=language)
    said = qalqan("ingest", "gossip", "a.csv", "--source", "a", "--json")
    assert said.code == 2
    assert EVERYWHERE[language] in said.json["error"]
    assert said.json["error"] in said.err


@pytest.mark.parametrize(
    ("file", "options", "said"),
    [
        ("absent.csv", ["--source", "a"], "There is no such file or folder"),
        ("", ["--source", "a"], "This is a folder, and a file is needed"),
        ("empty.csv", ["--source", "a"], "a file with something in it"),
        ("empty.csv", [], "a value, which this field must have"),
        ("noise.parquet", ["--source", "a"], "an undamaged Parquet file"),
        ("noise.zip", ["--source", "a"], "a csv, jsonl, parquet, xlsx or xml (ISO 20022) file"),
        ("good.csv", ["--source", "a"], "the column “side”"),
        ("good.csv", ["--mapping", "absent.toml"], "There is no such file or folder"),
        ("good.csv", ["--mapping", "noise.zip"], "a mapping file in TOML"),
    ],
)
def test_a_bad_file_is_told_in_one_sentence(
    qalqan: Any, tmp_path: Path, file: str, options: list[str], said: str
) -> None:
    qalqan("init")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "good.csv").write_text("id,at_us,amount\n1,2,3\n", encoding="utf-8")
    for noise in ("noise.parquet", "noise.zip"):
        (tmp_path / noise).write_text("[noise\n", encoding="utf-8")
    words = [str(tmp_path / w) if w.endswith((".toml", ".zip")) else w for w in options]
    answer = qalqan("ingest", "payment", tmp_path / file, *words)
    assert answer.code == 2
    assert said in answer.err.splitlines()[-1]


def test_a_country_is_written_and_taken_in(qalqan: Any, tmp_path: Path) -> None:
    made = qalqan("simulate", tmp_path / "country", "--json").json
    assert made["simulated"] is True
    qalqan("init")
    files = sorted((tmp_path / "country" / "facts" / "subscription").iterdir())
    taken = [qalqan("ingest", "subscription", file, "--source", file.stem, "--json").json
             for file in files]  # fmt: skip
    assert sum(one["accepted"] for one in taken) > 0
    assert sum(one["quarantined"] for one in taken) == 0


def test_no_country_of_that_size(qalqan: Any, tmp_path: Path) -> None:
    said = qalqan("simulate", tmp_path / "country", "--size", "continent")
    assert said.code == 2
    assert "expected one of: " in said.err


@pytest.mark.parametrize(
    ("language", "said"),
    [("kk", "жаңа немесе бос бума"), ("ru", "новая или пустая папка"), ("en", "an empty folder")],
)
def test_two_countries_do_not_mix_in_one_folder(
    qalqan: Any, tmp_path: Path, language: str, said: str
) -> None:
    (tmp_path / "country").mkdir()
    (tmp_path / "country" / "notes.txt").write_text("mine", encoding="utf-8")
    qalqan.set(LANGUAGE=language)
    answer = qalqan("simulate", tmp_path / "country")
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert [file.name for file in (tmp_path / "country").iterdir()] == ["notes.txt"]
