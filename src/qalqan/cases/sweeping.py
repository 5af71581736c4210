"""What all sweeps of retention share: what one is, which cases and values are past a term, and how
a value ends (`cases.sweeps`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import named
from qalqan.cases.named import Term
from qalqan.cases.vault_retention import BLOCKED
from qalqan.register import blocking, names, orm, vault

CASES_AT_ONCE = 500
Held = Collection[str] | None
"""Cases under a legal hold; None: everything is under one."""


class Sweep(Protocol):
    """One kind of thing that goes."""

    @property
    def name(self) -> str:
        """How it is called in the answer."""

    def pieces(self, session: Session) -> list[Sequence[str]]:
        """Where to look, a piece at a time."""

    def find(self, session: Session, piece: Sequence[str], held: Held) -> list[str]:
        """What there is to go; writes nothing."""

    def take(self, session: Session, going: list[str], held: Held) -> int:
        """Let it go; how many there were. A write transaction in which no hold is placed and no
        case opened."""


def over(session: Session, term: Term) -> list[Sequence[str]]:
    """Cases that are past a term, a piece at a time."""
    asked = select(orm.Case.id).where(term.is_over).order_by(orm.Case.id)
    cases = session.scalars(asked).all()
    return [cases[at : at + CASES_AT_ONCE] for at in range(0, len(cases), CASES_AT_ONCE)]


def still_over(session: Session, cases: Sequence[str], term: Term) -> list[str]:
    """Those of the cases that are past the term by now."""
    return list(session.scalars(select(orm.Case.id).where(orm.Case.id.in_(cases), term.is_over)))


def waiting(session: Session, klass: str, tokens: Sequence[str], term: Term) -> list[str]:
    """Those of the values that are still there, older than the term, and blocked by nobody."""
    entry, block = orm.VaultEntry, orm.VaultBlock
    asked = select(entry.token).where(
        entry.created_us <= term.us, ~select(block.token).where(block.token == entry.token).exists()
    )
    found = [
        token
        for some in named.pieces(tokens)
        for token in session.scalars(asked.where(entry.token.in_(some)))
    ]
    return found if klass not in BLOCKED else sorted(set(found) - _opened(session, found, term))


def _opened(session: Session, tokens: Sequence[str], term: Term) -> set[str]:
    """What an auditor has unblocked within the term stays so."""
    row = orm.Audit
    asked = select(row.object).where(row.action == "vault.unblock", row.at_us > term.us)
    return {
        token
        for some in named.pieces(tokens)
        for token in session.scalars(asked.where(row.object.in_(some)))
    }


def end(session: Session, klass: str, going: Sequence[str], term: Term, why: str) -> int:
    """Delete values, or block those of a class that facts may need; how many."""
    mine = vault.unheld(session, going)
    mine = sorted(set(mine) - named.needed(session, klass, mine, term))
    if klass in BLOCKED:
        if mine:
            blocking.retain(session, mine, why)
        return len(mine)
    if klass == "name":
        _unlisted(session, mine)
    return len(vault.drop(session, mine, why))


def _unlisted(session: Session, going: Sequence[str]) -> None:
    """Nobody is found any more by a name that goes."""
    for some in named.pieces(going):
        reports = select(orm.Report.id).where(orm.Report.victim_name.in_(some))
        drops = select(orm.Drop.id).where(orm.Drop.name.in_(some))
        for kind, named_so in (("victim", reports), ("drop", drops)):
            for number in session.scalars(named_so).all():
                names.forget(session, kind, number)
