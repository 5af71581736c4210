"""Finding by name, whatever letters somebody typed: "КASРI", "каспи" and "Kaspy" find Kaspi.

Names are kept with the threes of letters of their search key (`text.alike`), which every
database joins and counts alike: SQLite and PostgreSQL find the same in the same order. Only what
is not personal is kept here; people and accounts are found by their exact tokens alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import ceil

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from qalqan.register.orm import SearchEntry, SearchGram
from qalqan.text.alike import LONGEST, grams
from qalqan.text.alphabet import place

ENOUGH = 0.5
"""Share of the asked threes that a name must hold: one wrong letter in five is forgiven."""
_CONSIDERED = 300


@dataclass(frozen=True)
class Found:
    """One thing and the name by which it was found."""

    kind: str
    of: str
    text: str
    score: float
    """Share of what was asked, 0 to 1."""
    place: str


def keep(session: Session, kind: str, of: str, names: Iterable[str]) -> None:
    """Let a thing be found by these names, and by no earlier ones."""
    old = select(SearchEntry.id).where(SearchEntry.kind == kind, SearchEntry.of == of)
    session.execute(delete(SearchGram).where(SearchGram.entry.in_(old)))
    session.execute(delete(SearchEntry).where(SearchEntry.kind == kind, SearchEntry.of == of))
    for name in dict.fromkeys(name.strip()[:LONGEST] for name in names):
        if not (held := grams(name)):
            continue
        entry = SearchEntry(kind=kind, of=of, text=name, place=place(name))
        session.add(entry)
        session.flush()
        session.add_all(SearchGram(gram=gram, entry=entry.id) for gram in sorted(held))


def find(session: Session, asked: str, kinds: Collection[str], most: int = 20) -> list[Found]:
    """Things whose name is like what was asked: the most alike first, then by the alphabet;
    each thing once, by its likest name."""
    wanted = grams(asked)
    if not wanted:
        return []
    shared = func.count().label("shared")
    counted = (
        select(SearchGram.entry, shared)
        .join(SearchEntry, SearchEntry.id == SearchGram.entry)
        .where(SearchGram.gram.in_(sorted(wanted)), SearchEntry.kind.in_(sorted(kinds)))
        .group_by(SearchGram.entry)
        .having(func.count() >= ceil(ENOUGH * len(wanted)))
        .order_by(shared.desc(), SearchGram.entry)
        .limit(_CONSIDERED)
        .subquery()
    )
    told = (SearchEntry.kind, SearchEntry.of, SearchEntry.text, SearchEntry.place)
    rows = session.execute(
        select(*told, counted.c.shared).join(counted, counted.c.entry == SearchEntry.id)
    )
    found = [Found(kind, of, text, n / len(wanted), at) for kind, of, text, at, n in rows]
    likest: dict[tuple[str, str], Found] = {}
    for one in sorted(found, key=lambda one: (-one.score, len(one.text), one.place, one.of)):
        likest.setdefault((one.kind, one.of), one)
    return sorted(likest.values(), key=lambda one: (-one.score, one.place, one.of))[:most]
