"""Runs: the identities that long files brought, as sorted files beside the lake.

A run counts once a row of the register (`IdentityRun`) names it, so it becomes true in the same
transaction as the facts it speaks of. Many small runs of one source are merged into larger ones,
since every later batch of that source looks into each.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.clock import HOUR, SECOND
from qalqan.errors import Conflict
from qalqan.lake.identities import Known, Marks
from qalqan.lake.refusals import Mask
from qalqan.lake.storage import storage
from qalqan.register.database import Database
from qalqan.register.leases import Held
from qalqan.register.orm import IdentityRun

MANY = 8
"""So many mergeable runs of one source make a merged one."""

LARGE = 1_000_000
"""Rows of a run that is merged no more."""

_RANGES = 16
_SIEVE = 8
_FEW_AMONG = 16

_RECORD = np.dtype([("identity", "<u8", 2), ("content", "<u8", 2)])
_STILL_READ_US = HOUR
Records: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Bits: TypeAlias = np.ndarray[Any, np.dtype[Any]]


def names_of(session: Session, kind: str, source: str | Collection[str]) -> list[str]:
    """Names of the runs that count for facts of this kind and source, or of these sources."""
    sources = [source] if isinstance(source, str) else sorted(source)
    asked = select(IdentityRun.name).where(
        IdentityRun.kind == kind, IdentityRun.source.in_(sources)
    )
    return list(session.scalars(asked.order_by(IdentityRun.name)))


def new_name(kind: str, made: str) -> str:
    """A name for a run that nothing has had; `made` says how it came about."""
    return f"{kind}/{made}-{clock.wall_us():017d}-{secrets.token_hex(2)}.run"


def write(lake_root: str, name: str, found: Marks) -> None:
    """Write a run to stable storage; it counts once `IdentityRun` names it."""
    _store(lake_root, name, [_sorted(found)])


def _sorted(found: Marks) -> Records:
    records = np.empty(len(found), _RECORD)
    order = np.argsort(found.identity[:, 0], kind="stable")
    records["identity"] = found.identity.take(order, axis=0)
    records["content"] = found.content.take(order, axis=0)
    return records


def _store(lake_root: str, name: str, pieces: Iterable[Records]) -> None:
    place = storage(lake_root)
    with place.new_file(_path(name)) as file:
        for records in pieces:
            file.write(records.view(np.uint8).data)  # `tofile` keeps to itself why it stopped
    place.keep([_path(name)])


def known(lake_root: str, names: Sequence[str], found: Marks) -> Known:
    """What the runs hold."""
    all_known = Known.none_of(found)
    for name in names if len(found) else ():
        rows = np.flatnonzero(_maybe(_sieve(lake_root, name), found.identity[:, 0]))
        inside = _inside(_opened(lake_root, name), found.of(rows))
        rows = rows[inside.seen]
        all_known.seen[rows], all_known.content[rows] = True, inside.content[inside.seen]
    return all_known


@lru_cache(maxsize=32)
def _sieve(lake_root: str, name: str) -> Bits:
    """Bits of which a run's identities have theirs set: most of those it does not hold fall
    through. A run never changes, and its sieve takes one to two bytes a row."""
    return _sieve_of(np.array(_opened(lake_root, name)["identity"][:, 0]))


def _sieve_of(heads: Bits) -> Bits:
    bits = np.zeros(1 << max((_SIEVE * len(heads) - 1).bit_length(), 3), bool)
    bits[heads >> _shift(len(bits))] = True
    return np.packbits(bits, bitorder="little")


def _maybe(sieve: Bits, heads: Bits) -> Mask:
    bits = heads >> _shift(8 * len(sieve))
    held: Mask = (
        sieve.take(bits >> np.uint64(3)) >> (bits & np.uint64(7)).astype(np.uint8)
    ) & 1 > 0
    return held


def _shift(size: int) -> np.uint64:
    """How far a hash is shifted to be a place among so many, a power of two."""
    return np.uint64(64 - (size - 1).bit_length())


def _inside(records: Records, found: Marks) -> Known:
    """Which of the marks sorted records hold."""
    heads = records["identity"][:, 0]
    places = _first_places(heads, found.identity[:, 0])
    known = Known.none_of(found)
    rows = np.arange(len(found))
    while len(rows):  # more than once only where two identities share their first half
        rows = rows[places[rows] < len(heads)]
        rows = rows[heads[places[rows]] == found.identity[rows, 0]]
        hit = records["identity"][places[rows], 1] == found.identity[rows, 1]
        known.seen[rows[hit]] = True
        known.content[rows[hit]] = records["content"][places[rows[hit]]]
        rows = rows[~hit]
        places[rows] += 1
    return known


def _first_places(heads: Bits, asked: Bits) -> Bits:
    """As numpy's `searchsorted`, which would copy all heads out of their records first."""
    if len(asked) * _FEW_AMONG > len(heads):
        return np.searchsorted(heads, asked)
    low, high = np.zeros(len(asked), np.int64), np.full(len(asked), len(heads), np.int64)
    for _ in range(len(heads).bit_length()):
        middle = np.minimum((low + high) >> 1, len(heads) - 1)
        below = (low < high) & (heads[middle] < asked)
        low = np.where(below, middle + 1, low)
        high = np.where(below | (low >= high), high, middle)
    return low


def _path(name: str) -> str:
    return f"_identities/{name}"


def merge(database: Database, lake_root: str, held: Held, kind: str, source: str) -> None:
    """Make one run of a source's small ones if there are many; only the lease "seal" may. Files
    that count no more stay for an hour, for those who were reading them."""
    forget(database, lake_root, kind)
    small = select(IdentityRun.name, IdentityRun.rows).where(
        IdentityRun.kind == kind, IdentityRun.source == source, IdentityRun.rows < LARGE
    )
    with database.session() as session:
        parts = session.execute(small.order_by(IdentityRun.rows).limit(MANY)).all()
    if len(parts) < MANY:
        return
    name = new_name(kind, "merged")
    opened = [_opened(lake_root, part.name) for part in parts]
    _store(lake_root, name, _merged(opened))
    with database.write() as session:
        held.check(session)
        names = [part.name for part in parts]
        session.execute(delete(IdentityRun).where(IdentityRun.name.in_(names)))
        session.add(IdentityRun(name=name, kind=kind, source=source, rows=sum(map(len, opened))))


def _merged(parts: list[Records]) -> Iterator[Records]:
    """All records in order, a part of the space of hashes at a time."""
    bounds = np.arange(1, _RANGES, dtype=np.uint64) << np.uint64(64 - _RANGES.bit_length() + 1)
    cuts = [[0, *np.searchsorted(one["identity"][:, 0], bounds), len(one)] for one in parts]
    for number in range(_RANGES):
        some = [one[cut[number] : cut[number + 1]] for one, cut in zip(parts, cuts, strict=True)]
        records = np.concatenate(some)
        yield records[np.argsort(records["identity"][:, 0], kind="stable")]


def strike(database: Database, lake_root: str, held: Held, name: str, gone: Marks) -> None:
    """Take identities out of a run, if it holds any of them; only the lease "seal" may."""
    with database.session() as session:
        row = session.get(IdentityRun, name)
    if row is None:  # merged into another meanwhile: whoever asks takes the names anew
        raise Conflict("run", name, "merged", "strike")
    records = _opened(lake_root, name)
    struck = _inside(_sorted(gone), Marks(records["identity"], records["content"])).seen
    if not struck.any():
        return
    left = records[~struck]
    new = new_name(row.kind, "struck")
    if len(left):
        _store(lake_root, new, [left])
    with database.write() as session:
        held.check(session)
        session.execute(delete(IdentityRun).where(IdentityRun.name == name))
        if len(left):
            session.add(IdentityRun(name=new, kind=row.kind, source=row.source, rows=len(left)))


def forget(database: Database, lake_root: str, kind: str) -> None:
    """Delete files that no row names: merged long ago, or left by a death before they counted."""
    with database.session() as session:
        named = set(session.scalars(select(IdentityRun.name).where(IdentityRun.kind == kind)))
    place = storage(lake_root)
    for found in place.files(_path(kind)):
        old = clock.wall_us() - found.changed_s * SECOND > _STILL_READ_US
        if old and found.name.removeprefix(_path("")) not in named:
            place.delete(found.name)


def _opened(lake_root: str, name: str) -> Records:
    return np.memmap(storage(lake_root).local(_path(name)), _RECORD, mode="r")
