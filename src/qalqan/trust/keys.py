"""The centre's own keys: one to make tokens and one to seal boxes for each class of personal
value, one to sign orders, and one to sign the log's checkpoints. They live in one file that its
owner alone may read.

Token keys and box keys are drawn independently, so whoever learns a blind index can't open
the vault, and whoever learns one class's key learns nothing of the others. Box keys are renewed
(`rotate`); token keys never: a token is the name of a person in every fact, case and order, and
under another key the same person would be two.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from qalqan.errors import Conflict, ContractBroken, NotFound
from qalqan.settings import Settings
from qalqan.trust.encryption import MOST_VERSIONS, Ring

CLASSES = ("account", "person", "phone", "card", "name", "words", "document", "device", "sim")
"""Classes of personal value; each has keys of its own."""
_LATER = frozenset({"device", "sim"})
"""Classes that older files don't have: their keys come from the seed that signs orders."""

_KEY_BYTES = 32
_T = TypeVar("_T")


@dataclass(frozen=True)
class Keys:
    """All keys of one centre; nothing of them shows in `repr` or in a log."""

    token_keys: Mapping[str, bytes] = field(repr=False)
    box_keys: Mapping[str, Mapping[int, bytes]] = field(repr=False)
    """Class → version → key; the newest seals."""
    signing_seed: bytes = field(repr=False)
    log_seed: bytes = field(default=b"", repr=False)
    """Empty in files of before there was a log: then it comes from the seed that signs orders."""
    path: Path | None = field(default=None, repr=False, compare=False)

    def token_key(self, klass: str) -> bytes:
        """The HMAC-SHA256 key of a class; `ContractBroken` for a class that does not exist."""
        return _of_class(self.token_keys, klass)

    def box_key(self, klass: str) -> Ring:
        """The AES-256 keys of a class; `ContractBroken` for a class that does not exist."""
        path = self.path
        renew = None if path is None else lambda: Keys.load(path).box_keys[klass]
        return Ring(_of_class(self.box_keys, klass), renew)

    @cached_property
    def signing_key(self) -> Ed25519PrivateKey:
        """The key that signs orders (RFC 8032)."""
        return Ed25519PrivateKey.from_private_bytes(self.signing_seed)

    @cached_property
    def verify_key_pem(self) -> str:
        """The public half, PEM, as partners fetch it."""
        public = self.signing_key.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @cached_property
    def log_key(self) -> Ed25519PrivateKey:
        """The key that signs the log's checkpoints."""
        return Ed25519PrivateKey.from_private_bytes(self._log_seed)

    @cached_property
    def log_blind(self) -> bytes:
        """What keeps outsiders from guessing a row of the log by its hash."""
        return _derived(self._log_seed, b"qalqan log blind")

    @property
    def _log_seed(self) -> bytes:
        return self.log_seed or _derived(self.signing_seed, b"qalqan log")

    @classmethod
    def new(cls) -> Keys:
        """Fresh keys that are written nowhere."""
        return cls(
            token_keys={klass: secrets.token_bytes(_KEY_BYTES) for klass in CLASSES},
            box_keys={klass: {1: secrets.token_bytes(_KEY_BYTES)} for klass in CLASSES},
            signing_seed=secrets.token_bytes(_KEY_BYTES),
            log_seed=secrets.token_bytes(_KEY_BYTES),
        )

    @classmethod
    def create(cls, path: Path) -> Keys:
        """Fresh keys in a new file, whole or not at all; `Conflict` if the file exists."""
        keys = cls.new()
        _write_once(path, _body(keys))
        return replace(keys, path=path)

    @classmethod
    def rotate(cls, path: Path, klass: str) -> Keys:
        """Add a newer box key of a class to the file; the older ones stay, for what they sealed.

        Raises:
            NotFound, ContractBroken: as `load`, and for a class that does not exist.
        """
        with _alone(path.parent):
            keys = cls.load(path)
            ring = keys.box_key(klass)
            if ring.newest >= MOST_VERSIONS:
                raise ContractBroken(f"too many keys of class {klass}")
            ring = Ring({**ring.versions, ring.newest + 1: secrets.token_bytes(_KEY_BYTES)})
            boxes = {**keys.box_keys, klass: ring.versions}
            keys = replace(keys, box_keys=boxes, log_seed=keys._log_seed)
            _write_over(path, _body(keys))
        return keys

    @classmethod
    def load(cls, path: Path) -> Keys:
        """Read the file; `NotFound`, or `ContractBroken` if others may read it or it is damaged."""
        body = _read_guarded(path)
        try:
            parsed = json.loads(body)
            keys = cls(
                token_keys={klass: _key(_told(parsed, "tokens", klass)) for klass in CLASSES},
                box_keys={klass: _versions(_told(parsed, "boxes", klass)) for klass in CLASSES},
                signing_seed=_key(parsed["signing"]),
                log_seed=_key(parsed["log"]) if "log" in parsed else b"",
                path=path,
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            # The cause would carry the file's contents into a log.
            raise ContractBroken(f"{path} is not a key file", "keys.damaged", path=path) from None
        return keys


def _of_class(keys: Mapping[str, _T], klass: str) -> _T:
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


def _told(parsed: Mapping[str, Any], part: str, klass: str) -> Any:
    """A class's key or keys as the file has them."""
    if klass in _LATER and klass not in parsed[part]:
        return _text(_derived(_key(parsed["signing"]), f"qalqan {part} {klass}".encode()))
    return parsed[part][klass]


def _versions(told: Any) -> dict[int, bytes]:
    """One key in files of the first version, else keys by version."""
    if isinstance(told, str):
        return {1: _key(told)}
    found = {int(version): _key(text) for version, text in told.items()}
    if not found or not set(found) <= set(range(1, MOST_VERSIONS + 1)):
        raise ValueError("versions")
    return found


def _derived(seed: bytes, purpose: bytes) -> bytes:
    """A key for another purpose (HKDF, RFC 5869)."""
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose).derive(seed)


def _body(keys: Keys) -> bytes:
    body = {
        "version": 2,
        "tokens": {klass: _text(key) for klass, key in keys.token_keys.items()},
        "boxes": {
            klass: {str(version): _text(key) for version, key in sorted(ring.items())}
            for klass, ring in keys.box_keys.items()
        },
        "signing": _text(keys.signing_seed),
        "log": _text(keys._log_seed),
    }
    return json.dumps(body, indent=1).encode()


def _write_once(path: Path, body: bytes) -> None:
    """A hard link makes the finished file appear at once and refuses an existing one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, body)
    try:
        os.link(draft, path)
    except FileExistsError:
        raise Conflict("key file", str(path), "written", "create") from None
    finally:
        draft.unlink()
    _sync(path.parent)


def _write_over(path: Path, body: bytes) -> None:
    """The new file in the old one's place, whole."""
    _draft(path, body).replace(path)
    _sync(path.parent)


def _draft(path: Path, body: bytes) -> Path:
    """A finished file beside the path, on stable storage."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Whoever else changes the folder's keys waits until the block ends."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


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
