"""Hits of a search: what answers to numbers and identifiers, and which of it is in view."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from qalqan.cases import drops
from qalqan.cases.asked import Meant
from qalqan.register import orm, rights
from qalqan.register.orm import CaseEntity
from qalqan.register.rights import Person

MOST_CASES = 40
"""Cases a hit, the newest."""
_PIECE = 500
_OPEN = frozenset({"partner", "officer", "region", "method"})
"""Kinds that say nothing of a case: shown whether or not any is in view."""


@dataclass(frozen=True)
class Hit:
    """One thing that fits."""

    kind: str
    """case, report, order, appeal, blocked; victim, drop; partner, officer, region, method; else
    the kind of an identifier."""
    of: str
    """Its number, code or login; an identifier's subject; of what is blocked the newest order."""
    why: str
    """Sentence of the catalogue under `console.search.why`."""
    almost: bool = False
    cases: tuple[str, ...] = ()
    """In view, the newest first."""
    hidden: int = 0
    """How many more are out of view."""
    of_view: bool = False
    """It is in view by itself, whatever its cases are: a drop of the officer's region."""


@dataclass(frozen=True)
class Visible:
    """Which of some cases an officer has in view."""

    regions: Mapping[str, str]
    hidden: frozenset[str]

    @classmethod
    def of(cls, session: Session, person: Person, cases: Collection[str]) -> Visible:
        """Judge these cases."""
        regions: dict[str, str] = {}
        shown: set[str] = set()
        wanted = sorted(cases)
        for at in range(0, len(wanted), _PIECE):
            some = orm.Case.id.in_(wanted[at : at + _PIECE])
            for number, region in session.execute(select(orm.Case.id, orm.Case.region).where(some)):
                regions[number] = region
            shown |= set(session.scalars(select(orm.Case.id).where(some, rights.in_view(person))))
        return cls(regions, frozenset(regions.keys() - shown))

    def only(self, hit: Hit) -> Hit | None:
        """The hit with its visible cases alone; None if nothing of it may be shown."""
        cases = tuple(case for case in hit.cases if case not in self.hidden)
        if not cases and hit.cases and not hit.of_view and hit.kind not in _OPEN:
            return None
        return replace(hit, cases=cases, hidden=len(hit.cases) - len(cases))


def numbered(session: Session, person: Person, told: Sequence[str]) -> list[Hit]:
    """What bears one of these numbers, in their order; what is out of view is left out later,
    by its case."""
    by_letter: dict[str, list[str]] = {}
    for number in told:
        by_letter.setdefault(number[0], []).append(number)
    found: dict[str, Hit] = {}
    for letter, kind, query in _of_letters():
        some = by_letter.get(letter, [])
        if some:
            for number, case_id in session.execute(
                query.where(query.selected_columns[0].in_(some))
            ):
                found[number] = Hit(kind, number, "number", False, (case_id,))
    if mine := by_letter.get("D"):
        found |= _drops(session, person, mine)
    return [found[number] for number in told if number in found]


def _of_letters() -> Iterable[tuple[str, str, Select[str, str]]]:
    yield "C", "case", select(orm.Case.id, orm.Case.id)
    yield "R", "report", select(orm.Report.id, orm.Report.case_id)
    yield "O", "order", select(orm.Order.id, orm.Order.case_id)
    yield "A", "appeal", select(orm.AppealRow.id, orm.AppealRow.case_id)


def _drops(session: Session, person: Person, numbers: Sequence[str]) -> dict[str, Hit]:
    known = session.scalars(select(orm.Drop.id).where(orm.Drop.id.in_(numbers))).all()
    hits = [Hit("drop", number, "number") for number in known]
    return {hit.of: hit for hit in of_drops(session, person, hits)}


def of_drops(session: Session, person: Person, hits: Sequence[Hit]) -> list[Hit]:
    """Hits that are drops, with their cases; without those of no case that are out of view."""
    numbers = [hit.of for hit in hits]
    seen = select(orm.Drop.id).where(orm.Drop.id.in_(numbers), drops.in_view(person))
    in_view, cases = set(session.scalars(seen)), cases_of_drops(session, numbers)
    return [
        replace(hit, cases=tuple(cases.get(hit.of, ())), of_view=hit.of in in_view)
        for hit in hits
        if hit.of in in_view or hit.of in cases
    ]


def registered(session: Session, asked: str) -> list[Hit]:
    """Cases by their number in the pre-trial register."""
    query = select(orm.Case.id).where(orm.Case.register_number == asked).limit(MOST_CASES)
    return [
        Hit("case", case_id, "register", False, (case_id,)) for case_id in session.scalars(query)
    ]


def with_subjects(session: Session, subjects: Mapping[str, Meant]) -> list[Hit]:
    """Identifiers among these that some case has, with its cases, in the order in which they
    came, exact ones first; a host's links behind."""
    found: dict[tuple[str, str], list[str]] = {}
    wanted = sorted(subjects)
    for at in range(0, len(wanted), _PIECE):
        query = (
            select(CaseEntity.kind, CaseEntity.subject, CaseEntity.case_id)
            .where(CaseEntity.subject.in_(wanted[at : at + _PIECE]))
            .order_by(CaseEntity.case_id.desc())
            .limit(MOST_CASES * _PIECE)
        )
        for kind, subject, case_id in session.execute(query):
            cases = found.setdefault((kind, subject), [])
            if len(cases) < MOST_CASES:
                cases.append(case_id)
    hits = [
        Hit(kind, subject, _why(subjects[subject]), subjects[subject].almost, tuple(cases))
        for (kind, subject), cases in found.items()
    ]
    exact = [one for one in subjects.values() if one.kind == "domain" and not one.almost]
    rank = {subject: place for place, subject in enumerate(subjects)}
    hits.sort(key=lambda hit: (hit.almost, rank[hit.of]))
    return [*hits, *_links(session, exact)]


def _why(meant: Meant) -> str:
    return "identifier.almost" if meant.almost else "identifier.exact"


def _links(session: Session, hosts: Iterable[Meant]) -> list[Hit]:
    """Links under these hosts."""
    found: dict[str, list[str]] = {}
    for one in hosts:
        starts = [f"{scheme}://{one.text}" for scheme in ("https", "http")]
        under = or_(
            *(
                CaseEntity.subject.between(f"{start}{first}", f"{start}{last}")
                for start in starts
                for first, last in (("/", "/\uffff"), (":", ":\uffff"))
            ),
            CaseEntity.subject.in_(starts),
        )
        query = select(CaseEntity.subject, CaseEntity.case_id).where(
            under, CaseEntity.kind == "url"
        )
        for subject, case_id in session.execute(query.limit(MOST_CASES)):
            found.setdefault(subject, []).append(case_id)
    return [Hit("url", link, "identifier.link", False, tuple(of)) for link, of in found.items()]


def cases_of_reports(session: Session, reports: Sequence[str]) -> dict[str, list[str]]:
    """Report → its case."""
    query = select(orm.Report.id, orm.Report.case_id).where(orm.Report.id.in_(reports))
    return {report: [case_id] for report, case_id in session.execute(query)}


def cases_of_drops(session: Session, drops: Sequence[str]) -> dict[str, list[str]]:
    """Drop → its cases."""
    query = select(orm.DropCase.drop_id, orm.DropCase.case_id).where(
        orm.DropCase.drop_id.in_(drops)
    )
    found: dict[str, list[str]] = {}
    for drop, case_id in session.execute(query.order_by(orm.DropCase.case_id.desc())):
        found.setdefault(drop, []).append(case_id)
    return found


def cases_of(session: Session, kind: str, key: str) -> tuple[str, ...]:
    """The newest cases of a partner, officer, region or method."""
    stands, order = orm.CaseStanding, orm.Order
    queries = {
        "partner": select(order.case_id).where(order.partner == key).order_by(order.id.desc()),
        "officer": select(orm.Case.id).where(orm.Case.owner == key).order_by(orm.Case.id.desc()),
        "region": select(orm.Case.id).where(orm.Case.region == key).order_by(orm.Case.id.desc()),
        "method": select(stands.case_id)
        .where(stands.method == key)
        .order_by(stands.reported_us.desc()),
    }
    return tuple(dict.fromkeys(session.scalars(queries[kind].limit(MOST_CASES))))
