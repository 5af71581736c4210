"""Confirm → provisional hold → statement → trail extended → next bank, by machine (REQ-44).

A pursuit looks at all cases that share accounts with the given ones, follows their money over
the lake, keeps their trails, and drafts what the policy lets the machine draft. Computing takes
its time and writes nothing; settling is one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import order_book, trails
from qalqan.cases.holds import holds, releases
from qalqan.cases.orders import Event
from qalqan.cases.places import places
from qalqan.cases.policy import PursuitPolicy, current
from qalqan.cases.questions import statements
from qalqan.cases.returns import overtaken, returns
from qalqan.cases.situation import Bank, Claim, Draft, Situation, with_left
from qalqan.lake.sealing import newest_seal
from qalqan.model.order import Order
from qalqan.register import orm
from qalqan.register.database import Database
from qalqan.trail import Document, document
from qalqan.trail.kept import KeptTrails
from qalqan.trail.policy import default
from qalqan.trail.semantics import Root

_ROUNDS = 20
"""Each round brings in cases that share an account found in the round before."""
STEPS = (holds, statements, releases, returns)
"""What the machine considers, in this order: a hold goes before its statement."""


@dataclass(frozen=True)
class Pursuit:
    """Trails of cases that were followed together, not yet kept."""

    documents: Mapping[str, list[Document]]
    """Case → one document a currency."""
    as_of_us: int
    newest: int
    """Newest order event in the register when the pursuit began."""


def follow_cases(database: Database, kept: KeptTrails, case_ids: Iterable[str]) -> Pursuit:
    """Follow the money of these cases and of all that share accounts with them.

    Raises:
        Unavailable: the lake's engine does not answer.
    """
    with database.session() as session:
        newest = _newest_event(session)
        cases = trails.joined(session, case_ids)
        roots = trails.roots_of(session, cases)
        seal = newest_seal(session)
        home = frozenset(_banks(session))
    now = clock.now_us()
    documents: dict[str, list[Document]] = {}
    for _ in range(_ROUNDS):
        documents = _documents(kept, roots, now, seal, home)
        found = {node["account"] for d in documents.values() for one in d for node in one["nodes"]}
        with database.session() as session:
            more = trails.joined(session, trails.touched(session, found)) - cases
            roots |= trails.roots_of(session, more)
        cases |= more
        if not more:
            break
    else:  # no case goes without a trail; the next pursuit looks further
        documents = _documents(kept, roots, now, seal, home)
    return Pursuit({case: documents.get(case, []) for case in cases}, now, newest)


def _documents(
    kept: KeptTrails,
    roots: Mapping[str, list[Root]],
    now: int,
    seal: int,
    home: frozenset[str],
) -> dict[str, list[Document]]:
    policy = default()
    found: dict[str, list[Document]] = {}
    everyone = [root for of in roots.values() for root in of]
    for currency in sorted({root.currency for root in everyone}):
        asked = [root for root in everyone if root.currency == currency]
        trail = kept.follow(asked, policy, now, seal, home)
        for case, of in sorted(roots.items()):
            claims = {root.claim for root in of if root.currency == currency}
            if claims:
                found.setdefault(case, []).append(document(trail, claims))
    return found


def settle(session: Session, pursuit: Pursuit) -> int:
    """Keep the trails and draft what follows from them; returns how many orders.

    If an answer came while the trails were computed, nothing is kept: the job that the answer
    queued looks at all of it again.

    Raises:
        NotAllowed: no policy in force that two people approved.
    """
    if _is_stale(session, pursuit):
        return 0
    now = clock.now_us()
    for case_id, documents in pursuit.documents.items():
        trails.keep(session, case_id, documents, now)
    policy = current(session, now)
    drafted, seen = 0, _situation(session, pursuit, policy, now)
    for order in list(overtaken(seen)):
        taken_back = order_book.step(session, order, Event.WITHDRAW, order_book.MACHINE, now)
        seen = replace(seen, orders=[taken_back if o is order else o for o in seen.orders])
    for step in STEPS:
        tried = [_draft(session, policy, draft) for draft in step(seen)]
        fresh = [order for order in tried if order is not None]
        seen = replace(seen, orders=[*seen.orders, *fresh])
        drafted += len(fresh)
    return drafted


def _is_stale(session: Session, pursuit: Pursuit) -> bool:
    """Has any of these cases had an answer since the pursuit began?"""
    newer = (
        select(orm.OrderEvent.id)
        .join(orm.Order, orm.Order.id == orm.OrderEvent.order_id)
        .where(
            orm.OrderEvent.id > pursuit.newest,
            orm.OrderEvent.event == Event.ANSWER,
            orm.Order.case_id.in_(list(pursuit.documents)),
        )
        .limit(1)
    )
    return session.scalar(newer) is not None


def _draft(session: Session, policy: PursuitPolicy, draft: Draft) -> Order | None:
    """Draft one order unless its case has had more than the policy allows."""
    of_case = select(func.count()).where(orm.Order.case_id == draft.order.case_id)
    if (session.scalar(of_case) or 0) >= policy.orders_a_case:
        return None
    return order_book.draft(session, draft.order, draft.limit)


def _situation(session: Session, pursuit: Pursuit, policy: PursuitPolicy, now: int) -> Situation:
    documents = [one for of in pursuit.documents.values() for one in of]
    reports = session.scalars(
        select(orm.Report).where(orm.Report.case_id.in_(list(pursuit.documents)))
    )
    orders, banks = order_book.of_cases(session, pursuit.documents), _banks(session)
    return Situation(
        now_us=now,
        policy=policy,
        places=with_left(places(documents, default().rule), orders, banks, now),
        orders=orders,
        banks=banks,
        claims={r.id: Claim(r.id, r.case_id, r.payer_account) for r in reports},
    )


def _banks(session: Session) -> dict[str, Bank]:
    partners = session.scalars(
        select(orm.Partner).where(orm.Partner.bank_code.is_not(None), orm.Partner.active)
    )
    return {p.bank_code: Bank(p.code, "payment" in p.feeds) for p in partners if p.bank_code}


def _newest_event(session: Session) -> int:
    return session.scalar(select(func.max(orm.OrderEvent.id))) or 0
