"""One signed archive: files, a manifest that names each with its SHA-256, a signature beside it.

A zip (ISO/IEC 21320-1: stored or deflated, no encryption), written and read as a stream, so that a
pack may be larger than memory. `manifest.json` is signed by a detached JWS, `manifest.jws`;
`SHA256SUMS` says the same for `sha256sum -c`. Whoever has the centre's public key checks it all
without asking the centre.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from qalqan.errors import InputRejected
from qalqan.trust.detached import verify_beside

MANIFEST, SIGNATURE, SUMS = "manifest.json", "manifest.jws", "SHA256SUMS"
ZIP = "application/zip"
VERSION = 1
MOST_FILES = 10_000
_MOST_MANIFEST = 16 * 2**20
_PIECE = 2**18
_DAY = (1980, 1, 1, 0, 0, 0)
"""All entries bear the zip's first day: when they were made stands in the manifest."""


@dataclass(frozen=True)
class Piece:
    """One file of a pack: its name, where its contents come from, its bytes."""

    name: str
    source: str
    data: bytes


class _Sink:
    """Where the zip is written: what has come since it was last emptied."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0

    def write(self, data: bytes, /) -> int:
        self._parts.append(bytes(data))
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """The zip closes nothing that it did not open."""

    def emptied(self) -> bytes:
        whole, self._parts = b"".join(self._parts), []
        return whole


def stream(
    pieces: Iterable[Piece], head: Mapping[str, Any], sign: Callable[[bytes], str]
) -> Iterator[bytes]:
    """The archive as it grows: pieces in their order, then the manifest and its signature. One
    piece is in memory at a time."""
    sink, files = _Sink(), []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for piece in pieces:
            mark = hashlib.sha256(piece.data).hexdigest()
            size = len(piece.data)
            files.append({"name": piece.name, "sha256": mark, "size": size, "source": piece.source})
            _put(archive, piece.name, piece.data)
            yield sink.emptied()
        manifest = {"version": VERSION, **head, "files": files}
        body = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode()
        _put(archive, SUMS, _sums(files))
        _put(archive, MANIFEST, body)
        _put(archive, SIGNATURE, sign(body).encode())
    yield sink.emptied()


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, _DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data)


@dataclass(frozen=True)
class Verified:
    """What was found; `problems` names files: `missing`, `changed`, `unnamed`, `twice`."""

    manifest: Mapping[str, Any]
    files: int
    problems: tuple[tuple[str, str], ...] = field(default=())

    @property
    def holds(self) -> bool:
        """Every file is as it was signed, and there is no other."""
        return not self.problems


def verify(file: IO[bytes], public_pem: str) -> Verified:
    """Check a pack against the centre's public key; nothing is unpacked to disk.

    Raises:
        InputRejected: no such archive, or a manifest that is none.
        NotAllowed: the manifest is not signed by this key.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            return _verified(archive, public_pem)
    except (zipfile.BadZipFile, KeyError, EOFError, UnicodeDecodeError, NotImplementedError):
        raise InputRejected("file", "", "evidence.archive") from None


def _verified(archive: zipfile.ZipFile, public_pem: str) -> Verified:
    body = _whole(archive, MANIFEST)
    signature = _whole(archive, SIGNATURE).decode("ascii")
    verify_beside(signature.strip(), body, public_pem)
    manifest = _manifest(body)
    named: dict[str, Mapping[str, Any]] = {each["name"]: each for each in manifest["files"]}
    present = archive.namelist()
    problems = [(name, "missing") for name in named if name not in present]
    problems += [(name, "unnamed") for name in present if name not in {*named, *_OWN}]
    problems += [(name, "twice") for name in sorted(set(present)) if present.count(name) > 1]
    problems += [
        (name, "changed")
        for name, each in named.items()
        if name in present and not _is_same(archive, name, each)
    ]
    if _whole(archive, SUMS) != _sums(manifest["files"]):
        problems.append((SUMS, "changed"))
    return Verified(manifest, len(named), tuple(problems))


_OWN = frozenset({MANIFEST, SIGNATURE, SUMS})


def _sums(files: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(f"{each['sha256']}  {each['name']}\n" for each in files).encode()


def _manifest(body: bytes) -> Mapping[str, Any]:
    """The signed manifest. Raises `InputRejected`: signed, but not a manifest of a pack."""
    told = json.loads(body)
    files = told.get("files") if isinstance(told, dict) else None
    if told.get("version") != VERSION or not isinstance(files, list) or len(files) > MOST_FILES:
        raise InputRejected("file", "", "evidence.archive")
    return told  # type: ignore[no-any-return]


def _whole(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _MOST_MANIFEST:
        raise InputRejected("file", "", "evidence.archive")
    with archive.open(name) as file:
        return file.read(_MOST_MANIFEST)


def _is_same(archive: zipfile.ZipFile, name: str, told: Mapping[str, Any]) -> bool:
    """Whether an entry has the size and SHA-256 that were signed; no more of it is read."""
    if archive.getinfo(name).file_size != told["size"]:
        return False
    mark, size = hashlib.sha256(), 0
    try:
        with archive.open(name) as file:
            while piece := file.read(_PIECE):
                mark.update(piece)
                size += len(piece)
                if size > told["size"]:
                    return False
    except zipfile.BadZipFile:  # its own checksum differs
        return False
    return bool(size == told["size"] and mark.hexdigest() == told["sha256"])
