"""REQ-35: a pack that was changed in one byte does not pass for what was signed."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.errors import InputRejected, NotAllowed
from qalqan.exchange import evidence_pack
from qalqan.exchange.evidence_pack import Piece
from qalqan.trust.detached import sign_beside, verify_beside
from qalqan.trust.keys import Keys

KEYS, OTHER = Keys.new(), Keys.new()
PIECES = [Piece("a.csv", "register", b"1,2\r\n"), Piece("orders/O-1.jws", "order", b"x" * 900)]


def packed(pieces=PIECES):
    body = evidence_pack.stream(pieces, {"case": "C-1"}, lambda b: sign_beside(b, KEYS.signing_key))
    return b"".join(body)


def verified(data, keys=KEYS):
    return evidence_pack.verify(io.BytesIO(data), keys.verify_key_pem)


def again(data, change):
    """The same archive with its files changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return out.getvalue()


def test_a_pack_holds_and_names_every_file_with_its_digest():
    found = verified(packed())
    assert found.holds
    assert found.manifest["case"] == "C-1"
    told = {each["name"]: each["sha256"] for each in found.manifest["files"]}
    assert told == {each.name: hashlib.sha256(each.data).hexdigest() for each in PIECES}
    with zipfile.ZipFile(io.BytesIO(packed())) as archive:
        assert archive.testzip() is None
        sums = archive.read("SHA256SUMS").decode().splitlines()
    assert [line.split("  ")[1] for line in sums] == [each.name for each in PIECES]


@given(st.integers(min_value=0))
def test_no_byte_of_a_file_can_be_changed(place):
    name = PIECES[place % 2].name

    def change(files):
        body = bytearray(files[name])
        body[place % len(body)] ^= 1 + place % 255
        files[name] = bytes(body)

    assert verified(again(packed(), change)).problems == ((name, "changed"),)


def test_what_is_missing_added_or_told_otherwise_is_named():
    data = packed()
    gone = verified(again(data, lambda files: files.pop("a.csv")))
    assert gone.problems == (("a.csv", "missing"),)
    more = verified(again(data, lambda files: files.update({"b.csv": b""})))
    assert more.problems == (("b.csv", "unnamed"),)
    sums = verified(again(data, lambda files: files.update({"SHA256SUMS": b""})))
    assert sums.problems == (("SHA256SUMS", "changed"),)
    longer = verified(again(data, lambda f: f.update({"a.csv": f["a.csv"] + b"\0" * 9})))
    assert longer.problems == (("a.csv", "changed"),)


def test_a_manifest_that_was_changed_or_signed_by_another_is_refused():
    def grow(files):
        told = json.loads(files["manifest.json"])
        told["files"].pop()
        files["manifest.json"] = json.dumps(told).encode()

    with pytest.raises(NotAllowed):
        verified(again(packed(), grow))
    with pytest.raises(NotAllowed):
        verified(packed(), OTHER)


@pytest.mark.parametrize(
    "data",
    [b"", b"no zip", packed()[:-30], again(packed(), lambda f: f.pop("manifest.jws"))],
    ids=["empty", "text", "cut off", "unsigned"],
)
def test_what_is_no_pack_is_refused(data):
    with pytest.raises(InputRejected):
        verified(data)


def test_an_entry_that_stands_twice_is_named():
    out = io.BytesIO(packed())
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.csv", b"1,2\r\n")
    assert ("a.csv", "twice") in verified(out.getvalue()).problems


def test_a_signature_beside_fits_its_bytes_alone():
    signature = sign_beside(b"body", KEYS.signing_key)
    assert signature.split(".")[1] == ""
    verify_beside(signature, b"body", KEYS.verify_key_pem)
    for bad, body in ((signature, b"Body"), (signature[:-2], b"body"), ("..", b"body")):
        with pytest.raises(NotAllowed):
            verify_beside(bad, body, KEYS.verify_key_pem)


def test_pieces_are_not_kept_in_memory_together():
    seen = []

    def pieces():
        for n in range(5):
            seen.append(n)
            yield replace(PIECES[0], name=f"{n}", data=bytes(range(256)) * 400)

    body = evidence_pack.stream(pieces(), {}, lambda b: sign_beside(b, KEYS.signing_key))
    assert next(body)
    assert seen == [0]
    assert evidence_pack.verify(io.BytesIO(b"".join([packed()])), KEYS.verify_key_pem).holds
