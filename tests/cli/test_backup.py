"""`qalqan backup`, `restore` and `delivery` as a person meets them."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def at_home(own: Any, home: Path) -> Any:
    own.home = home
    own.set(HOME=str(home))
    return own


def test_a_restored_home_is_well_and_delivers_nothing_until_a_supervisor_says_so(
    people: Any, tmp_path: Path
) -> None:
    own = people
    taken = own("backup", tmp_path / "backup", "--json")
    assert taken.json["seal"] == 1
    assert taken.json["copied"] == taken.json["files"] > 0
    assert "same disk" in taken.err
    assert "keys are not in the backup" in taken.err
    assert own("delivery", "--json").json == {"delivery": "on"}
    done = own(
        "restore", tmp_path / "backup", tmp_path / "new", "--keys", own.home / "keys.json", "--json"
    )
    assert (done.code, done.json["seal"], done.json["delivery"]) == (0, 1, "paused")
    assert "Delivery of orders stands still" in done.err
    before = own("detect", "payments.passes_through", "--at-seal", "1", "--json").json
    new = at_home(own, tmp_path / "new")
    checks = new("doctor", "--json").json
    assert {name for name, check in checks.items() if not check["ok"]} == {"delivery"}
    assert new("detect", "payments.passes_through", "--at-seal", "1", "--json").json == before
    assert new("lake", "history", "--json").json["seal"] == 1
    assert new("delivery", "--json").json["by"] == "restore"
    refused = new("delivery", "resume", "--by", "aigul", "--reason", "looked", given="wrong\n")
    assert refused.code == 2
    resumed = new(
        "delivery", "resume", "--by", "aigul", "--reason", "looked", "--json",
        given=f"{people.password}\n",
    )  # fmt: skip
    assert resumed.json == {"delivery": "on"}
    assert new("delivery", "stop").code == 2
    assert all(check["ok"] for check in new("doctor", "--json").json.values())


def test_points_are_listed_chosen_and_forgotten(own: Any, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    assert own("backup", folder, "--list").code == 2
    first = own("backup", folder, "--with-keys", "--json")
    assert "Whoever reads it reads everything" in first.err
    assert own("backup", folder, "--link", "--json").json["copied"] == 0
    assert list(own("backup", folder, "--list", "--json").json.values()) == [1, 1]
    assert own("restore", folder, tmp_path / "a", "--at", "0").code == 2
    assert own("restore", folder, tmp_path / "a", "--at", "2020-01-01").code == 2
    assert own("restore", folder, tmp_path / "a", "--at", "soon").code == 2
    assert own("restore", folder, tmp_path / "a", "--at", "1", "--keys", "absent").code == 2
    assert own("backup", folder, "--keep", "1", "--json").json["forgotten"] == 2
    without = own("restore", folder, tmp_path / "a")
    assert without.code == 2
    assert "--keys" in without.err
    assert own("backup", folder, "--with-keys").code == 0
    assert own("restore", folder, tmp_path / "a", "--at", "1").code == 0
    assert own("restore", folder, tmp_path / "a").code == 2


def test_a_hurt_file_is_named_and_the_status_says_so(own: Any, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    point = own("backup", folder, "--json").json["point"]
    whole = own("backup", folder, "--verify", "--json")
    assert (whole.code, whole.json["points"], whole.json["hurt"]) == (0, 1, [])
    assert whole.json["files"] > 2
    assert "The backup is whole" in whole.err
    path, *_ = (folder / "files" / "payment").rglob("*.parquet")
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    hurt = own("backup", folder, "--verify", "--json")
    name = path.relative_to(folder).as_posix()
    assert hurt.code == 1
    assert hurt.json["hurt"] == [{"file": name, "what": "damaged", "points": [point]}]
    assert f"Damaged: {path}" in hurt.err
    assert own("backup", folder, "--verify", "--keys", own.home / "keys.json").code == 1
    for language, word in (("kk", "Файл бүлінген"), ("ru", "Файл повреждён")):
        own.set(LANGUAGE=language)
        assert word in own("backup", folder, "--verify").err
    assert own("backup", tmp_path / "nothing", "--verify").code == 2


def test_no_centre_is_no_backup(qalqan: Any, tmp_path: Path) -> None:
    assert qalqan("backup", tmp_path / "backup").code == 2
    assert qalqan("restore", tmp_path / "backup", tmp_path / "new").code == 2
    assert not (tmp_path / "backup").exists()
