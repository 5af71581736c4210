from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qalqan.errors import Conflict, ContractBroken, NotFound
from qalqan.settings import Settings
from qalqan.trust.keys import CLASSES, Keys, keys_of


def test_a_new_file_is_private_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "home" / "keys.json"
    keys = Keys.create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Keys.load(path) == keys
    assert [entry.name for entry in path.parent.iterdir()] == ["keys.json"]


def test_every_class_has_keys_of_its_own() -> None:
    keys = Keys.new()
    drawn = {keys.token_key(klass) for klass in CLASSES} | {keys.box_key(k) for k in CLASSES}
    assert len(drawn) == 2 * len(CLASSES)
    with pytest.raises(ContractBroken):
        keys.box_key("sim")


def test_keys_do_not_show() -> None:
    assert repr(Keys.new()) == "Keys()"


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    first = Keys.create(path)
    with pytest.raises(Conflict):
        Keys.create(path)
    assert Keys.load(path) == first


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys.json"
    Keys.create(path)
    path.chmod(mode)
    with pytest.raises(ContractBroken, match="0600"):
        Keys.load(path)


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"tokens": "s3cret"}', '{"tokens": {}}'])
def test_a_damaged_file_is_refused_without_telling_its_contents(tmp_path: Path, body: str) -> None:
    path = tmp_path / "keys.json"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(body)
    with pytest.raises(ContractBroken) as caught:
        Keys.load(path)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Keys.load(tmp_path / "keys.json")


def test_of_many_who_create_at_once_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"

    def attempt(_: int) -> Keys | None:
        try:
            return Keys.create(path)
        except Conflict:
            return None

    with ThreadPoolExecutor(8) as pool:
        made = [keys for keys in pool.map(attempt, range(16)) if keys is not None]
    assert made == [Keys.load(path)]


def test_a_centre_makes_its_keys_once(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "centre")
    assert keys_of(settings) is keys_of(settings)
    assert Keys.load(settings.keys_file) == keys_of(settings)
