from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from qalqan.errors import Conflict, ContractBroken, NotFound
from qalqan.settings import Settings
from qalqan.trust.encryption import open_box, seal, version_of
from qalqan.trust.keys import CLASSES, Keys, keys_of


def test_a_new_file_is_private_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "home" / "keys.json"
    keys = Keys.create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Keys.load(path) == keys
    assert [entry.name for entry in path.parent.iterdir()] == ["keys.json"]


def test_every_class_has_keys_of_its_own() -> None:
    keys = Keys.new()
    drawn = {keys.token_key(klass) for klass in CLASSES}
    drawn |= {keys.box_key(klass).of(1) for klass in CLASSES}
    assert len(drawn) == 2 * len(CLASSES)
    with pytest.raises(ContractBroken):
        keys.box_key("mac")


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


def first_version(keys: Keys) -> dict[str, Any]:
    """The body of a file as it was before keys had versions and the log had one."""

    def texts(of: Callable[[str], bytes]) -> dict[str, str]:
        return {klass: b64encode(of(klass)).decode() for klass in CLASSES}

    return {
        "version": 1,
        "tokens": texts(keys.token_key),
        "boxes": texts(lambda klass: keys.box_key(klass).of(1)),
        "signing": b64encode(keys.signing_seed).decode(),
    }


def test_a_file_of_the_first_version_is_read_and_rotates(tmp_path: Path) -> None:
    path, keys = tmp_path / "keys.json", Keys.new()
    path.touch(0o600)
    path.write_text(json.dumps(first_version(keys)))
    old = Keys.load(path)
    assert (old.token_keys, old.box_keys) == (keys.token_keys, keys.box_keys)
    box = seal(old.box_key("account"), b"KZ86", b"acc_a")
    new = Keys.rotate(path, "account")
    assert Keys.load(path) == new
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["keys.json"]
    # Nothing but that class's box key is another one, the log's least of all.
    assert new.log_key.private_bytes_raw() == old.log_key.private_bytes_raw()
    assert new.log_blind == old.log_blind
    assert new.token_keys == old.token_keys
    assert new.box_keys["person"] == old.box_keys["person"]
    newer = seal(new.box_key("account"), b"KZ86", b"acc_a")
    assert (version_of(box), version_of(newer)) == (1, 2)
    assert open_box(new.box_key("account"), box, b"acc_a") == b"KZ86"
    # A process that read the file before opens what another seals since.
    assert open_box(old.box_key("account"), newer, b"acc_a") == b"KZ86"


def test_many_rotations_at_once_are_all_there(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    Keys.create(path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda klass: Keys.rotate(path, klass), ["account", "person"] * 4))
    assert [Keys.load(path).box_key(klass).newest for klass in ("account", "person")] == [5, 5]


def test_the_log_has_a_key_of_its_own() -> None:
    keys = Keys.new()
    assert keys.log_key.private_bytes_raw() == keys.log_seed != keys.signing_seed
    assert keys.log_blind not in (keys.log_seed, keys.signing_seed)


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


def test_a_file_of_before_there_were_devices_gives_them_keys_of_its_own(tmp_path: Path) -> None:
    paths = [tmp_path / "one.json", tmp_path / "two.json"]
    drawn = set()
    for path in paths:
        Keys.create(path)
        body = json.loads(path.read_text())
        for part in ("tokens", "boxes"):
            for klass in ("device", "sim"):
                del body[part][klass]
        path.write_text(json.dumps(body))
        first, again = Keys.load(path), Keys.load(path)
        assert first == again
        for klass in ("device", "sim"):
            drawn |= {first.token_key(klass), first.box_key(klass).of(1)}
    assert len(drawn) == 8
    body = json.loads(paths[0].read_text())
    del body["tokens"]["phone"]
    paths[0].write_text(json.dumps(body))
    with pytest.raises(ContractBroken):
        Keys.load(paths[0])
