"""REQ-18: no column of boxes is forgotten, and a box's version is read where it stands."""

from __future__ import annotations

import base64
import os
from dataclasses import replace

import pytest
from sqlalchemy import LargeBinary, String, select, update

from qalqan.register import orm, rekeying, vault
from qalqan.register.boxes import BOXES, Boxes
from qalqan.register.database import Database
from qalqan.register.orm import Base, Totp, User, VaultEntry
from qalqan.trust import encryption, totp
from qalqan.trust.keys import Keys

NO_BOXES = {
    "identities.content", "identities.identity", "landing.body", "log_checkpoints.note",
    "log_checkpoints.root", "log_tiles.hashes", "partners.mail_certificate", "passkeys.credential",
    "passkeys.public_key",
}  # fmt: skip
"""Bytes, and text of any length, that the centre's keys have not sealed."""


def test_whatever_may_hold_a_box_is_listed_or_known_to_hold_none() -> None:
    found = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
        or (isinstance(column.type, String) and column.type.length is None)
        or column.name == "box"
    }
    listed = {of.name for of in BOXES}
    assert len(listed) == len(BOXES)
    assert found - NO_BOXES == listed
    assert found >= NO_BOXES


@pytest.mark.parametrize("of", BOXES, ids=lambda of: of.name)
def test_a_line_names_columns_that_are_there(of: Boxes) -> None:
    assert set(of.needed) <= set(of.table.c.keys())
    assert of.bound_to(dict.fromkeys(of.needed, "x"))


def newer(keys: Keys, klass: str, versions: int = 2) -> Keys:
    """The same keys after some rotations of a class."""
    ring = {v: os.urandom(32) for v in range(2, versions + 1)}
    return replace(keys, box_keys={**keys.box_keys, klass: {**keys.box_keys[klass], **ring}})


@pytest.mark.parametrize("newest", [2, 5, 64, 255])
def test_the_version_is_read_off_bytes_and_text_alike(
    database: Database, keys: Keys, newest: int
) -> None:
    """Each version once; `versions` counts them and `is_older` finds all but the newest."""
    new = newer(keys, "document", newest)
    ring = new.box_key("document").versions
    steps = sorted({1, 2, newest - 1, newest})
    with database.write() as session:
        for version in steps:
            box = encryption.seal(
                encryption.Ring({v: ring[v] for v in range(1, version + 1)}), b"x", b"b-1 :0"
            )
            session.add(quarantined(box))
    of = next(each for each in BOXES if each.column is orm.Quarantined.record)
    told = replace(of, column=orm.LogCheckpoint.note, text=True)
    with database.write() as session:
        for version in steps:
            text = base64.b64encode(bytes([version]) + os.urandom(28)).decode()
            session.add(orm.LogCheckpoint(size=version, root=b"", at_us=1, note=text))
    with database.session() as session:
        assert rekeying.versions(session, "document")["quarantine.record"] == dict.fromkeys(
            steps, 1
        )
        for each in (of, told):
            heads = session.scalars(select(each.head())).all()
            assert sorted(map(each.version, heads)) == steps
            older = session.scalars(select(each.head()).where(each.is_older(newest))).all()
            assert sorted(map(each.version, older)) == steps[:-1]


def quarantined(box: bytes) -> orm.Quarantined:
    return orm.Quarantined(
        batch="b-1", kind="payment", source="a", place=":0", field="id", value_masked="x",
        expected="x", params={}, record=box, at_us=1,
    )  # fmt: skip


def test_second_factors_follow_the_keys_of_people(database: Database, keys: Keys) -> None:
    secret = totp.new_secret()
    with database.write() as session:
        session.add(
            User(login="asel", name="nam_x", password_hash="x", role="auditor", region="KZ")
        )
        session.flush()
        session.add(Totp(login="asel", box=totp.seal(keys, "asel", secret), last_step=7))
    new = newer(keys, "person", 3)
    assert rekeying.rekey(database, new, "person") == 1
    assert rekeying.rekey(database, new, "person") == 0
    with database.session() as session:
        row = session.get_one(Totp, "asel")
        assert (encryption.version_of(row.box), row.last_step) == (3, 7)
        assert totp.unseal(new, "asel", row.box) == secret


def test_what_does_not_open_stays_and_does_not_stop_the_rest(
    database: Database, keys: Keys, caplog: pytest.LogCaptureFixture
) -> None:
    with database.write() as session:
        tokens = [vault.keep(session, keys, "person", f"9001013000{n:02}") for n in range(9)]
        broken = session.get_one(VaultEntry, sorted(tokens)[4]).box
        broken = broken[:-1] + bytes([broken[-1] ^ 1])
        row = VaultEntry.token == sorted(tokens)[4]
        session.execute(update(VaultEntry).where(row).values(box=broken))
        session.add(quarantined(b""))
        session.add(quarantined(b"\x01short"))
    new = newer(newer(keys, "person"), "document")
    assert rekeying.rekey(database, new, "person") == 8
    assert "vault.box: 1 boxes of class person don't open" in caplog.text
    assert "9001" not in caplog.text
    assert rekeying.rekey(database, new, "document") == 0
    with database.session() as session:
        assert session.scalar(select(VaultEntry.box).where(row)) == broken
        counted = rekeying.versions(session, "person")
        assert counted["vault.box"] == {1: 1, 2: 8}
        assert rekeying.older(new, "person", counted) == 1


def test_a_box_that_went_or_changed_meanwhile_is_left_alone(database: Database, keys: Keys) -> None:
    with database.write() as session:
        one, other = (vault.keep(session, keys, "person", f"90010130001{n}") for n in (7, 8))
    new = newer(keys, "person")
    of = BOXES[0]
    with database.session() as session:
        rows = rekeying._look(session, "person", of, 2, None)
    fresh = [rekeying._sealed(of, new.box_key("person"), row) for row in rows]
    with database.write() as session:
        session.delete(session.get_one(VaultEntry, one))
        told = encryption.seal(keys.box_key("person"), b"900101300018", other.encode())
        session.get_one(VaultEntry, other).box = told
    with database.write() as session:
        assert rekeying._replace(session, of, [each for each in fresh if each]) == 0
    with database.session() as session:
        assert session.scalars(select(VaultEntry.box)).all() == [told]
