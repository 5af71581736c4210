"""The centre's own keys: one to make tokens and one to seal boxes for each class of personal
value, and one to sign orders. They live in one file that its owner alone may read.

Token keys and box keys are drawn independently, so whoever learns a blind index can't open
the vault, and whoever learns one class's key learns nothing of the others.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from qalqan.errors import Conflict, ContractBroken, NotFound
from qalqan.settings import Settings

CLASSES = ("account", "person", "phone", "card", "name", "words", "document")
"""Classes of personal value; each has keys of its own."""

_KEY_BYTES = 32


@dataclass(frozen=True)
class Keys:
    """All keys of one centre; nothing of them shows in `repr` or in a log."""

    token_keys: Mapping[str, bytes] = field(repr=False)
    box_keys: Mapping[str, bytes] = field(repr=False)
    signing_seed: bytes = field(repr=False)

    def token_key(self, klass: str) -> bytes:
        """The HMAC-SHA256 key of a class; `ContractBroken` for a class that does not exist."""
        return _of_class(self.token_keys, klass)

    def box_key(self, klass: str) -> bytes:
        """The AES-256 key of a class; `ContractBroken` for a class that does not exist."""
        return _of_class(self.box_keys, klass)

    @cached_property
    def signing_key(self) -> Ed25519PrivateKey:
        """The key that signs orders (RFC 8032)."""
        return Ed25519PrivateKey.from_private_bytes(self.signing_seed)

    @cached_property
    def verify_key_pem(self) -> str:
        """The public half, PEM, as partners fetch it."""
        public = self.signing_key.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @classmethod
    def new(cls) -> Keys:
        """Fresh keys that are written nowhere."""
        return cls(
            token_keys={klass: secrets.token_bytes(_KEY_BYTES) for klass in CLASSES},
            box_keys={klass: secrets.token_bytes(_KEY_BYTES) for klass in CLASSES},
            signing_seed=secrets.token_bytes(_KEY_BYTES),
        )

    @classmethod
    def create(cls, path: Path) -> Keys:
        """Fresh keys in a new file, whole or not at all; `Conflict` if the file exists."""
        keys = cls.new()
        body = {
            "version": 1,
            "tokens": {klass: _text(key) for klass, key in keys.token_keys.items()},
            "boxes": {klass: _text(key) for klass, key in keys.box_keys.items()},
            "signing": _text(keys.signing_seed),
        }
        _write_once(path, json.dumps(body, indent=1).encode())
        return keys

    @classmethod
    def load(cls, path: Path) -> Keys:
        """Read the file; `NotFound`, or `ContractBroken` if others may read it or it is damaged."""
        body = _read_guarded(path)
        try:
            parsed = json.loads(body)
            keys = cls(
                token_keys={klass: _key(parsed["tokens"][klass]) for klass in CLASSES},
                box_keys={klass: _key(parsed["boxes"][klass]) for klass in CLASSES},
                signing_seed=_key(parsed["signing"]),
            )
        except (ValueError, KeyError, TypeError):
            # The cause would carry the file's contents into a log.
            raise ContractBroken(f"{path} is not a key file", "keys.damaged", path=path) from None
        return keys


def _of_class(keys: Mapping[str, bytes], klass: str) -> bytes:
    try:
        return keys[klass]
    except KeyError:
        raise ContractBroken(f"no keys for class {klass}") from None


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _key(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != _KEY_BYTES:
        raise ValueError("length")
    return key


def _write_once(path: Path, body: bytes) -> None:
    """A hard link makes the finished file appear at once and refuses an existing one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        raise Conflict("key file", str(path), "written", "create") from None
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_guarded(path: Path) -> bytes:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise NotFound("key file", str(path)) from None
    with file:
        status = os.fstat(file.fileno())
        if status.st_mode & 0o077:
            reason = f"{path} may be read by others: its mode must be 0600"
            raise ContractBroken(reason, "keys.mode", path=path)
        if status.st_uid not in (0, os.geteuid()):
            raise ContractBroken(f"{path} belongs to another user", "keys.owner", path=path)
        return file.read()


@lru_cache(maxsize=8)
def _keys_at(path: Path) -> Keys:
    try:
        return Keys.load(path)
    except NotFound:
        pass
    try:
        return Keys.create(path)
    except Conflict:  # another process was first
        return Keys.load(path)


def keys_of(settings: Settings) -> Keys:
    """The keys of this centre, made at the first start, read once a process."""
    return _keys_at(settings.keys_file.absolute())
