"""Runs: the identities that long files brought, as sorted files beside the lake.

A run counts once a row of the register (`IdentityRun`) names it, so it becomes true in the same
transaction as the facts it speaks of. Many small runs of one source are merged into larger ones,
since every later batch of that source looks into each.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from qalqan.errors import Conflict
from qalqan.lake.identities import Known, Marks
from qalqan.lake.storage import storage
from qalqan.register.database import Database
from qalqan.register.leases import Held
from qalqan.register.orm import IdentityRun

MANY = 8
"""So many mergeable runs of one source make a merged one."""

LARGE = 2_000_000
"""Rows of a run that is merged no more: 64 MB, so that merging is bounded in memory."""

_RECORD = np.dtype([("identity", "<u8", 2), ("content", "<u8", 2)])
_STILL_READ_S = 3600
Records = np.ndarray[Any, np.dtype[Any]]


def names_of(session: Session, kind: str, source: str | Collection[str]) -> list[str]:
    """Names of the runs that count for facts of this kind and source, or of these sources."""
    sources = [source] if isinstance(source, str) else sorted(source)
    asked = select(IdentityRun.name).where(
        IdentityRun.kind == kind, IdentityRun.source.in_(sources)
    )
    return list(session.scalars(asked.order_by(IdentityRun.name)))


def write(lake_root: str, name: str, found: Marks) -> None:
    """Write a run to stable storage; it counts once `IdentityRun` names it."""
    _store(lake_root, name, _sorted(found))


def _sorted(found: Marks) -> Records:
    records = np.empty(len(found), _RECORD)
    order = np.argsort(found.identity[:, 0], kind="stable")
    records["identity"], records["content"] = found.identity[order], found.content[order]
    return records


def _store(lake_root: str, name: str, records: Records) -> None:
    place = storage(lake_root)
    with place.new_file(_path(name)) as file:
        file.write(records.view(np.uint8).data)  # `tofile` keeps to itself why it stopped
    place.keep([_path(name)])


def known(lake_root: str, names: Sequence[str], found: Marks) -> Known:
    """What the runs hold."""
    all_known = Known.none_of(found)
    if not names or not len(found):
        return all_known
    order = np.argsort(found.identity[:, 0])  # a sorted search runs through a file once
    for name in names:
        inside = _in_one(lake_root, name, found.of(order))
        rows = order[inside.seen]
        all_known.seen[rows], all_known.content[rows] = True, inside.content[inside.seen]
    return all_known


def _in_one(lake_root: str, name: str, found: Marks) -> Known:
    return _inside(_opened(lake_root, name), found)


def _inside(records: Records, found: Marks) -> Known:
    """Which of the marks sorted records hold."""
    heads = records["identity"][:, 0]
    places = np.searchsorted(heads, found.identity[:, 0])
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
    records = np.concatenate([_opened(lake_root, part.name) for part in parts])
    records = records[np.argsort(records["identity"][:, 0], kind="stable")]
    name = f"{kind}/merged-{time.time_ns():020d}.run"
    _store(lake_root, name, records)
    with database.write() as session:
        held.check(session)
        names = [part.name for part in parts]
        session.execute(delete(IdentityRun).where(IdentityRun.name.in_(names)))
        session.add(IdentityRun(name=name, kind=kind, source=source, rows=len(records)))


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
    new = f"{row.kind}/struck-{time.time_ns():020d}.run"
    if len(left):
        _store(lake_root, new, left)
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
        old = time.time() - found.changed_s > _STILL_READ_S
        if old and found.name.removeprefix(_path("")) not in named:
            place.delete(found.name)


def _opened(lake_root: str, name: str) -> Records:
    return np.memmap(storage(lake_root).local(_path(name)), _RECORD, mode="r")
