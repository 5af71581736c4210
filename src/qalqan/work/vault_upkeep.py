"""The night's work on the vault: what is over its term goes, and boxes that an older key sealed are
sealed anew (REQ-18; Law 94-V, article 12)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from qalqan.cases import sweeps, vault_retention
from qalqan.cases.sweeping import Sweep
from qalqan.cases.vault_retention import VaultPolicy
from qalqan.register import dialect, rekeying
from qalqan.register.database import Database
from qalqan.register.orm import Case, LegalHold
from qalqan.trust.keys import CLASSES, Keys
from qalqan.work import legal_holds

_HOLDS, _CASES = cast(Table, LegalHold.__table__), cast(Table, Case.__table__)


def forget(database: Database) -> dict[str, int]:
    """Let go what is over its term; sweep → how many. Nothing without a policy in force. Pieces
    commit by themselves: whoever is cut off goes on the next time."""
    with database.session() as session:
        policy = vault_retention.current(session)
    if policy is None:
        return {}
    return {sweep.name: _swept(database, policy, sweep) for sweep in sweeps.of(policy)}


def _swept(database: Database, policy: VaultPolicy, sweep: Sweep) -> int:
    with database.session() as session:
        pieces = sweep.pieces(session)
    gone = 0
    for piece in pieces:
        with database.session() as session:
            if not sweep.find(session, piece, held(session)):
                continue
        with database.write() as session:
            dialect.write_alone(session, _HOLDS)  # nobody places one, or opens a case again, now
            dialect.write_alone(session, _CASES)
            if vault_retention.current(session) != policy:
                return gone
            if going := sweep.find(session, piece, held(session)):
                gone += sweep.take(session, going, held(session))
    return gone


def held(session: Session) -> Collection[str] | None:
    """Cases under a legal hold; None: everything is."""
    cases = set()
    for row in legal_holds.standing(session):
        if row.case_id is not None:
            cases.add(row.case_id)
        elif row.kind is None and row.first_day is None and row.last_day is None:
            return None
    return cases


def rekey(
    database: Database, keys: Keys, told: Callable[[int], None] = lambda _: None
) -> dict[str, int]:
    """Seal anew what an older key sealed, class by class; class → boxes. Pieces commit by
    themselves: whoever is cut off goes on the next time."""
    fresh = keys if keys.path is None else Keys.load(keys.path)
    return {klass: rekeying.rekey(database, fresh, klass, told) for klass in CLASSES}
