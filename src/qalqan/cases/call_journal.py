"""A piece of an edge's journal, taken: verdicts become facts, counts are added up, once (REQ-45).

The facts land first; then one transaction adds the counts and moves the file's place. If the
process dies between the two, the piece comes again: its facts are duplicates then, and its counts
are added for the first time. A piece that does not begin where the file stands changes nothing:
the answer says where it goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

import pyarrow as pa
from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases.call_counts import add
from qalqan.clock import DAY
from qalqan.lake.checked import LATEST_AHEAD_US
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.model import identifiers
from qalqan.register import dialect, orm
from qalqan.trust import tokens
from qalqan.trust.keys import Keys

NEWEST = 20
"""Calls of an edge that its row shows."""
KEPT_US = 90 * DAY
"""A file that was not told of for so long is forgotten: its edge has long gone over to others."""
_EDGES = cast(Table, orm.CallEdge.__table__)
NUMBERS = ("caller", "presented", "callee")
_COLUMNS = (
    "id", "at_us", "trunk", "trunk_class", *NUMBERS, "verdict", "rule", "policy",
)  # fmt: skip


class Place(NamedTuple):
    """How far a file was taken: bytes, hash of the last line."""

    taken: int
    mark: str


@dataclass(frozen=True)
class Piece:
    """Lines of one file behind a place: verdicts told singly, and all of them counted."""

    file: str
    begin: int
    place: Place
    verdicts: Sequence[Mapping[str, Any]]
    """The fact's columns of `_COLUMNS`; a number is left out where none was told."""
    counts: Sequence[tuple[int, str, str, str, int]]
    """Hour, trunk, answer, rule, attempts."""


@dataclass(frozen=True)
class Told:
    """What an edge says: how it is, and perhaps a piece of its journal."""

    edge: str
    state: Mapping[str, Any] = field(default_factory=dict)
    """As `orm.CallEdge.told`."""
    piece: Piece | None = None


def take_told(centre: Centre, partner: str, told: Told) -> Place:
    """Take what an edge of this partner's tells; how far the piece's file has been taken."""
    facts: list[dict[str, Any]] = []
    if (piece := told.piece) is not None:
        with centre.database.session() as session:
            is_next = piece.begin == _place(session, partner, told).taken
        facts = _numbered(piece.verdicts) if is_next else []
    if facts:
        take(centre, HandIn("call", partner, f"journal of {told.edge}"), _table(told.edge, facts))
    with centre.database.write() as session:
        edge = _edge(session, partner, told.edge)
        edge.heard_us, edge.told = clock.now_us(), dict(told.state)
        before = _place(session, partner, told)
        if piece is None or piece.begin != before.taken:
            return before
        add(session, partner, told.edge, piece.counts)
        if facts:
            edge.newest = _newest(centre.keys, facts, edge.newest)
        _move(session, partner, told.edge, piece)
    return piece.place


def _edge(session: Session, partner: str, name: str) -> orm.CallEdge:
    """The edge's row, locked: its pieces count one after the other."""
    table = orm.CallEdge
    new = dialect.insert(session, _EDGES).values(
        partner=partner, edge=name, heard_us=clock.now_us(), told={}, newest=[]
    )
    session.execute(new.on_conflict_do_nothing())
    row = select(table).where(table.partner == partner, table.edge == name)
    return session.scalars(row.with_for_update()).one()


def _place(session: Session, partner: str, told: Told) -> Place:
    if told.piece is None:
        return Place(0, "")
    row = session.get(orm.CallFile, (partner, told.edge, told.piece.file))
    return Place(0, "") if row is None else Place(row.taken, row.mark)


def _move(session: Session, partner: str, edge: str, piece: Piece) -> None:
    table, now = orm.CallFile, clock.now_us()
    told = {"taken": piece.place.taken, "mark": piece.place.mark, "at_us": now}
    row = session.get(table, (partner, edge, piece.file))
    if row is not None:
        for name, value in told.items():
            setattr(row, name, value)
        return
    old = (table.partner == partner, table.edge == edge, table.at_us < now - KEPT_US)
    session.execute(delete(table).where(*old))
    session.add(table(partner=partner, edge=edge, file=piece.file, **told))


def _numbered(verdicts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The verdicts with their numbers as they are written here; what nobody can have as a number
    is left out, as where none was told: the verdict counts all the same."""
    texts = sorted({str(one[name]) for one in verdicts for name in NUMBERS if one.get(name)})
    if not texts:
        return [dict(one) for one in verdicts]
    read = identifiers.column("phone", pa.array(texts, pa.string()))
    known = {
        text: found
        for text, found, why in zip(
            texts, read.text.to_pylist(), read.refused.to_pylist(), strict=True
        )
        if why is None
    }
    return [
        {**one, **{name: known.get(str(one.get(name))) for name in NUMBERS}} for one in verdicts
    ]


def _table(edge: str, facts: Sequence[Mapping[str, Any]]) -> pa.Table:
    """An edge sees a call begin: whether it was answered, and for how long, is not its to tell."""
    columns = {name: [one.get(name) for one in facts] for name in _COLUMNS}
    same = {"edge": edge, "duration_s": 0, "answered": False}
    return pa.table(columns | {name: [value] * len(facts) for name, value in same.items()})


def _newest(keys: Keys, facts: Sequence[Mapping[str, Any]], before: list[Any]) -> list[Any]:
    """The newest of these calls and of those that stood there before, numbers as tokens."""
    latest = clock.now_us() + LATEST_AHEAD_US  # a later one is no fact, and would stay the newest
    those = (one for one in facts if int(one["at_us"]) <= latest)
    some = sorted(those, key=lambda one: -int(one["at_us"]))[:NEWEST]
    rows = [
        [one["at_us"], one.get("trunk") or "", one["rule"], one["verdict"],
         *(_token(keys, one.get(name)) for name in ("caller", "callee"))]
        for one in some
    ]  # fmt: skip
    return sorted([*rows, *before], key=lambda row: -int(row[0]))[:NEWEST]


def _token(keys: Keys, number: object) -> str | None:
    return tokens.token(keys, "phone", str(number)) if number else None
