"""One box that finds everything: numbers, identifiers, people, partners, regions, methods
(REQ-18, 86).

What an officer may not see is told as a count with its region. Whoever looks for an identifier or
for a person leaves a row in the audit, with the keyed mark of what he asked, never the words; for
an identifier his colleagues learn of it as well (`cases.at_work`). A hit says why it was found,
and whether it is only almost what was asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import asked as typed
from qalqan.cases import blocked, codes, entities, found_ids
from qalqan.cases.asked import LONGEST as LONGEST
from qalqan.cases.asked import Meant
from qalqan.cases.found_ids import Hit, Visible
from qalqan.register import asking, audit, names, orm, rights
from qalqan.register.database import Database
from qalqan.register.rights import Person, Right
from qalqan.text import alike
from qalqan.text.catalogue import LANGUAGES
from qalqan.trust import tokens
from qalqan.trust.keys import Keys

MOST = 40
"""Hits of one kind at most."""
_ALMATY = ZoneInfo("Asia/Almaty")


@dataclass(frozen=True)
class Found:
    """What fits, the likeliest first."""

    hits: tuple[Hit, ...] = ()
    hidden: tuple[tuple[str, int], ...] = ()
    """Region and how many cases out of view fit."""
    subjects: tuple[tuple[str, str], ...] = ()
    """(kind, subject) of the identifiers that were asked for."""

    @property
    def cases(self) -> tuple[str, ...]:
        """All cases in view that fit."""
        return tuple(dict.fromkeys(case for hit in self.hits for case in hit.cases))

    def of(self, *kinds: str) -> tuple[Hit, ...]:
        """The hits of these kinds."""
        return tuple(hit for hit in self.hits if hit.kind in kinds)

    @property
    def partners(self) -> tuple[Hit, ...]:
        """The partners among them."""
        return self.of("partner")


def find(database: Database, keys: Keys, asked: str, person: Person) -> Found:
    """Everything in the officer's view that fits what he asked for.

    Raises:
        NotAllowed: a role that may not search.
    """
    rights.check(person, Right.SEARCH)
    asked = _plainly(asked)
    if not asked:
        return Found()
    told = typed.numbers(asked, _year())
    meant = [] if told else typed.identifiers(asked)
    if meant:
        _remember(database, keys, person, meant)
    elif not told:
        _remember_words(database, keys, person, asked)
    with database.session() as session:
        if told:
            return _seen(session, person, found_ids.numbered(session, person, told))
        if meant or (missed := typed.near(asked)):
            return _identified(session, keys, person, asked, meant or missed)
        return _named(session, keys, person, asked)


def suggest(session: Session, asked: str, person: Person, most: int = 8) -> list[Hit]:
    """While somebody still types: numbers, partners, officers, regions and methods, nothing
    personal, so that nothing is noted before he asks. Raises as `find`."""
    rights.check(person, Right.SEARCH)
    asked = _plainly(asked)
    if not asked:
        return []
    if told := typed.numbers(asked, _year()):
        return found_ids.numbered(session, person, told)[:most]
    return _plain(session, asked, cases=False)[:most]


def in_view(session: Session, person: Person, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Those of the hits that may be shown."""
    return _seen(session, person, hits).hits


def subject_of(keys: Keys, one: Meant) -> tuple[str, str]:
    """(kind, subject) as the register keeps it."""
    return one.kind, entities.subject_of(keys, one.kind, one.text)


def _plainly(asked: str) -> str:
    """Without what nobody types: control characters, halves of characters."""
    return "".join(c for c in " ".join(asked[:LONGEST].split()) if c.isprintable())


def _year() -> int:
    return datetime.fromtimestamp(clock.now_us() // clock.SECOND, _ALMATY).year % 100


def _remember(database: Database, keys: Keys, person: Person, meant: Sequence[Meant]) -> None:
    subjects = [subject_of(keys, one) for one in meant if not one.almost]
    with database.write() as session:
        for kind, subject in subjects:
            mark = subject if kind in entities.SEALED else tokens.token(keys, "words", subject)
            audit.note(session, person.login, "search", kind, mark)
        asking.note(session, person.login, subjects)


def _remember_words(database: Database, keys: Keys, person: Person, asked: str) -> None:
    """The words themselves are nowhere: two who ask for one name leave the same mark."""
    heard = " ".join(sorted(alike.words(asked)))
    if heard:
        with database.write() as session:
            mark = tokens.token(keys, "name", heard)
            audit.note(session, person.login, "search", "name", mark)


def _identified(
    session: Session, keys: Keys, person: Person, asked: str, meant: Sequence[Meant]
) -> Found:
    """Cases that have what was asked for; if none has, those that have almost that."""
    hits = found_ids.with_subjects(session, _subjects(keys, meant))
    if not any(not hit.almost for hit in hits):
        missed = typed.near(asked)
        hits += found_ids.with_subjects(session, _subjects(keys, missed))
    exact = tuple(subject_of(keys, one) for one in meant if not one.almost)
    hits = [*_blocked(session, person, [subject for _, subject in exact]), *hits[:MOST]]
    return _seen(session, person, hits, exact)


def _blocked(session: Session, person: Person, subjects: Sequence[str]) -> list[Hit]:
    """What stops something at these, or did."""
    found = blocked.newest(session, person, subjects)
    return [Hit("blocked", order, "blocked", False, cases) for order, cases in found.values()]


def _subjects(keys: Keys, meant: Iterable[Meant]) -> dict[str, Meant]:
    """Subject → what it stands for; tokens are made a class at a time."""
    found: dict[str, Meant] = {}
    by_kind: dict[str, list[Meant]] = {}
    for one in meant:
        by_kind.setdefault(one.kind, []).append(one)
    for kind, some in by_kind.items():
        texts = [one.text for one in some]
        klass = entities.SEALED.get(kind)
        subjects = tokens.token_list(keys, klass, texts) if klass else texts
        for subject, one in zip(subjects, some, strict=True):
            found.setdefault(subject, one)
    return found


def _named(session: Session, keys: Keys, person: Person, asked: str) -> Found:
    hits = found_ids.registered(session, asked)
    hits += _people(session, keys, person, asked)
    hits += _plain(session, asked, cases=True)
    return _seen(session, person, hits)


def _people(session: Session, keys: Keys, person: Person, asked: str) -> list[Hit]:
    """Victims and drops of such a name; drops as long as their label stands."""
    found = names.find(session, keys, asked, most=MOST)
    of_report = found_ids.cases_of_reports(session, [o.of for o in found if o.kind == "victim"])
    drops = {hit.of: hit for hit in _drops(session, person, found)}
    hits = [
        drops.get(one.of) if one.kind == "drop" else _hit(one, tuple(of_report.get(one.of, ())))
        for one in found
    ]
    return [hit for hit in hits if hit is not None]


def _drops(session: Session, person: Person, found: Iterable[names.Found]) -> list[Hit]:
    mine = {one.of: _hit(one) for one in found if one.kind == "drop"}
    standing = select(orm.Drop.id).where(orm.Drop.id.in_(mine), orm.Drop.expired_us.is_(None))
    return found_ids.of_drops(session, person, [mine[of] for of in session.scalars(standing)])


def _hit(one: names.Found, cases: tuple[str, ...] = ()) -> Hit:
    return Hit(one.kind, one.of, f"name.{'exact' if one.exact else 'almost'}", not one.exact, cases)


def _plain(session: Session, asked: str, cases: bool) -> list[Hit]:
    """What is not personal: partners, officers, regions, methods."""
    hits: list[tuple[float, Hit]] = []
    for kind, named in _plain_names(session).items():
        for key, score in alike.best(asked, named, prefix=True)[:10]:
            of = found_ids.cases_of(session, kind, key) if cases else ()
            hits.append((score, Hit(kind, key, kind, score < 0.99, of)))
    return [hit for _, hit in sorted(hits, key=lambda one: -one[0])]


def _plain_names(session: Session) -> dict[str, dict[str, tuple[str, ...]]]:
    """Kind → key → its names in every language."""
    partners = select(orm.Partner.code, orm.Partner.bank_code, orm.Partner.names)
    methods: dict[str, tuple[str, ...]] = {}
    for book in codes.code_books():
        for code, told in book.methods.items():
            methods[code] = (*methods.get(code, ()), *(told[one] for one in LANGUAGES))
    return {
        "partner": {
            code: (code, bank or "", *told.values())
            for code, bank, told in session.execute(partners)
        },
        "officer": {
            login: (login, login.replace(".", " "))
            for login in session.scalars(select(orm.User.login).where(orm.User.active))
        },
        "region": {code: tuple(told.values()) for code, told in codes.regions().items()},
        "method": methods,
    }


def _seen(
    session: Session,
    person: Person,
    hits: Sequence[Hit],
    subjects: tuple[tuple[str, str], ...] = (),
) -> Found:
    """The hits with only those of their cases that are in view; hits of none but others are
    counted by region."""
    view = Visible.of(session, person, {case for hit in hits for case in hit.cases})
    kept = [shown for hit in hits if (shown := view.only(hit)) is not None]
    regions = Counter(view.regions[case] for case in view.hidden)
    return Found(tuple(kept), tuple(sorted(regions.items())), subjects)
