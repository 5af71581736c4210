"""What stands on stdout, what on stderr, and in which language."""

from __future__ import annotations

from typing import Any

import pytest

from qalqan.cli.out import answer


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "abc", "QALQAN_PORT: abc — ожидалось: порт от 1 до 65535"),
        ("PORT", "99999", "QALQAN_PORT: 99999 — ожидалось: порт от 1 до 65535"),
        ("ENGINE", "flink", "QALQAN_ENGINE: flink — ожидалось: одно из значений: duckdb, spark"),
    ],
)
def test_a_wrong_setting_is_told_in_the_asked_language(
    qalqan: Any, name: str, value: str, said: str
) -> None:
    qalqan.set(LANGUAGE="ru", **{name: value})
    for words in (["init"], ["detect"], ["trace", "x"]):
        answer = qalqan(*words)
        assert answer.code == 2
        assert said in answer.err


def test_an_unknown_language_is_told_in_a_known_one(qalqan: Any) -> None:
    qalqan.set(LANGUAGE="tlh")
    answer = qalqan("init")
    assert answer.code == 2
    assert "QALQAN_LANGUAGE: tlh — expected one of: kk, ru, en" in answer.err


@pytest.mark.parametrize("address", ["mysql://somewhere/x", "nonsense"])
def test_a_register_s_address_that_nobody_serves(qalqan: Any, address: str) -> None:
    qalqan.set(REGISTER=address)
    answer = qalqan("init")
    assert answer.code == 2
    assert "QALQAN_REGISTER: " in answer.err
    assert "postgresql+psycopg://" in answer.err


def test_json_stands_alone_on_stdout(filled: Any) -> None:
    said = filled("detect", "--json")
    assert said.json["detectors"] >= 2
    assert said.err == ""


def test_brackets_in_a_name_are_no_markup(qalqan: Any) -> None:
    qalqan("init")
    said = qalqan("partner", "add", "[red]x[/red]")
    assert said.code == 2
    assert "[red]" in said.err or "[r•••]" in said.err


def test_a_reader_copies_what_is_longer_than_a_line_whole(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer({"Identity": "x" * 500, "say": "short"}, as_json=False)
    said = capsys.readouterr().out
    assert said.count("x") == 500
    assert "…" not in said
