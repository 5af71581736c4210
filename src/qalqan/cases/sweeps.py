"""What retention takes, sweep by sweep: values of each class, contents of documents, who was never
proven; and what it gives back (`cases.vault_retention` says how long and why).

A case is kept whole by a legal hold on it or on everything, and a value by any open or younger
case, a drop, an officer, an indicator or a finding that it belongs to (`cases.named`). A value that
came anew lately stays for another term, and one that an auditor has blocked waits for him. What
goes is told in the audit as one row with a digest of the tokens, which stay, so that pages can say
what was there and verification still adds up.

Each sweep is found without a lock and found again under one: whoever places a hold, opens a case
again or names a value meanwhile comes first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from qalqan.cases import documents, named, sweeping
from qalqan.cases.named import Term
from qalqan.cases.sweeping import Held, Sweep
from qalqan.cases.unproven import Findings, Identifiers
from qalqan.cases.vault_retention import UNPROVEN, VaultPolicy
from qalqan.register import audit, blocking, orm
from qalqan.register.log_rows import token_digest
from qalqan.trust.keys import CLASSES
from qalqan.trust.tokens import PREFIXES


def of(policy: VaultPolicy) -> Iterator[Sweep]:
    """The sweeps of a policy, in their order."""
    yield Freed(policy)
    if UNPROVEN in policy.days:
        yield Identifiers(policy)
        yield Findings(policy)
    if "document" in policy.days:
        yield Contents(policy)
    for klass in CLASSES:
        if klass in policy.days:
            yield Values(policy, klass)
    for klass in ("words", "phone"):
        if klass in policy.days:
            yield Refused(policy, klass)


@dataclass(frozen=True)
class _OfClass:
    """Values of one class go by that class's term."""

    policy: VaultPolicy
    klass: str

    def take(self, session: Session, going: list[str], held: Held) -> int:
        if held is None:
            return 0
        return sweeping.end(
            session, self.klass, going, self._term(held), self.policy.why(self.klass)
        )

    def _term(self, held: Collection[str]) -> Term:
        return Term(self.policy.since_us(self.klass), held)


@dataclass(frozen=True)
class Values(_OfClass):
    """Values of a class that only cases past their term name."""

    @property
    def name(self) -> str:
        return self.klass

    def pieces(self, session: Session) -> list[Sequence[str]]:
        return sweeping.over(session, self._term(()))

    def find(self, session: Session, piece: Sequence[str], held: Held) -> list[str]:
        if held is None:
            return []
        term = self._term(held)
        cases = sweeping.still_over(session, piece, term)
        going = sweeping.waiting(
            session, self.klass, sorted(named.by_cases(session, self.klass, cases)), term
        )
        return sorted(set(going) - named.needed(session, self.klass, going, term))


@dataclass(frozen=True)
class Refused(_OfClass):
    """Values of a class that only refused callers' appeals name, which belong to no case; past
    their term so long after the decision. A piece is tokens."""

    @property
    def name(self) -> str:
        return f"refused_{self.klass}"

    def pieces(self, session: Session) -> list[Sequence[str]]:
        row, us = orm.CallAppeal, self._term(()).us
        found: set[str | None] = set()
        for place in named.PLACES:
            if place.column.class_ is row and self.klass in place.classes:
                found |= set(session.scalars(select(place.column).where(row.decided_us <= us)))
        return list(named.pieces(sorted(token for token in found if token)))

    def find(self, session: Session, piece: Sequence[str], held: Held) -> list[str]:
        if held is None:
            return []
        term = self._term(held)
        going = sweeping.waiting(session, self.klass, piece, term)
        return sorted(set(going) - named.needed(session, self.klass, going, term))


@dataclass(frozen=True)
class Contents:
    """What is in documents of cases past their term."""

    policy: VaultPolicy
    name: str = "contents"

    def pieces(self, session: Session) -> list[Sequence[str]]:
        return sweeping.over(session, self._term(()))

    def find(self, session: Session, piece: Sequence[str], held: Held) -> list[str]:
        if held is None:
            return []
        term, file = self._term(held), orm.CaseDocument
        cases = sweeping.still_over(session, piece, term)
        there = file.gone_us.is_(None), file.added_us <= term.us
        return list(session.scalars(select(file.id).where(file.case_id.in_(cases), *there)))

    def take(self, session: Session, going: list[str], held: Held) -> int:
        documents.forget(session, going, self.policy.why("document"))
        return len(going)

    def _term(self, held: Collection[str]) -> Term:
        return Term(self.policy.since_us("document"), held)


@dataclass(frozen=True)
class Freed:
    """Values that retention has blocked and that something needs again."""

    policy: VaultPolicy
    name: str = "freed"

    def pieces(self, session: Session) -> list[Sequence[str]]:
        block = orm.VaultBlock
        asked = select(block.token).where(block.blocked_by == blocking.RETENTION)
        return list(named.pieces(session.scalars(asked.order_by(block.token)).all()))

    def find(self, session: Session, piece: Sequence[str], held: Held) -> list[str]:
        free: set[str] = set()
        for klass, prefix in PREFIXES.items():
            mine = [token for token in piece if token.startswith(f"{prefix}_")]
            if not mine:
                continue
            if held is None:
                free |= set(mine)
            else:
                known = klass in self.policy.days
                term = Term(self.policy.since_us(klass) if known else 0, held)
                free |= named.needed(session, klass, mine, term)
        return sorted(free)

    def take(self, session: Session, going: list[str], held: Held) -> int:
        block = orm.VaultBlock
        for some in named.pieces(going):
            mine = block.token.in_(some), block.blocked_by == blocking.RETENTION
            session.execute(delete(block).where(*mine))
        rows, digest = len(going), token_digest(going)
        audit.note(
            session, blocking.RETENTION, "vault.unblock", "vault", "vault", "needed again",
            rows=rows, digest=digest,
        )  # fmt: skip
        return rows
