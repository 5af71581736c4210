"""Who really uses a number: everybody that facts and the register tie to it, and by what (REQ-50).

A number stands in an operator's books on a dealer, a distributor or a stranger; whoever uses it has
told it a bank, a lender or a marketplace as his own. The join is by tokens, over the index
`number_links` and the register. What comes out are candidates, each with the facts it rests on:
ranked by how many institutions say so and how lately, never a certainty and never guilt. A look-up
belongs to a case, serves a stated purpose and stands in the audit before it is answered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import drops
from qalqan.errors import InputRejected
from qalqan.model.identifiers import phone as phones
from qalqan.register import asking, audit, orm, purposes, rights, throttle
from qalqan.register.database import Database
from qalqan.register.orm import NumberLink
from qalqan.register.people import SignedIn
from qalqan.register.purposes import Stated
from qalqan.register.rights import Person, Right
from qalqan.trust import tokens
from qalqan.trust.keys import Keys

ACTION = "number_user"
DIRECT = ("session", "loan", "listing")
"""The number was told as one's own."""
ORDER = (*DIRECT, "case", "drop", "subscription", "device")
"""Kinds of basis, the strongest first."""
MOST_DEVICES, MOST_NUMBERS, MOST_CANDIDATES = 20, 40, 50
"""A device of more numbers than `MOST_NUMBERS` is a gateway: it ties nobody to anybody."""


@dataclass(frozen=True)
class Basis:
    """What ties somebody to the number: a fact, or an entry of the register."""

    kind: str
    source: str
    """The partner that told it; of the register's own the case or drop."""
    first_us: int
    last_us: int
    fact: str = ""
    detail: str = ""
    dealer: str = ""
    via: str = ""
    """Token of the other number that the same device was seen with."""


@dataclass(frozen=True)
class Candidate:
    """A person who may use the number; no more than that."""

    person: str
    """Vault token."""
    bases: tuple[Basis, ...]
    registrant: bool
    """The number is registered on him now."""

    @property
    def institutions(self) -> int:
        """How many independent institutions were told the number as his own."""
        return len({basis.source for basis in self.bases if basis.kind in DIRECT})

    @property
    def last_us(self) -> int:
        """The newest that ties him to it."""
        return max(basis.last_us for basis in self.bases)


@dataclass(frozen=True)
class Device:
    """A device that the number was seen in, and how many other numbers were."""

    device: str
    source: str
    first_us: int
    last_us: int
    numbers: int
    """At most `MOST_NUMBERS` + 1 are counted."""


@dataclass(frozen=True)
class Answer:
    """All that is known; `hidden` counts the number's cases out of view, by region."""

    phone: str
    candidates: tuple[Candidate, ...]
    devices: tuple[Device, ...]
    cases: tuple[str, ...]
    hidden: Mapping[str, int]


def look_up(
    database: Database, keys: Keys, officer: SignedIn, case_id: str, number: str,
    given: Stated | None = None,
) -> Answer:  # fmt: skip
    """Everybody tied to a number, for the purpose that is given now, else the one that this session
    has stated for the case before.

    Raises:
        NotAllowed: a role that may not, or a case out of view. NotFound: no such case.
        InputRejected: no number, or no purpose has been stated. Overfull: too many an hour.
    """
    with database.write() as session:
        rights.check(officer, Right.SEARCH)
        rights.check_case(session, officer, Right.CASEWORK, case_id)
        rights.check_field(officer, "person")
        phone = tokens.token(keys, "phone", phones.canonical(number, field="number").text)
        stated = given or purposes.of(session, officer.token_hash, case_id)
        if stated is None:
            raise InputRejected("purpose", "", "console.purpose_code")
        if given is not None:
            purposes.state(session, officer, case_id, given)
        throttle.look_up(session, officer.login)
        audit.note(session, officer.login, ACTION, "phone", phone, f"{case_id}: {stated.text}")
        asking.note(session, officer.login, [("phone", phone)])
    with database.session() as session:
        return answer(session, officer, phone)


def may_ask(officer: Person) -> bool:
    """Whether the officer's role may look numbers up at all."""
    works = rights.has(officer, Right.SEARCH) and rights.has(officer, Right.CASEWORK)
    return works and "person" in rights.FIELDS.get(officer.role, frozenset())


def answer(session: Session, officer: Person, phone: str) -> Answer:
    """The join itself, by the number's token."""
    links = session.scalars(select(NumberLink).where(NumberLink.phone == phone)).all()
    bases: dict[str, list[Basis]] = defaultdict(list)
    for link in links:
        if link.kind != "call":
            bases[link.other].append(_basis(link))
    devices, shared = _devices(session, [link for link in links if link.kind == "call"])
    for link in shared:
        bases[link.other].append(_basis(link, "device", via=link.phone))
    cases, hidden = _cases(session, officer, phone)
    for person, basis in (*_of_cases(session, cases), *_of_drops(session, officer, phone)):
        bases[person].append(basis)
    holder = _registrant(links)
    found = [Candidate(person, _ordered(told), person == holder) for person, told in bases.items()]
    return Answer(phone, tuple(sorted(found, key=_rank)[:MOST_CANDIDATES]), devices, cases, hidden)


def registrants(session: Session, numbers: Iterable[str]) -> Mapping[str, NumberLink]:
    """Number → the newest event of it that an operator told."""
    newest: dict[str, NumberLink] = {}
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), 500):
        asked = select(NumberLink).where(
            NumberLink.phone.in_(wanted[start : start + 500]), NumberLink.kind == "subscription"
        )
        for link in session.scalars(asked):
            known = newest.get(link.phone)
            if known is None or link.last_us > known.last_us:
                newest[link.phone] = link
    return newest


def _rank(candidate: Candidate) -> tuple[int, int, int, str]:
    """More institutions first, then the stronger kind, then the later; the token breaks ties."""
    strongest = min(ORDER.index(basis.kind) for basis in candidate.bases)
    return -candidate.institutions, strongest, -candidate.last_us, candidate.person


def _ordered(told: Sequence[Basis]) -> tuple[Basis, ...]:
    return tuple(sorted(told, key=lambda one: (ORDER.index(one.kind), -one.last_us, one.source)))


def _basis(link: NumberLink, kind: str = "", via: str = "") -> Basis:
    return Basis(
        kind or link.kind, link.source, link.first_us, link.last_us, link.fact, link.detail,
        link.dealer, via,
    )  # fmt: skip


def _registrant(links: Sequence[NumberLink]) -> str | None:
    told = [link for link in links if link.kind == "subscription"]
    newest = max(told, key=lambda link: link.last_us, default=None)
    return None if newest is None or newest.detail == "deactivated" else newest.other


def _devices(
    session: Session, seen: Sequence[NumberLink]
) -> tuple[tuple[Device, ...], list[NumberLink]]:
    """The devices, and who holds the other numbers seen in them."""
    made: list[Device] = []
    others: set[str] = set()
    for link in sorted(seen, key=lambda one: -one.last_us)[:MOST_DEVICES]:
        asked = select(NumberLink.phone).where(
            NumberLink.other == link.other, NumberLink.kind == "call",
            NumberLink.phone != link.phone,
        )  # fmt: skip
        numbers = session.scalars(asked.distinct().limit(MOST_NUMBERS + 1)).all()
        made.append(Device(link.other, link.source, link.first_us, link.last_us, len(numbers)))
        others |= set(numbers) if len(numbers) <= MOST_NUMBERS else set()
    held = [link for link in registrants(session, others).values() if link.detail != "deactivated"]
    return tuple(made), held


def _cases(
    session: Session, officer: Person, phone: str
) -> tuple[tuple[str, ...], Mapping[str, int]]:
    """Cases that have the number: those in view, and by region how many are not."""
    Case, entity = orm.Case, orm.CaseEntity
    having = select(entity.case_id).where(entity.kind == "phone", entity.subject == phone)
    seen = set(session.scalars(select(Case.id).where(Case.id.in_(having), rights.in_view(officer))))
    hidden: dict[str, int] = {}
    for case, region in session.execute(select(Case.id, Case.region).where(Case.id.in_(having))):
        if case not in seen:
            hidden[region] = hidden.get(region, 0) + 1
    return tuple(sorted(seen, reverse=True)), dict(sorted(hidden.items()))


def _of_cases(session: Session, cases: Sequence[str]) -> list[tuple[str, Basis]]:
    """People named in the same cases; the victim, who was called, is none of them."""
    entity = orm.CaseEntity
    asked = select(entity).where(
        entity.case_id.in_(cases[:MOST_NUMBERS]), entity.kind == "person", entity.source != "victim"
    )
    return [
        (row.subject, Basis("case", row.case_id, row.first_us, row.first_us))
        for row in session.scalars(asked)
    ]


def _of_drops(session: Session, officer: Person, phone: str) -> list[tuple[str, Basis]]:
    """Drops that were recruited by the number, or who recruit by it."""
    asked = (
        select(orm.Drop.person, orm.Drop.id, orm.DropChannel.at_us)
        .join(orm.DropChannel, orm.DropChannel.drop_id == orm.Drop.id)
        .where(
            orm.DropChannel.kind == "phone", orm.DropChannel.subject == phone,
            orm.Drop.person.is_not(None), orm.Drop.expired_us.is_(None), drops.in_view(officer),
        )
    )  # fmt: skip
    found = session.execute(asked)
    return [(person, Basis("drop", drop, at, at)) for person, drop, at in found if person]
