"""Checkpoints of the log: its size and root, signed, in the text that witnesses of transparency
logs read (C2SP tlog-checkpoint in a C2SP signed-note, Ed25519).

    qalqan/1f0c…          the log's name: no two centres share one
    1204                  rows
    CsUYapGGPo4d…         root, base64
    time 1764097381000000 wall time, UTC microseconds; a witness may leave it aside

    — qalqan/1f0c… ZGV2…  signature, and others' beside it
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from qalqan.errors import ContractBroken, NotAllowed

_ED25519 = b"\x01"
_DASH = "— "
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_TIME = re.compile(r"time ([0-9]{1,18})")
LONGEST = 64 * 2**10
"""Characters of a note: room for many witnesses' lines."""


@dataclass(frozen=True)
class Checkpoint:
    """What the log was at a moment."""

    origin: str
    size: int
    root: bytes
    at_us: int
    """Wall time; 0 where it is not told."""
    note: str
    """The signed text."""


def origin_of(public: Ed25519PublicKey) -> str:
    """The log's name, after its key."""
    return f"qalqan/{sha256(_raw(public)).hexdigest()[:16]}"


def verify_key(public: Ed25519PublicKey, name: str | None = None) -> str:
    """The public half as witnesses take it (a vkey): name, key id, key."""
    name = name or origin_of(public)
    key = base64.b64encode(_ED25519 + _raw(public)).decode()
    return f"{name}+{_key_id(name, public).hex()}+{key}"


def read_key(text: str) -> tuple[str, Ed25519PublicKey]:
    """Name and key of a vkey; `ContractBroken` if it is none."""
    try:
        name, told, key = text.strip().split("+", 2)
        raw = base64.b64decode(key, validate=True)
        public = Ed25519PublicKey.from_public_bytes(raw[1:])
    except ValueError:
        raise ContractBroken("not a verifier key", "log.key") from None
    if raw[:1] != _ED25519 or told != _key_id(name, public).hex():
        raise ContractBroken("not a verifier key", "log.key")
    return name, public


def sign(key: Ed25519PrivateKey, size: int, root: bytes, at_us: int) -> Checkpoint:
    """A checkpoint of the log that this key signs."""
    public = key.public_key()
    origin = origin_of(public)
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\ntime {at_us}\n"
    signature = _key_id(origin, public) + key.sign(text.encode())
    line = f"{_DASH}{origin} {base64.b64encode(signature).decode()}\n"
    return Checkpoint(origin, size, root, at_us, f"{text}\n{line}")


def open_note(note: str, verifier: str) -> str:
    """The text that the verifier's key signed; other signatures don't matter.

    Raises:
        ContractBroken: not a note. NotAllowed: the key did not sign this text.
    """
    name, public = read_key(verifier)
    text, signatures = _parts(note)
    mine = [
        line[len(_DASH) + len(name) + 1 :]
        for line in signatures
        if line.startswith(f"{_DASH}{name} ")
    ]
    for told in mine:
        try:
            raw = base64.b64decode(told, validate=True)
            if raw[:4] == _key_id(name, public):
                public.verify(raw[4:], text.encode())
                return text
        except (ValueError, InvalidSignature):
            break
    raise NotAllowed("log.verify", "signature")


def read(note: str, verifier: str) -> Checkpoint:
    """A checkpoint, once its signature is checked; raises as `open_note`."""
    told = glance(note)
    open_note(note, verifier)
    if told.origin != read_key(verifier)[0]:
        raise NotAllowed("log.verify", "origin")
    return told


def glance(note: str) -> Checkpoint:
    """A checkpoint as it says itself, unchecked; `ContractBroken` if it is none."""
    lines = _parts(note)[0].split("\n")
    try:
        origin, size, told = lines[:3]
        root = base64.b64decode(told, validate=True)
    except ValueError:
        raise ContractBroken("not a checkpoint", "log.checkpoint") from None
    if not origin or not _SIZE.fullmatch(size) or len(root) != 32:
        raise ContractBroken("not a checkpoint", "log.checkpoint")
    times = (_TIME.fullmatch(line) for line in lines[3:])
    at_us = next((int(found[1]) for found in times if found), 0)
    return Checkpoint(origin, int(size), root, at_us, note)


def read_many(text: str) -> list[str]:
    """The notes of a file that keeps them one after the other."""
    found, lines = list[str](), list[str]()
    for line in text.splitlines():
        ended = bool(lines) and lines[-1].startswith(_DASH)
        if ended and not line.startswith(_DASH):
            found.append("\n".join(lines).strip("\n") + "\n")
            lines = []
        lines.append(line)
    whole = "\n".join(lines).strip("\n")
    return [*found, *([whole + "\n"] if whole else [])]


def signers(note: str) -> Mapping[str, int]:
    """Names on the note and how many signatures each gave; unchecked."""
    names = [line.split(" ")[1] for line in _parts(note)[1]]
    return {name: names.count(name) for name in dict.fromkeys(names)}


def _parts(note: str) -> tuple[str, list[str]]:
    """The text, and the lines of its signatures."""
    text, blank, rest = note.rpartition("\n\n")
    lines = rest.removesuffix("\n").split("\n")
    fine = all(line.startswith(_DASH) and line.count(" ") == 2 for line in lines)
    if len(note) > LONGEST or not blank or not fine:
        raise ContractBroken("not a signed note", "log.checkpoint")
    return f"{text}\n", lines


def _raw(public: Ed25519PublicKey) -> bytes:
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _key_id(name: str, public: Ed25519PublicKey) -> bytes:
    return sha256(name.encode() + b"\n" + _ED25519 + _raw(public)).digest()[:4]
