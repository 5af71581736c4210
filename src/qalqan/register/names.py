"""People's names, found although they stand in the vault alone: a blind index that forgives.

Each word of a name is kept as a keyed mark (HMAC-SHA256 under a key made from that of class
`name`, 64 bits of it), and once for the whole centre also each form that the word has with one
letter left out (`text.alike`). Whoever asks has the marks of his own words' forms looked up, so a
slip of the finger, another alphabet, Kazakh letters typed on a Russian keyboard and any order of
words find the same person; which words those are only the key knows. What a copy of the tables
gives away without the key: which names share a word, and which words are near each other.

Common words are many people's, so names are found where the lists of two or more words meet:
bounded, without reading a list row by row, alike on SQLite and PostgreSQL.
"""

from __future__ import annotations

import hmac
import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, cast

from sqlalchemy import CompoundSelect, Select, Table, delete, func, intersect, select
from sqlalchemy.orm import Session

from qalqan.register import dialect
from qalqan.register.orm import NameMark, NearMark, SearchName
from qalqan.text import alike
from qalqan.trust.keys import Keys

KINDS = ("victim", "drop")
"""Whose names are kept: a report's victim, a person of the register of drops."""
_CONSIDERED = 400
"""Names weighed at most …"""
_LISTED = 50_000
"""… of so many a word's list may give."""
_NEAR = 60
"""Words that one asked word may be meant for."""
_ENOUGH = 12
"""Found so many, nobody looks for worse ones."""
_FATHER_LESS = 0.05
"""A patronymic in another form (Серікұлы, Серикович) is worth so much less."""
_SPELT_MORE = 0.01
"""… and the very same spelling so much more."""
_MARKS, _NAMES = cast(Table, NameMark.__table__), cast(Table, SearchName.__table__)
_NEARS = cast(Table, NearMark.__table__)
_Group = dict[int, float]
"""Marks of the words that one asked word may be meant for, and what each is worth."""


@dataclass(frozen=True)
class Found:
    """A name that answers."""

    kind: str
    of: str
    score: float
    """0 to 1."""
    exact: bool
    """Every asked word is in it as it was asked."""


@dataclass(frozen=True)
class Marked:
    """What the index keeps of one name."""

    words: tuple[tuple[int, int], ...]
    """(mark of a word, mark of its spelling)"""
    nears: tuple[tuple[int, int, int], ...]
    """(mark of a form, mark of its word, place of the letter left out)"""


def marked(keys: Keys, name: str) -> Marked:
    """The marks of a name; none if it has no words."""
    key = _key(keys)
    found: dict[int, int] = {}
    nears: dict[tuple[int, int], int] = {}
    for heard, written in zip(alike.words(name), alike.spelt(name), strict=True):
        for word in filter(None, (heard, alike.father(heard))):
            mark = _mark(key, word)
            found.setdefault(mark, _mark(key, f"={written}") & 0x7FFFFFFF)
            for form, at in alike.forms(word):
                nears.setdefault((_mark(key, form), mark), at)
    return Marked(tuple(found.items()), tuple((*of, at) for of, at in nears.items()))


def keep(session: Session, keys: Keys, kind: str, of: str, name: str) -> None:
    """Let somebody be found by this name, and by no earlier one; a write transaction."""
    forget(session, kind, of)
    marks = marked(keys, name)
    if not marks.words:
        return
    added = _NAMES.insert().values(kind=kind, of=of).returning(_NAMES.c.id)
    number = session.execute(added).scalar_one()
    mine = [{"word": word, "name": number, "spelt": spelt} for word, spelt in sorted(marks.words)]
    session.execute(_MARKS.insert(), mine)
    known = select(NearMark.word).where(
        NearMark.near.in_([word for word, _ in marks.words]), NearMark.at == alike.WHOLE
    )
    old = set(session.scalars(known))
    fresh = sorted(row for row in marks.nears if row[1] not in old)
    if fresh:  # in the order of their keys: two writers never wait for each other in a ring
        rows = [{"near": near, "word": word, "at": at} for near, word, at in fresh]
        session.execute(dialect.insert(session, _NEARS).on_conflict_do_nothing(), rows)


def forget(session: Session, kind: str, of: str) -> None:
    """Let nobody be found by this name any more."""
    old = session.scalars(
        select(SearchName.id).where(SearchName.kind == kind, SearchName.of == of)
    ).all()
    if old:
        session.execute(delete(NameMark).where(NameMark.name.in_(old)))
        session.execute(delete(SearchName).where(SearchName.id.in_(old)))


def find(
    session: Session, keys: Keys, asked: str, kinds: Collection[str] = KINDS, most: int = 40
) -> list[Found]:
    """Whoever is called like what was asked: the likest first, of equal ones the newest."""
    heard = alike.readings(asked)
    if not heard:
        return []
    key = _key(keys)
    groups = _groups(session, key, heard)
    spelt = [_mark(key, f"={written}") & 0x7FFFFFFF for written in alike.spelt(asked)]
    numbers = _numbers(session, groups)
    found = _weighed(session, groups, spelt, numbers) if numbers else []
    ranked = sorted(found, key=lambda one: (-one[1], -one[0]))[:_CONSIDERED]
    told = {
        row.id: row
        for row in session.execute(
            select(_NAMES).where(_NAMES.c.id.in_([number for number, *_ in ranked]))
        )
    }
    wanted = set(kinds)
    return [
        Found(told[number].kind, told[number].of, score, exact)
        for number, score, exact in ranked
        if number in told and told[number].kind in wanted
    ][:most]


def _groups(session: Session, key: bytes, heard: Sequence[Sequence[str]]) -> list[_Group]:
    """What each asked word may be meant for."""
    asked = [_asked(key, readings) for readings in heard]
    forms = {mark for each in asked for mark in each}
    rows = session.execute(
        select(NearMark.near, NearMark.word, NearMark.at).where(NearMark.near.in_(sorted(forms)))
    ).all()
    groups: list[_Group] = []
    for each in asked:
        shared: dict[tuple[int, str], set[tuple[int, int]]] = {}
        for near, word, told_at in rows:
            for of, at in each.get(near, ()):
                shared.setdefault((word, of), set()).add((at, told_at))
        groups.append(_likest(shared))
    return groups


def _asked(key: bytes, readings: Sequence[str]) -> dict[int, list[tuple[str, int]]]:
    """Mark of a form → which readings of a word have it, and the letter that each leaves out."""
    found: dict[int, list[tuple[str, int]]] = {}
    for reading in readings:
        for word in filter(None, (reading, alike.father(reading))):
            for form, at in alike.forms(word):
                found.setdefault(_mark(key, form), []).append((word, at))
    return found


def _likest(shared: dict[tuple[int, str], set[tuple[int, int]]]) -> _Group:
    """The words that are worth most, by the forms that each shares with a reading."""
    group: _Group = {}
    for (word, of), places in shared.items():
        worth = alike.worth(places, len(of)) - _FATHER_LESS * of.startswith(alike.FATHER)
        group[word] = max(group.get(word, 0.0), worth)
    ranked = sorted(((word, worth) for word, worth in group.items() if worth > 0), key=_by_worth)
    return dict(ranked[:_NEAR])


def _by_worth(of: tuple[int, float]) -> tuple[float, int]:
    return -of[1], of[0]


def _numbers(session: Session, groups: list[_Group]) -> list[int]:
    """Names to be weighed: those with all words as asked, else with near ones, else with all
    words but one; the newest."""
    found: dict[int, None] = {}
    for asked in _tries(groups):
        found |= dict.fromkeys(session.scalars(_meeting(asked)))
        if len(found) >= _ENOUGH:
            break
    return list(found)


def _tries(groups: list[_Group]) -> Iterator[list[list[int]]]:
    """Lists of words that must meet, the likeliest first; at most 2 + the number of words."""
    exact = [[word for word, worth in group.items() if worth > alike.SWAP] for group in groups]
    if all(exact):
        yield exact
    near = [list(group) for group in groups]
    if all(near) and near != exact:
        yield near
    known = [group for group in near if group]
    if len(known) < len(near):
        if len(known) >= max(1, len(near) - 1):
            yield known
        return
    if len(near) > 1:
        for some in combinations(near, len(near) - 1):
            yield list(some)


def _meeting(asked: Sequence[Collection[int]]) -> Select[Any]:
    """The newest names that have a word of every list."""
    lists = [
        select(NameMark.name).where(NameMark.word.in_(sorted(words))).limit(_LISTED).subquery()
        for words in asked
    ]
    meet: Select[Any] | CompoundSelect[Any] = select(lists[0].c.name)
    if len(lists) > 1:
        meet = intersect(*(select(each.c.name) for each in lists))
    met = meet.subquery()
    return select(met.c.name).distinct().order_by(met.c.name.desc()).limit(_CONSIDERED)


def _weighed(
    session: Session, groups: list[_Group], spelt: Sequence[int], numbers: Sequence[int]
) -> list[tuple[int, float, bool]]:
    """(name, score, whether every word is as asked). Rare words weigh more than common ones."""
    held: dict[int, dict[int, int]] = {}
    for at in range(0, len(numbers), 500):
        some = numbers[at : at + 500]
        for row in session.execute(select(_MARKS).where(_MARKS.c.name.in_(some))):
            held.setdefault(row.name, {})[row.word] = row.spelt
    weights = [_rarity(session, group) for group in groups]
    return [(name, *_score(words, groups, spelt, weights)) for name, words in held.items()]


def _score(
    words: dict[int, int], groups: list[_Group], spelt: Sequence[int], weights: Sequence[float]
) -> tuple[float, bool]:
    score, exact = 0.0, True
    for group, written, weight in zip(groups, spelt, weights, strict=True):
        worth = max((group[word] for word in words if word in group), default=0.0)
        exact = exact and worth == alike.EXACT
        same = any(told == written for told in words.values())
        score += weight * min(1.0, worth * (1 - _SPELT_MORE) + _SPELT_MORE * same)
    return score / sum(weights), exact


def _rarity(session: Session, group: _Group) -> float:
    """What a word weighs, by how many names have it: 1 for the most common, 4 for a rare one."""
    if not group:
        return 1.0
    likest = next(iter(group))
    some = select(NameMark.name).where(NameMark.word == likest).limit(1000).subquery()
    uses = session.scalar(select(func.count()).select_from(some)) or 0
    return 4 - math.log10(max(1, uses))


def _key(keys: Keys) -> bytes:
    return hmac.digest(keys.token_key("name"), b"marks of words", "sha256")


def _mark(key: bytes, form: str) -> int:
    digest = hmac.digest(key, form.encode("utf-8", "replace"), "sha256")
    return int.from_bytes(digest[:8], "big", signed=True)
