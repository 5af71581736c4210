from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from qalqan.errors import ContractBroken, NotAllowed
from qalqan.trust import checkpoints

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VERIFIER = checkpoints.verify_key(KEY.public_key())
ROOT = bytes(range(32))


def test_the_example_of_the_signed_note_text() -> None:
    """C2SP signed-note, section "Example"."""
    note = (
        "This is an example message.\n\n"
        "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXm"
        "RKuwHjG1Yu72IneyaQM=\n"
    )
    key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    assert checkpoints.open_note(note, key) == "This is an example message.\n"
    name, public = checkpoints.read_key(key)
    assert checkpoints.verify_key(public, name) == key
    with pytest.raises(NotAllowed):
        checkpoints.open_note(note.replace("example m", "example M"), key)


def test_a_checkpoint_is_read_as_it_was_signed_also_beside_a_witness() -> None:
    made = checkpoints.sign(KEY, 12, ROOT, 1_764_097_381_000_000)
    assert checkpoints.read(made.note, VERIFIER) == made
    lines = made.note.splitlines()
    assert (lines[1], *lines[3:5]) == ("12", "time 1764097381000000", "")
    witnessed = f"{made.note}— witness.example/w AAAAAAAA\n"
    assert checkpoints.read(witnessed, VERIFIER).root == ROOT
    assert list(checkpoints.signers(witnessed)) == [made.origin, "witness.example/w"]


@pytest.mark.parametrize(
    ("old", "new"), [("\n12\n", "\n13\n"), ("time 1", "time 2"), ("AAEC", "AAED")]
)
def test_another_word_is_not_signed(old: str, new: str) -> None:
    note = checkpoints.sign(KEY, 12, ROOT, 1_764_097_381_000_000).note
    assert old in note
    with pytest.raises(NotAllowed):
        checkpoints.read(note.replace(old, new), VERIFIER)


def test_another_key_or_none_is_refused() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    note = checkpoints.sign(other, 12, ROOT, 5).note
    with pytest.raises(NotAllowed):
        checkpoints.read(note, VERIFIER)
    for key in ("", "a+b", VERIFIER.replace("qalqan", "qalqam"), "a+00000000+AAAA"):
        with pytest.raises(ContractBroken):
            checkpoints.read_key(key)


@pytest.mark.parametrize("note", ["", "a\n1\nAA==\n", "a\n1\nAA==\n\n— a b\n", "a\n01\n\n— a b\n"])
def test_what_is_no_checkpoint(note: str) -> None:
    with pytest.raises(ContractBroken):
        checkpoints.glance(note)


def test_a_file_keeps_many_one_after_the_other() -> None:
    notes = [checkpoints.sign(KEY, size, ROOT, size).note for size in (1, 2, 3)]
    assert checkpoints.read_many("\n".join(notes)) == notes
    assert checkpoints.read_many("".join(notes)) == notes
    assert checkpoints.read_many("") == []
