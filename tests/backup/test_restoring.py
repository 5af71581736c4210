"""What a restored centre knows and does, on SQLite and on PostgreSQL."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from qalqan.backup import register_copy, restoring
from qalqan.backup.restoring import GAP, restore
from qalqan.backup.taking import Taken
from qalqan.errors import Conflict, ContractBroken, NotFound
from qalqan.lake import landing
from qalqan.lake.landing import Staged
from qalqan.lake.table import write_files
from qalqan.lake.upkeep import keeping
from qalqan.lake.upkeep.folding import fold
from qalqan.learning import model
from qalqan.learning.model import FOLDER
from qalqan.register import pauses
from qalqan.register.leases import hold
from qalqan.register.numbers import next_id
from qalqan.register.orm import Audit, Lease

Restored = Callable[..., Any]
BackedUp = Callable[..., Taken]


def test_a_restored_centre_knows_what_was_acknowledged_until_then_and_nothing_later(
    centre: Any, folder: Path, restored: Restored, backed_up: BackedUp
) -> None:
    centre.give("a", "b")
    centre.seal()
    centre.give("landed")
    taken = backed_up()
    assert taken.point.seal == 1
    centre.give("later")
    centre.seal()
    again = restored(folder)
    assert again.facts() == ["a", "b"]
    assert again.seal() == 2
    assert again.facts() == ["a", "b", "landed"]
    assert again.give("a", "b", "landed", "later") == 1
    assert again.seal() == 3


def test_the_models_that_its_findings_name_come_along(
    centre: Any, folder: Path, restored: Restored, backed_up: BackedUp
) -> None:
    models = centre.home / FOLDER
    kept = model.made("a tree", {"features_hash": "f"})
    (models / kept.version).mkdir(parents=True)
    (models / kept.version / "model.txt").write_text("a tree")
    (models / ".making-other").mkdir()
    model.use(models, kept.version)
    backed_up()
    again = restored(folder).home / FOLDER
    assert model.in_use(again) == kept.version
    assert (again / kept.version / "model.txt").read_text() == "a tree"
    assert not (again / ".making-other").exists()


def test_it_delivers_nothing_numbers_leave_a_gap_and_nobody_is_signed_in(
    centre: Any, folder: Path, restored: Restored, backed_up: BackedUp
) -> None:
    with centre.database.write() as session:
        before = next_id(session, "O")
    with hold(centre.database, "seal", 60):
        backed_up()
    again = restored(folder)
    with again.database.write() as session:
        assert pauses.paused(session, pauses.DELIVERY) is not None
        assert int(next_id(session, "O")[5:]) == int(before[5:]) + GAP + 1
        assert session.scalars(select(Lease)).all() == []
        assert session.scalars(select(Audit.action)).all() == ["backup.restore"]


def test_identities_in_runs_come_along(
    centre: Any, folder: Path, restored: Restored, backed_up: BackedUp
) -> None:
    centre.give(*[str(number) for number in range(30)])
    centre.seal()
    with keeping(centre.database) as held:
        assert fold(centre.database, centre.lake_root, held, -1, fewest=1)
    backed_up()
    assert restored(folder).give(*[str(number) for number in range(31)]) == 1


def test_a_seal_on_its_way_is_finished_by_the_restored_centre(
    centre: Any, folder: Path, restored: Restored, backed_up: BackedUp
) -> None:
    centre.give("a")
    centre.seal()
    centre.give("b")
    with centre.database.session() as session:
        (row, facts), *_ = landing.landed(session, "session", 10)
    files = write_files(centre.lake_root, "session", facts, 2)
    with centre.database.write() as session:
        landing.stage(session, Staged("session", 2, 1, files, {}, [row]))
    backed_up()
    centre.seal()
    again = restored(folder)
    assert again.seal() == 2
    assert again.facts() == ["a", "b"]


def test_seals_that_come_while_the_backup_runs_are_not_in_it(
    centre: Any,
    folder: Path,
    restored: Restored,
    monkeypatch: pytest.MonkeyPatch,
    backed_up: BackedUp,
) -> None:
    centre.give("a")
    centre.seal()
    copied = register_copy.copy

    def slowly(*given: Any) -> Any:
        found = copied(*given)
        for name in ("b", "c"):
            centre.give(name)
            centre.seal()
        return found

    monkeypatch.setattr(register_copy, "copy", slowly)
    assert backed_up().point.seal == 1
    again = restored(folder)
    assert again.facts() == ["a"]
    assert again.give("a", "b", "c") == 2
    assert again.seal() == 2


@pytest.mark.parametrize("hurt", ["data file", "register", "log", "manifest", "missing"])
def test_a_damaged_backup_is_told_and_leaves_nothing(
    centre: Any, folder: Path, restored: Restored, tmp_path: Path, hurt: str, backed_up: BackedUp
) -> None:
    centre.give("a")
    centre.seal()
    backed_up()
    names = {"data file": "*.parquet", "register": "register.d*", "manifest": "manifest.json"}
    names["log"] = "00000000000000000001.json"
    (path,) = folder.rglob(names.get(hurt, "*.parquet"))
    if hurt == "missing":
        path.unlink()
    else:
        body = bytearray(path.read_bytes())
        body[len(body) // 2] ^= 0xFF
        path.write_bytes(body[:-3] if hurt == "manifest" else body)
    with pytest.raises(ContractBroken):
        restored(folder)
    assert not list(tmp_path.glob(".restored*"))
    assert not (tmp_path / "restored-0").exists()


@pytest.mark.parametrize(
    "planted",
    [
        {"name": "20260101T000000Z-000000000001'); DELETE FROM audit; --"},
        {"files": {"../planted": {"size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}}},
        {"logs": {"../../planted": 0}},
    ],
)
def test_a_manifest_leads_nowhere_else(
    planted: dict[str, Any], centre: Any, folder: Path, restored: Restored, backed_up: BackedUp
) -> None:
    centre.give("a")
    centre.seal()
    inside = folder / "points" / backed_up().point.name
    (folder / "planted").write_bytes(b"x")
    manifest = inside / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **planted}))
    if "/" not in (name := planted.get("name", inside.name)):
        inside.rename(inside.with_name(name))
    with pytest.raises(ContractBroken) as told:
        restored(folder)
    assert told.value.code == "backup.damaged"
    assert not (folder.parent / "restored-0").exists()


@pytest.mark.parametrize("forged", ["log", "log and manifest", "moment"])
def test_what_others_wrote_into_a_backup_is_not_believed(
    forged: str, centre: Any, folder: Path, restored: Restored, backed_up: BackedUp
) -> None:
    """Whoever may write there can leave no fact out, and say nothing to the database."""
    centre.give("a")
    centre.seal()
    inside = folder / "points" / backed_up().point.name
    manifest = inside / "manifest.json"
    body = json.loads(manifest.read_text())
    (log,) = inside.rglob("00000000000000000001.json")
    kept = [line for line in log.read_text().splitlines() if not line.startswith('{"add"')]
    if forged == "moment":
        body |= {"at_us": "0); DELETE FROM audit; --", "simulated": False}
    else:
        log.write_text("\n".join(kept) + "\n")
    if forged == "log and manifest":
        named = log.relative_to(inside).as_posix()
        told = log.read_bytes()
        body["inside"][named] = {
            "size": len(told), "sha256": hashlib.sha256(told).hexdigest()
        }  # fmt: skip
    manifest.write_text(json.dumps(body))
    with pytest.raises(ContractBroken) as error:
        restored(folder)
    assert error.value.code == "backup.damaged"


def test_restoring_overwrites_nothing(
    centre: Any, folder: Path, tmp_path: Path, backed_up: BackedUp
) -> None:
    backed_up(with_keys=True)
    url = centre.database.url
    with pytest.raises(Conflict):
        restore(folder, centre.home, register_url=url)
    if centre.database.engine.dialect.name == "postgresql":
        with pytest.raises(Conflict):
            restore(folder, tmp_path / "new", register_url=url)
        with pytest.raises(NotFound):
            restore(folder, tmp_path / "new")
    with pytest.raises(NotFound):
        restore(tmp_path / "elsewhere", tmp_path / "new")


RESTORING = [
    (restoring, "_fill"), (restoring, "_copy"), (restoring, "_register"), (restoring, "_keep"),
    (restoring, "_settling"),
]  # fmt: skip


@pytest.mark.parametrize(("owner", "name"), RESTORING, ids=lambda value: str(value).split(".")[-1])
def test_a_restore_cut_off_leaves_no_home(
    centre: Any,
    folder: Path,
    restored: Restored,
    tmp_path: Path,
    owner: Any,
    name: str,
    backed_up: BackedUp,
    cut: Callable[..., None],
) -> None:
    centre.give("a")
    centre.seal()
    backed_up()
    cut(owner, name, lambda: restored(folder))
    assert not (tmp_path / "restored-0").exists()
    assert restored(folder).facts() == ["a"]
