"""Standings as time passes: money leaves and terms run although nobody does anything; and all of
them made anew (issue 5, Build 4)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import standing, trails
from qalqan.cases.order_book import find
from qalqan.model.order import Kind, State
from qalqan.register import orm
from qalqan.register.database import Database

SWEEP = "sweep"
"""Name of the lease of whoever sweeps."""
_PIECE = 200
_MISSING = 500


def sweep(database: Database) -> int:
    """Weigh again what moves, and give a standing to cases without one; returns how many were
    looked at."""
    with database.session() as session:
        active = select(orm.CaseStanding.case_id).where(orm.CaseStanding.active)
        wanted = list(session.scalars(active.order_by(orm.CaseStanding.case_id)))
        known = select(orm.CaseStanding.case_id)
        without = select(orm.Case.id).where(orm.Case.id.not_in(known)).limit(_MISSING)
        missing = list(session.scalars(without))
    for piece in _pieces(wanted):
        with database.write() as session:
            standing.refresh(session, piece)
    for piece in _pieces(missing):
        with database.write() as session:
            _anew(session, piece)
    return len(wanted) + len(missing)


def rebuild(database: Database) -> int:
    """Make all standings and their totals anew; returns how many."""
    with database.write() as session:
        session.execute(delete(orm.StandingTotal))
        session.execute(delete(orm.CaseStanding))
    with database.session() as session:
        cases = list(session.scalars(select(orm.Case.id).order_by(orm.Case.id)))
    for piece in _pieces(cases):
        with database.write() as session:
            _anew(session, piece)
    return len(cases)


def _anew(session: Session, case_ids: Sequence[str]) -> None:
    """Standings from the trails, with what is held at the accounts that cases share."""
    around = trails.joined(session, case_ids)
    documents = trails.newest_of(session, around)
    holds = find(
        session,
        orm.Order.case_id.in_(around),
        orm.Order.kind == Kind.HOLD,
        orm.Order.state.in_([State.ANSWERED, State.APPEALED]),
    )
    now = clock.now_us()
    standing.retold(session, {case: documents.get(case, []) for case in around}, holds, now)


def _pieces(case_ids: Sequence[str]) -> list[Sequence[str]]:
    return [case_ids[start : start + _PIECE] for start in range(0, len(case_ids), _PIECE)]
