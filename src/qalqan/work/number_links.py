"""Keeps `number_links` in step with the lake: which person or device a fact tied to a number, once
however many facts say so (REQ-50).

Whoever asks for a number's user gets his answer from this index, never from a scan of the lake.
What retention takes out of the lake goes out of it as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import ibis
from ibis import _
from sqlalchemy import Table, case, delete, select, update
from sqlalchemy.orm import Session

from qalqan.clock import DAY
from qalqan.lake.engine import Engine
from qalqan.lake.sealing import newest_seal
from qalqan.register import dialect
from qalqan.register.database import Database
from qalqan.register.orm import LinksRead, NumberLink, RetentionDrop, Seal

_LINKS, _READ = cast(Table, NumberLink.__table__), cast(Table, LinksRead.__table__)
_ROWS_A_STATEMENT = 1_000
_ROWS_A_WRITE = 20_000
"""Bounds how long other writers wait."""
_FORGOTTEN = ("dropped", "done")
LOOK_S = 20.0
"""How often at most the log is looked at: so long a new fact may not be in an answer yet."""


@dataclass(frozen=True)
class Tie:
    """Columns of a kind of fact that tie a number to somebody or something."""

    phone: str
    other: str
    detail: str | None = None
    dealer: str | None = None


TIES: Mapping[str, Tie] = {
    "subscription": Tie("phone", "holder", "event", "dealer"),
    "session": Tie("phone", "holder", "account"),
    "loan": Tie("phone", "applicant", "decision"),
    "listing": Tie("seller", "holder"),
    "call": Tie("caller", "imei"),
}
"""Kind of fact → what it ties. The IMEI of a call is its subscriber's, who calls."""


class Links:
    """Follows the log for a thread that looks now and then; opens its engine when it first has
    to read."""

    def __init__(self, database: Database, opens: Callable[[], Engine]) -> None:
        self._database, self._opens = database, opens
        self._engine: Engine | None = None
        self._looked_s = float("-inf")

    def look(self) -> None:
        """Follow, at most once in a while, and only when facts of these kinds were sealed."""
        now_s = time.monotonic()
        if now_s - self._looked_s < LOOK_S:
            return
        self._looked_s = now_s
        with self._database.session() as session:
            if not behind(session):
                return
        self._engine = self._engine or self._opens()
        follow(self._database, self._engine)

    def close(self) -> None:
        """Give back the engine, if it was opened."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None


def behind(session: Session) -> bool:
    """Whether facts that tie numbers were sealed, or dropped, since they were last followed."""
    read = {row.kind: row for row in session.scalars(select(LinksRead))}
    for kind in TIES:
        seal = read[kind].seal if kind in read else 0
        dropped = read[kind].dropped if kind in read else 0
        new = select(Seal.seal).where(Seal.kind == kind, Seal.seal > seal)
        gone = select(RetentionDrop.id).where(
            RetentionDrop.kind == kind, RetentionDrop.id > dropped,
            RetentionDrop.state.in_(_FORGOTTEN),
        )  # fmt: skip
        if any(session.scalar(one.limit(1)) is not None for one in (new, gone)):
            return True
    return False


def follow(database: Database, engine: Engine) -> int:
    """Take in what was sealed since, and take out what retention took; how many ties were
    written."""
    written = 0
    with database.session() as session:
        seal = newest_seal(session)
        read = {row.kind: row.seal for row in session.scalars(select(LinksRead))}
    for kind, tie in TIES.items():
        after = read.get(kind, 0)
        if after < seal and engine.has_after(kind, after):
            rows = engine.run(ties(engine.table(kind, after_seal=after, up_to_seal=seal), tie))
            written += _keep(database, kind, rows.to_pylist())
        with database.write() as session:
            _forget(session, kind, seal)
    return written


def ties(facts: ibis.Table, tie: Tie) -> ibis.Table:
    """A row for each number, tied thing and source, with what the newest of its facts says."""
    none = ibis.literal("")
    sound = facts.filter(facts[tie.phone].notnull(), facts[tie.other].notnull()).select(
        phone=facts[tie.phone], other=facts[tie.other], source=_.source, at_us=_.at_us, fact=_.id,
        detail=facts[tie.detail].fill_null("") if tie.detail else none,
        dealer=facts[tie.dealer].fill_null("") if tie.dealer else none,
    )  # fmt: skip
    newest = {name: sound[name].argmax(sound.at_us) for name in ("fact", "detail", "dealer")}
    return sound.group_by("phone", "other", "source").agg(
        first_us=_.at_us.min(), last_us=_.at_us.max(), **newest
    )


def _keep(database: Database, kind: str, rows: list[dict[str, Any]]) -> int:
    rows.sort(key=lambda row: (row["phone"], row["other"], row["source"]))
    for start in range(0, len(rows), _ROWS_A_WRITE):
        piece = [{"kind": kind, **row} for row in rows[start : start + _ROWS_A_WRITE]]
        with database.write() as session:
            for first in range(0, len(piece), _ROWS_A_STATEMENT):
                _merge(session, piece[first : first + _ROWS_A_STATEMENT])
    return len(rows)


def _merge(session: Session, rows: list[dict[str, Any]]) -> None:
    """New ties, and known ones that have become older or newer."""
    new = dialect.insert(session, _LINKS)
    told, have = new.excluded, _LINKS.c
    newer = told.last_us >= have.last_us
    pick = {
        name: case((newer, told[name]), else_=have[name]) for name in ("fact", "detail", "dealer")
    }
    pick["last_us"] = case((newer, told.last_us), else_=have.last_us)
    pick["first_us"] = case((told.first_us < have.first_us, told.first_us), else_=have.first_us)
    session.execute(
        new.on_conflict_do_update(index_elements=list(_LINKS.primary_key.columns), set_=pick), rows
    )


def _forget(session: Session, kind: str, seal: int) -> None:
    """Ties that nothing says any more but facts of a day that retention dropped."""
    row = session.get(LinksRead, kind) or LinksRead(kind=kind, seal=0, dropped=0)
    asked = select(RetentionDrop).where(RetentionDrop.kind == kind, RetentionDrop.id > row.dropped)
    for gone in session.scalars(asked.order_by(RetentionDrop.id)):
        if gone.state not in _FORGOTTEN:
            break  # it may still be held
        first = (gone.day - date(1970, 1, 1)).days * DAY
        of, end = NumberLink.kind == kind, first + DAY
        last, begun = NumberLink.last_us, NumberLink.first_us
        session.execute(delete(NumberLink).where(of, last >= first, last < end))
        on_day = (begun >= first, begun < end)
        session.execute(update(NumberLink).where(of, *on_day).values(first_us=end))
        row.dropped = gone.id
    row.seal = seal
    session.merge(row)
