"""Who was looked at and never proven: the label goes after a term of its own (product, section 6).

Unproven is an identifier that an officer added by hand to a case, closed since, and that nothing
ties to anything: no report, payment, order, drop, indicator or other case names it, and no finding
that stands. Its line in the case goes, and its value if that is personal. Unproven is as well
whoever only findings name that officers dismissed or that no rule sees any more; the findings stay,
for a dismissal outlives versions, and name a token alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from qalqan.cases import named, sweeping
from qalqan.cases.entities import SEALED
from qalqan.cases.named import Place, Term
from qalqan.cases.sweeping import Held
from qalqan.cases.vault_retention import UNPROVEN, VaultPolicy
from qalqan.register import audit, orm
from qalqan.trust.tokens import PREFIXES

PEOPLES = (*SEALED, "handle", "ip", "imei")
"""Kinds of identifier that lead to somebody; sites and links lead to no one."""
_OTHERS = tuple(
    place
    for place in named.PLACES
    if set(place.classes) & set(named.TOLD) and place.column.class_ is not orm.FindingRow
)


@dataclass(frozen=True)
class Identifiers:
    """Lines of closed cases, by their officer and tied to nothing; a piece is cases."""

    policy: VaultPolicy
    name: str = "identifiers"

    def pieces(self, session: Session) -> list[Sequence[str]]:
        return sweeping.over(session, _term(self.policy, ()))

    def find(self, session: Session, piece: Sequence[str], held: Held) -> list[str]:
        if held is None:
            return []
        term, row = _term(self.policy, held), orm.CaseEntity
        told = select(row.subject).where(
            row.case_id.in_(sweeping.still_over(session, piece, term)),
            row.source == "officer",
            row.kind.in_(PEOPLES),
            row.first_us <= term.us,
        )
        subjects = sorted(set(session.scalars(told)))
        once = select(row.subject).group_by(row.subject).having(func.count() == 1)
        alone = {
            subject
            for some in named.pieces(subjects)
            for subject in session.scalars(once.where(row.subject.in_(some)))
        }
        others = [place for place in _OTHERS if place.column is not row.subject]
        return sorted(alone - _named(session, sorted(alone), others, term))

    def take(self, session: Session, going: list[str], held: Held) -> int:
        why, row = self.policy.why(UNPROVEN), orm.CaseEntity
        for some in named.pieces(going):
            counted = select(row.case_id, func.count()).where(row.subject.in_(some))
            for case, rows in session.execute(counted.group_by(row.case_id)).all():
                audit.note(session, "work", "retention.drop", "case", case, why, identifiers=rows)
            session.execute(delete(row).where(row.subject.in_(some)))
        session.flush()
        _end(session, self.policy, going, held)
        return len(going)


@dataclass(frozen=True)
class Findings:
    """Whoever only dismissed or faded findings name; a piece is tokens."""

    policy: VaultPolicy
    name: str = UNPROVEN

    def pieces(self, session: Session) -> list[Sequence[str]]:
        row, entry = orm.FindingRow, orm.VaultEntry
        asked = select(row.subject).join(entry, entry.token == row.subject).distinct()
        asked = asked.where(row.state.in_(("dismissed", "faded")))
        return list(named.pieces(session.scalars(asked.order_by(row.subject)).all()))

    def find(self, session: Session, piece: Sequence[str], held: Held) -> list[str]:
        if held is None:
            return []
        term = _term(self.policy, held)
        there = [
            token
            for klass in PREFIXES
            for token in sweeping.waiting(session, klass, _of(klass, piece), term)
        ]
        return sorted(set(there) - _named(session, there, _OTHERS, term))

    def take(self, session: Session, going: list[str], held: Held) -> int:
        return _end(session, self.policy, going, held)


def _term(policy: VaultPolicy, held: Held) -> Term:
    return Term(policy.since_us(UNPROVEN), held or ())


def _of(klass: str, subjects: Sequence[str]) -> list[str]:
    return [each for each in subjects if each.startswith(f"{PREFIXES[klass]}_")]


def _named(
    session: Session, subjects: Sequence[str], places: Sequence[Place], term: Term
) -> set[str]:
    """Those of the subjects that something else names, of whatever age, or a finding that stands
    or was decided on lately."""
    row = orm.FindingRow
    stands = or_(
        row.state.not_in(("dismissed", "faded")),
        and_(row.state == "dismissed", or_(row.decided_us.is_(None), row.decided_us > term.us)),
        and_(row.state == "faded", row.updated_us > term.us),
    )
    asked = [select(place.column).distinct() for place in places]
    asked.append(select(row.subject).where(stands).distinct())
    columns = [*(place.column for place in places), row.subject]
    return {
        subject
        for some in named.pieces(subjects)
        for each, column in zip(asked, columns, strict=True)
        for subject in session.scalars(each.where(column.in_(some)))
    }


def _end(session: Session, policy: VaultPolicy, going: Sequence[str], held: Held) -> int:
    """Delete or block the values of subjects that are tokens."""
    if held is None:
        return 0
    term, ended = _term(policy, held), 0
    for klass in PREFIXES:
        mine = sweeping.waiting(session, klass, _of(klass, going), term)
        mine = sorted(set(mine) - _named(session, mine, _OTHERS, term))
        ended += sweeping.end(session, klass, mine, term, policy.why(UNPROVEN))
    return ended
