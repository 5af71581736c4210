"""The file of tables that an edge maps into memory: where each part stands.

A head of 64 KiB: magic, the words `retired` and `place`, and what the file is about, as JSON. Then
the parts, each on a page of its own. Words are of 64 bits in the machine's order: on a machine of
the other order the head does not read, and the file is refused as damaged. Numbers change in place,
a word or a byte at a time, so the very next call sees them; whatever changes shape (policy, trunks,
ranges) is a new file in the old one's place, and the old one's `retired` word sends its readers
there.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any, NamedTuple

from .lookup import BLOCKS, CODES, MOBILE_NUMBERS
from .row import ROWS

MAGIC = b"qalqanC1"
HEAD = 65_536
RETIRED_AT = len(MAGIC)
PLACE_AT = 16
"""How many changes of this version (`changes`) the file holds."""
_JSON_AT = 32
_PAGE = 4_096
"""The same on every machine: files travel."""

TRUNKS = 1_024
"""At most; one trunk more would not fit the row of `starts`."""
OPERATORS = 256


class Part(NamedTuple):
    """A part of the file: the kind of an item (`struct`), how many; None: as many as are given."""

    item: str
    items: int | None


PARTS: Mapping[str, Part] = {
    "codes": Part("B", CODES),
    "blocks": Part("B", BLOCKS),
    "fed": Part("q", OPERATORS),
    "rule": Part("B", ROWS),
    "shadow": Part("I", ROWS),
    "starts": Part("q", TRUNKS + 1),
    "first": Part("q", None),
    "last": Part("q", None),
    "kind": Part("q", None),
    "until": Part("q", None),
    "words": Part("q", None),
    "abroad": Part("B", MOBILE_NUMBERS // 8),
}
"""In the file's order; the sparse one last."""


class Place(NamedTuple):
    """Where a part stands, in bytes."""

    at: int
    size: int


def places(counts: Mapping[str, int]) -> dict[str, Place]:
    """The places of all parts, `counts` telling how many items the open ones have."""
    found, at = {}, HEAD
    for name, part in PARTS.items():
        size = struct.calcsize(part.item) * (counts[name] if part.items is None else part.items)
        found[name] = Place(at, size)
        at += -(-max(size, 1) // _PAGE) * _PAGE
    return found


def length(found: Mapping[str, Place]) -> int:
    """Bytes of the file."""
    return max(place.at + place.size for place in found.values())


def head(about: Mapping[str, Any], counts: Mapping[str, int]) -> bytes:
    """The head of a file. Raises `ValueError` if so much can't be told there."""
    text = json.dumps({"about": about, "counts": counts}, separators=(",", ":")).encode()
    if _JSON_AT + 8 + len(text) > HEAD:
        raise ValueError(f"the head takes {len(text)} bytes, which is too many")
    body = MAGIC + bytes(_JSON_AT - len(MAGIC)) + struct.pack("q", len(text)) + text
    return body + bytes(HEAD - len(body))


def read_head(body: bytes) -> tuple[dict[str, Any], dict[str, Place]]:
    """What a file is about, and where its parts stand.

    Raises:
        ValueError: it is no file of tables, or of another version.
    """
    if body[: len(MAGIC)] != MAGIC or len(body) < HEAD:
        raise ValueError("not a file of call tables of this version")
    (size,) = struct.unpack_from("q", body, _JSON_AT)
    if not 2 <= size <= HEAD - _JSON_AT - 8:
        raise ValueError("a damaged file of call tables")
    told = json.loads(body[_JSON_AT + 8 : _JSON_AT + 8 + size])
    return told["about"], places(told["counts"])
