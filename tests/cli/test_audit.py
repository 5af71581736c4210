"""`qalqan audit` as a person meets it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from qalqan.cli.home import open_home
from qalqan.register import audit


def test_a_home_is_verified_against_what_was_kept_and_a_changed_row_is_named(
    people: Any, tmp_path: Path
) -> None:
    own, kept = people, tmp_path / "kept"
    home = open_home()
    with home.database.write() as session:
        audit.note(session, "aigul", "view", "case", "C-26-000001")
    home.database.close()
    told = own("audit", "verify", "--checkpoints", kept, "--keep", "--json")
    assert (told.code, told.json["differences"]) == (0, [])
    first = own("audit", "checkpoint", "--json").json
    assert first == told.json["checkpoint"]
    assert first["size"] > 0
    assert kept.read_text("utf-8") == f"{own('audit', 'checkpoint').out}\n"
    assert own("audit", "verify", "--checkpoints", kept, "--keep", "--json").code == 0
    assert kept.read_text("utf-8").count("qalqan/") == 2
    with closing(sqlite3.connect(own.home / "register.db", isolation_level=None)) as register:
        register.execute("DROP TRIGGER audit_no_update")
        register.execute("UPDATE audit SET actor = 'nobody' WHERE id = 1")
    told = own("audit", "verify", "--checkpoints", kept, "--json")
    assert told.code == 1
    assert told.json["differences"][0]["kind"] == "row.changed"
    assert "A row was changed after it was logged: audit 1" in told.err
    assert "does not continue this checkpoint" in told.err


def test_the_key_and_bad_files_are_told(people: Any, tmp_path: Path) -> None:
    own = people
    assert own("audit", "key", "--json").json["key"].startswith("qalqan/")
    bad = tmp_path / "bad"
    bad.write_text("not a checkpoint\n")
    told = own("audit", "verify", "--checkpoints", bad)
    assert (told.code, "no checkpoint" in told.err) == (2, True)
    assert own("audit", "verify", "--url", "http://127.0.0.1:9").code == 2
    key = own("audit", "key").out.strip()
    told = own("audit", "verify", "--url", "http://127.0.0.1:9", "--key", key)
    assert (told.code, "does not answer" in told.err) == (2, True)
