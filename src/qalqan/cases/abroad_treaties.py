"""Treaties and channels abroad by date, and what each is a basis for (REQ-69).

Most rows are shipped as data with their sources; a supervisor enters others, and ends any, each
with a source and its day. A request needs a row that is in force on its date, for that country and
that kind; a lawyer confirms (`law`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import law
from qalqan.cases.abroad_kinds import Kind
from qalqan.cases.codes import day_us
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.geo.countries import COUNTRIES
from qalqan.register import audit, orm, rights
from qalqan.register.rights import COUNTRY, Person, Right
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.line import line

STANDINGS = ("negotiating", "invited", "observer", "signed", "ratified", "in_force")
IN_FORCE, EVERYWHERE = "in_force", "*"
LONGEST_TITLE, LONGEST_SOURCE, LONGEST_ARTICLE = 300, 300, 100


@dataclass(frozen=True, kw_only=True)
class Treaty(law.Rule):
    """A treaty or channel while it stands in one way for Kazakhstan."""

    standing: str
    countries: frozenset[str]
    allows: frozenset[str]
    article: str
    source_day_us: int
    binding: bool
    """False: one asks, and nobody owes."""
    added_by: str = ""
    """Who entered it; empty: it is shipped."""

    def is_basis(self, country: str, kind: str, at_us: int) -> bool:
        """Whether a request of the kind may rely on it then."""
        party = country in self.countries or EVERYWHERE in self.countries
        in_force = self.standing == IN_FORCE and self.valid(at_us)
        return in_force and party and kind in self.allows


@dataclass(frozen=True)
class Entered:
    """A row as a supervisor enters it; days are UTC midnights, microseconds."""

    title: str
    standing: str
    countries: Sequence[str]
    allows: Sequence[str]
    valid_from_us: int
    source: str
    source_day_us: int
    article: str = ""


@cache
def shipped() -> tuple[Treaty, ...]:
    """The rows that come with the software."""
    return tuple(
        Treaty(
            **rule, standing=row["standing"], countries=frozenset(row["countries"]),
            allows=frozenset(row["allows"]), article=row["article"], binding=row["binding"],
            source_day_us=day_us(row["source_day"]),
        )
        for rule, row in law.rows("treaties.toml", "treaty")
    )  # fmt: skip


def listed(session: Session) -> list[Treaty]:
    """All rows, shipped and entered, as far as they have been ended; the newest first."""
    ends = {end.code: end for end in session.scalars(select(orm.TreatyEnd))}
    entered = map(_entered, session.scalars(select(orm.TreatyRow)))
    found = [_ended(row, ends.get(row.code)) for row in (*shipped(), *entered)]
    return sorted(found, key=lambda row: (-row.valid_from_us, row.code))


def bases(rows: Iterable[Treaty], country: str, kind: str, at_us: int) -> list[Treaty]:
    """What a request may rely on, what binds first."""
    found = [row for row in rows if row.is_basis(country, kind, at_us)]
    return sorted(found, key=lambda row: (not row.binding, -row.valid_from_us, row.code))


def basis(session: Session, code: str, country: str, kind: str, at_us: int) -> Treaty:
    """The row that a request relies on.

    Raises:
        InputRejected: none is in force then for that country and kind, or not this one.
    """
    found = bases(listed(session), country, kind, at_us)
    if not found:
        raise InputRejected("basis", country, "abroad.no_basis", country=country)
    for row in found:
        if row.code == code:
            return row
    raise InputRejected("basis", code, "abroad.basis")


def enter(session: Session, officer: Person, given: Entered) -> orm.TreatyRow:
    """Enter a row with its source.

    Raises:
        NotAllowed: not a supervisor. InputRejected: what can't be.
    """
    _check_keeper(officer)
    given = _checked(given)
    row = orm.TreatyRow(
        code="", title=given.title, standing=given.standing, countries=list(given.countries),
        allows=list(given.allows), article=given.article, valid_from_us=given.valid_from_us,
        source=given.source, source_day_us=given.source_day_us, added_by=officer.login,
        added_us=clock.now_us(),
    )  # fmt: skip
    row.code = f"entered.{len(session.scalars(select(orm.TreatyRow.id)).all()) + 1}"
    session.add(row)
    session.flush()
    audit.note(session, officer.login, "treaty_enter", "treaty", row.code, standing=row.standing)
    return row


def end(
    session: Session, officer: Person, code: str, until_us: int, source: str, source_day_us: int
) -> None:
    """Say that a row holds no longer from a day on.

    Raises:
        NotAllowed: not a supervisor. NotFound: no such row. Conflict: it has been ended already.
        InputRejected: a day before it began, or no source.
    """
    _check_keeper(officer)
    row = one(session, code)
    if session.get(orm.TreatyEnd, code) is not None:
        raise Conflict("treaty", code, "ended", "end")
    if until_us <= row.valid_from_us:
        raise InputRejected("until", until_us, "abroad.until")
    session.add(orm.TreatyEnd(
        code=code, until_us=until_us, source=line("source", source, LONGEST_SOURCE),
        source_day_us=source_day_us, ended_by=officer.login, ended_us=clock.now_us(),
    ))  # fmt: skip
    audit.note(session, officer.login, "treaty_end", "treaty", code)


def one(session: Session, code: str) -> Treaty:
    """A row. Raises `NotFound`: no such row."""
    for row in listed(session):
        if row.code == code:
            return row
    raise NotFound("treaty", code)


def _check_keeper(officer: Person) -> None:
    rights.check(officer, Right.ABROAD)
    rights.check(officer, Right.PARTNERS)  # with whom the centre deals, and on which terms


def _checked(given: Entered) -> Entered:
    countries = sorted({code.strip().upper() for code in given.countries if code.strip()})
    for code in countries:
        if code != EVERYWHERE and (code not in COUNTRIES or code == COUNTRY):
            raise InputRejected("countries", code, "task.country")
    if given.standing not in STANDINGS:
        raise InputRejected("standing", given.standing, "one_of", choices=", ".join(STANDINGS))
    for kind in given.allows:
        if kind not in set(Kind):
            raise InputRejected("allows", kind, "one_of", choices=", ".join(Kind))
    return replace(
        given, countries=countries, allows=sorted(set(given.allows)),
        title=line("title", given.title, LONGEST_TITLE),
        source=line("source", given.source, LONGEST_SOURCE),
        article=line("article", given.article, LONGEST_ARTICLE, needed=False),
    )  # fmt: skip


def _entered(row: orm.TreatyRow) -> Treaty:
    return Treaty(
        code=row.code, valid_from_us=row.valid_from_us, valid_until_us=None, source=row.source,
        confirmed=False, names=dict.fromkeys(LANGUAGES, row.title), standing=row.standing,
        countries=frozenset(row.countries), allows=frozenset(row.allows), article=row.article,
        source_day_us=row.source_day_us, binding=True, added_by=row.added_by,
    )  # fmt: skip


def _ended(row: Treaty, end: orm.TreatyEnd | None) -> Treaty:
    if end is None or (row.valid_until_us is not None and row.valid_until_us <= end.until_us):
        return row
    return replace(row, valid_until_us=end.until_us, source=f"{row.source}; {end.source}")
