"""Records that were not taken: field, masked value, what was expected, place; the record itself
encrypted, for whoever has to clear it up with the partner (REQ-19)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pyarrow as pa
from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import NotFound
from qalqan.exchange.given import Broken, Given
from qalqan.lake.receipt import Refusal
from qalqan.lake.refusals import Reason
from qalqan.register.orm import Quarantined
from qalqan.text.mask import mask_value
from qalqan.trust import encryption
from qalqan.trust.keys import Keys

_TABLE = cast(Table, Quarantined.__table__)
_LONGEST = {"place": 80, "field": 60, "value_masked": 120}
_KLASS = "document"
_LONG = 4_096
_ZSTD = b"\x28\xb5\x2f\xfd"
_MOST_RECORD = 1 << 18
"""Characters of one record that are kept."""


@dataclass(frozen=True)
class Refused:
    """One record on its way to quarantine: `record` is what came, as JSON."""

    refusal: Refusal
    record: str = field(repr=False)


def of_row(given: Given, row: int, reason: Reason) -> Refused:
    """A row of a batch, refused for this reason."""
    record = {name: given.table[name][row].as_py() for name in given.table.column_names}
    return of_record(given, row, record, reason)


def of_record(given: Given, row: int, record: Mapping[str, Any], reason: Reason) -> Refused:
    """The same where the record itself is at hand, with fields that are no columns."""
    there = reason.field in given.table.column_names
    value = given.table[reason.field][row].as_py() if there else None
    refusal = Refusal(
        given.places[row], reason.field, mask_value(value), reason.expected, dict(reason.params)
    )
    text = json.dumps(record, ensure_ascii=False, default=str)
    return Refused(refusal, text[:_MOST_RECORD])


def of_broken(broken: Broken) -> Refused:
    """A record that could not be split into fields."""
    masked = mask_value(broken.text)
    refusal = Refusal(broken.place, "record", masked, broken.expected, broken.params)
    return Refused(refusal, broken.text[:_MOST_RECORD])


def keep(
    session: Session, keys: Keys, batch: str, kind: str, source: str, refused: Iterable[Refused]
) -> None:
    """Put records in quarantine, in the transaction that counts them."""
    held = list(refused)
    if not held:
        return
    boxes = encryption.seal_many(
        keys.box_key(_KLASS),
        [_packed(one.record) for one in held],
        [_bound(batch, one.refusal.place[: _LONGEST["place"]]) for one in held],
    )
    common = {"batch": batch, "kind": kind, "source": source, "at_us": clock.now_us()}
    rows = [
        {**common, **_shown(one.refusal), "record": box}
        for one, box in zip(held, boxes, strict=True)
    ]
    session.execute(insert(_TABLE), rows)


def _shown(refusal: Refusal) -> dict[str, Any]:
    cut = {name: getattr(refusal, name)[:most] for name, most in _LONGEST.items()}
    return {**cut, "expected": refusal.expected, "params": refusal.params}


def open_record(session: Session, keys: Keys, quarantined: int) -> str:
    """The refused record as it came, by its id; the caller notes who looked and why.

    Raises:
        NotFound: there is no such record.
    """
    row = session.get(Quarantined, quarantined)
    if row is None:
        raise NotFound("quarantined record", str(quarantined))
    opened = encryption.open_box(keys.box_key(_KLASS), row.record, _bound(row.batch, row.place))
    return _unpacked(opened)


def _packed(record: str) -> bytes:
    data = record.encode("utf-8", "replace")
    if len(data) < _LONG:
        return data
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as packing:
        packing.write(data)
    return bytes(sink.getvalue())


def _unpacked(opened: bytes) -> str:
    if not opened.startswith(_ZSTD):  # no text starts with these bytes
        return opened.decode()
    with pa.CompressedInputStream(pa.BufferReader(opened), "zstd") as packed:
        return str(packed.read().decode())


def _bound(batch: str, place: str) -> bytes:
    return f"{batch} {place}".encode()
