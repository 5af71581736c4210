"""A home that is not there, not ours, or not whole: one sentence, status 2."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from qalqan.trust.keys import Keys

WITHOUT_HOME = {
    "kk": "орталық жоқ",
    "ru": "центра нет",
    "en": "There is no centre in",
}


@pytest.mark.parametrize("language", WITHOUT_HOME)
@pytest.mark.parametrize(
    "words",
    [["detect"], ["trace", "x"], ["ingest", "payment", "a.csv"], ["partner", "add", "altyn"],
     ["user", "aigul", "--name", "A"], ["serve"], ["work"]],
    ids=lambda words: words[0],
)  # fmt: skip
def test_without_a_home_every_command_says_so(qalqan: Any, words: list[str], language: str) -> None:
    qalqan.set(LANGUAGE=language)
    said = qalqan(*words)
    assert (said.code, said.out) == (2, "")
    assert WITHOUT_HOME[language] in said.err
    assert str(qalqan.home) in said.err
    assert "Traceback" not in said.err


def test_a_program_reads_the_failure_as_json(qalqan: Any) -> None:
    said = qalqan("detect", "--json")
    assert said.code == 2
    assert said.json["error"].startswith("There is no centre in")


def test_init_twice_changes_nothing(qalqan: Any) -> None:
    assert qalqan("init", "--json").json == {"home": str(qalqan.home)}
    keys = (qalqan.home / "keys.json").read_bytes()
    assert qalqan("init").code == 0
    assert (qalqan.home / "keys.json").read_bytes() == keys


def test_a_file_in_the_home_s_place(qalqan: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    qalqan.set(HOME=str(tmp_path / "file"))
    said = qalqan("init")
    assert said.code == 2
    assert "a folder is needed" in said.err


def test_damaged_keys(qalqan: Any) -> None:
    qalqan("init")
    (qalqan.home / "keys.json").write_text('{"tokens": {}}', encoding="utf-8")
    said = qalqan("detect")
    assert said.code == 2
    assert "is a damaged key file. Restore it from a backup" in said.err


def test_keys_that_others_may_read(qalqan: Any) -> None:
    qalqan("init")
    (qalqan.home / "keys.json").chmod(0o644)
    said = qalqan("detect")
    assert said.code == 2
    assert "chmod 600" in said.err


def test_keys_of_another_centre(qalqan: Any) -> None:
    qalqan("init")
    (qalqan.home / "keys.json").unlink()
    said = qalqan("init")
    assert said.code == 2
    assert "does not belong to this register" in said.err


def test_a_register_that_is_no_database(qalqan: Any) -> None:
    qalqan.home.mkdir()
    Keys.create(qalqan.home / "keys.json")
    # Written before anything opens it: a connection still open would write its pages over this.
    (qalqan.home / "register.db").write_bytes(b"no database" * 1000)
    for command in ("detect", "init"):
        said = qalqan(command)
        assert said.code == 2
        assert "is damaged or is no database" in said.err


def test_a_register_without_tables(qalqan: Any) -> None:
    qalqan("init")
    for file in qalqan.home.glob("register.db*"):
        file.unlink()
    said = qalqan("detect")
    assert said.code == 2
    assert "`qalqan doctor` names the remedy" in said.err
    assert qalqan("init").code == 0
    assert qalqan("detect", "payments.passes_through").code == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_home_that_is_closed(qalqan: Any) -> None:
    qalqan("init")
    qalqan.home.chmod(0o500)
    said = qalqan("detect")
    qalqan.home.chmod(0o700)
    assert said.code == 2
    assert "Permission denied" in said.err


def test_a_disk_without_room(filled: Any) -> None:
    said = filled("trace", "amlsim-1", "--as-of", "2020-01-10", "--picture", "/dev/full")
    assert said.code == 2
    assert "The disk is full. Make room and try again" in said.err
