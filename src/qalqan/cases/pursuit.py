"""Confirm → provisional hold → statement → trail extended → next bank, by machine (REQ-44).

A pursuit looks at all cases that share accounts with the given ones, follows their money over
the lake, keeps their trails, and drafts what the policy lets the machine draft. Computing takes
its time and writes nothing; settling is one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import figures, hazards, order_book, standing, trails, watch
from qalqan.cases.holds import holds, releases
from qalqan.cases.orders import Event
from qalqan.cases.places import places
from qalqan.cases.policy import PursuitPolicy, current
from qalqan.cases.questions import statements
from qalqan.cases.returns import overtaken, returns
from qalqan.cases.situation import Bank, Claim, Draft, Situation, with_left
from qalqan.cases.watch import Paid
from qalqan.clock import DAY
from qalqan.lake.sealing import newest_seal
from qalqan.model.order import Order, State
from qalqan.register import jobs, orm
from qalqan.register.database import Database
from qalqan.trail import Document, Trail, document
from qalqan.trail.policy import default
from qalqan.trail.semantics import Root, Transfer
from qalqan.trail.standing import Standing, standings

if TYPE_CHECKING:
    from qalqan.trail.kept import Trails

Bounds = Mapping[str, Standing]
"""Account → what bounds a hold there."""
_RECENT_US = 30 * DAY
"""Payments into followed accounts that are looked through for a warning; the policy says less."""
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
    paid: Sequence[Paid] = ()
    """What others paid into the followed accounts lately."""


def follow_cases(
    database: Database,
    kept: Trails,
    case_ids: Iterable[str],
) -> Pursuit:
    """Follow the money of these cases and of all that share accounts with them; the balances that
    banks told bound what will be held.

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
    followed: list[Trail] = []
    for _ in range(_ROUNDS):
        followed = _follow(kept, roots, now, seal, home)
        found = {account for trail in followed for account in trail.hops}
        with database.session() as session:
            more = trails.joined(session, trails.touched(session, found)) - cases
            roots |= trails.roots_of(session, more)
        cases |= more
        if not more:
            break
    else:  # no case goes without a trail; the next pursuit looks further
        followed = _follow(kept, roots, now, seal, home)
    around = [_around(kept, trail) for trail in followed]
    documents = _documents(followed, roots, [bounds for bounds, _ in around])
    paid = [
        one
        for trail, (_, transfers) in zip(followed, around, strict=True)
        for one in watch.into(trail.hops, transfers, now - _RECENT_US)
    ]
    return Pursuit({case: documents.get(case, []) for case in cases}, now, newest, paid)


def _follow(
    kept: Trails, roots: Mapping[str, list[Root]], now: int, seal: int, home: frozenset[str]
) -> list[Trail]:
    """One trail a currency."""
    by_currency: dict[str, list[Root]] = {}
    for root in (root for of in roots.values() for root in of):
        by_currency.setdefault(root.currency, []).append(root)
    policy = default()
    return [kept.follow(of, policy, now, seal, home) for _, of in sorted(by_currency.items())]


def _documents(
    followed: Iterable[Trail], roots: Mapping[str, list[Root]], of: Iterable[Bounds]
) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {}
    for trail, bounds in zip(followed, of, strict=True):
        for case, mine in sorted(roots.items()):
            claims = {root.claim for root in mine if root.currency == trail.currency}
            if claims:
                told = document(trail, claims)
                here = {node["account"] for node in told["nodes"]} & bounds.keys()
                told["standings"] = {account: list(bounds[account]) for account in sorted(here)}
                found.setdefault(case, []).append(told)
    return found


def _around(kept: Trails, trail: Trail) -> tuple[Bounds, Collection[Transfer]]:
    """What bounds holds at the followed accounts, and all payments told of these."""
    found = kept.around(trail)
    bounds = standings(trail, found, trail.policy.rule, trail.hops)
    return bounds, found.transfers


def settle(session: Session, pursuit: Pursuit) -> int:
    """Keep the trails and draft what follows from them; returns how many orders.

    If an answer came while the trails were computed, nothing is kept: the job that the answer
    queued looks at all of it again.

    Raises:
        NotAllowed: no policy in force that two people approved.
    """
    trails.draft_alone(session, pursuit.documents)
    if _is_stale(session, pursuit):
        return 0
    now = clock.now_us()
    policy = current(session, now)
    orders = order_book.of_cases(session, pursuit.documents)
    seen = situation(session, pursuit.documents, orders, policy, now)
    kept = figures.of_documents(pursuit.documents, seen.orders, now)
    for case_id, documents in pursuit.documents.items():
        trails.keep(session, case_id, documents, now, kept[case_id])
    drafted = _draft_all(session, policy, seen)
    watch.list_earlier(session, pursuit.paid, policy, now)
    watch.forget(session, now)
    standing.retold(session, pursuit.documents, orders, now)
    return drafted


def _draft_all(session: Session, policy: PursuitPolicy, seen: Situation) -> int:
    drafted = 0
    for order in list(overtaken(seen)):
        if order.state is not State.DRAFTED and jobs.is_at_work(
            session, order_book.DELIVER, order.partner
        ):
            continue  # it may be on its way to the bank this very moment
        taken_back = order_book.step(
            session, order, Event.WITHDRAW, order_book.MACHINE, seen.now_us
        )
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


def situation(
    session: Session,
    documents: Mapping[str, list[Document]],
    orders: Sequence[Order],
    policy: PursuitPolicy,
    now: int,
) -> Situation:
    """What the machine looks at: the trails of cases that were followed together, their orders."""
    reports = session.scalars(select(orm.Report).where(orm.Report.case_id.in_(list(documents))))
    banks, whole = _banks(session), [one for of in documents.values() for one in of]
    return Situation(
        now_us=now,
        policy=policy,
        places=with_left(places(whole, default().rule), orders, banks, now),
        orders=orders,
        banks=banks,
        claims={r.id: Claim(r.id, r.case_id, r.payer_account) for r in reports},
        hazard=hazards.current(session),
        amounts=_amounts(whole),
    )


def _amounts(documents: Iterable[Document]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for told in documents:
        for claim in told["claims"]:
            key = claim["claim"], told["currency"]
            found[key] = found.get(key, 0) + claim["amount"]
    return found


def _banks(session: Session) -> dict[str, Bank]:
    partners = session.scalars(
        select(orm.Partner).where(orm.Partner.bank_code.is_not(None), orm.Partner.active)
    )
    return {p.bank_code: Bank(p.code, "payment" in p.feeds) for p in partners if p.bank_code}


def _newest_event(session: Session) -> int:
    return session.scalar(select(func.max(orm.OrderEvent.id))) or 0
