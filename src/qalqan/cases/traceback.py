"""Who handed the calls over? A campaign traced back, provider by provider (REQ-49).

Each question is an order of kind `data` that asks for the origin of calls: it names one of them by
its called number and moment, which every provider can look up, whatever number the caller showed;
it has its ground, its term by the policy, and the clocks and the ladder of every order. Whoever is
named in the answer is asked next, until somebody started the calls himself, keeps no logs,
refuses, stays silent, or is no partner: then a person goes on. What was answered stays on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan.cases import order_book
from qalqan.cases.grounds import usual_ground
from qalqan.cases.orders import Event
from qalqan.cases.policy import PursuitPolicy, current
from qalqan.cases.reasons import reason, when
from qalqan.errors import ContractBroken, NotAllowed
from qalqan.exchange.order_message import Answer
from qalqan.model.order import Asked, Kind, Order, Outcome, State, SubjectKind
from qalqan.register import orm

PARTNERS = frozenset({"operator"})
"""Kinds of partner that carry calls."""
_KEYS = "traceback:"
"""Idempotency keys of its questions begin so; campaign and place in the row follow."""


class Stand(StrEnum):
    """What has become of one question."""

    ASKED = "asked"
    NAMED = "named"
    """It told who had handed the calls over."""
    STARTED = "started"
    """They began in its own network."""
    NO_LOGS = "no_logs"
    """It keeps no logs (REQ-49)."""
    REFUSED = "refused"
    SILENT = "silent"
    """Its time is up, and it has not answered."""
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Hop:
    """One question on the way back."""

    order: Order
    stand: Stand
    peer: str = ""
    """Whom it named: a partner's code, or the name that it used."""


def begin(session: Session, campaign: orm.CallCampaign, policy: PursuitPolicy, now: int) -> Order:
    """Ask the trunk's provider; where it is no partner, the operator whose trunk it is."""
    return _ask(session, campaign, first_asked(session, campaign), policy, now, 0)


def first_asked(session: Session, campaign: orm.CallCampaign) -> str:
    """Who is behind the trunk, as the edges' tables tell it, if it can be asked."""
    edges = select(orm.CallEdge.told).where(orm.CallEdge.partner == campaign.source)
    for told in session.scalars(edges):
        code = told.get("trunks", {}).get(campaign.trunk, "")
        if code and _may_be_asked(session, code):
            return str(code)
    return campaign.source


def _may_be_asked(session: Session, code: str) -> bool:
    row = session.get(orm.Partner, code)
    return row is not None and row.active and row.kind in PARTNERS


def _key(campaign: int, hop: int) -> str:
    return f"{_KEYS}{campaign}:{hop}"


def _ask(
    session: Session, campaign: orm.CallCampaign, partner: str, policy: PursuitPolicy, now: int,
    hop: int,
) -> Order:  # fmt: skip
    """The question to one provider; asking again under the same number is the same question."""
    if campaign.case_id is None:
        raise ContractBroken(f"campaign {campaign.id} has no case")
    words = "origin_own" if partner == campaign.source else "origin"
    return order_book.draft(session, Order(
        id="", case_id=campaign.case_id, kind=Kind.DATA, partner=partner, state=State.DRAFTED,
        ground=usual_ground(Kind.DATA, now).code, drafted_by=policy.actor,
        idempotency_key=_key(campaign.id, hop), created_us=now,
        due_us=now + policy.traceback_us,
        from_us=campaign.first_us, to_us=campaign.last_us,
        subject=campaign.sample,
        subject_kind=SubjectKind.PHONE if campaign.sample else None,
        asked=(Asked.ORIGIN,),
        reason=reason(words, calls=campaign.calls, first=when(campaign.first_us),
                      last=when(campaign.last_us), at=when(campaign.sample_us),
                      trunk=campaign.trunk, to=campaign.source),
    ))  # fmt: skip


def answered(session: Session, order: Order, answer: Answer, now: int) -> Order | None:
    """Ask whom the answer named, if that goes on; the new question.

    An answer that names nobody new ends the machine's part; so does one under a policy that two
    people have not approved.
    """
    campaign = _campaign_of(session, order)
    if campaign is None or answer.outcome is not Outcome.DONE or not answer.peer:
        return None
    asked = hops(session, campaign.id)
    try:
        policy = current(session, now)
    except NotAllowed:
        return None
    known = {hop.order.partner for hop in asked}
    peer = answer.peer.strip()
    if peer in known or len(asked) >= policy.traceback_hops or not _may_be_asked(session, peer):
        return None
    return _ask(session, campaign, peer, policy, now, len(asked))


def _campaign_of(session: Session, order: Order) -> orm.CallCampaign | None:
    if not order.idempotency_key.startswith(_KEYS) or Asked.ORIGIN not in order.asked:
        return None
    campaign = order.idempotency_key.removeprefix(_KEYS).partition(":")[0]
    return session.get(orm.CallCampaign, int(campaign))


def count_answered(session: Session) -> int:
    """How many questions have an answer, of all campaigns."""
    row = orm.Order
    asked = select(func.count()).where(
        row.idempotency_key.startswith(_KEYS), row.answered_us.is_not(None)
    )
    return session.scalar(asked) or 0


def hops(session: Session, campaign: int) -> list[Hop]:
    """The questions asked so far, the first one first."""
    orders = order_book.find(session, orm.Order.idempotency_key.startswith(f"{_KEYS}{campaign}:"))
    orders.sort(key=lambda order: int(order.idempotency_key.rpartition(":")[2]))
    peers = _peers(session, [order.id for order in orders])
    return [Hop(o, _stand(o, peers.get(o.id, "")), peers.get(o.id, "")) for o in orders]


def _peers(session: Session, orders: Sequence[str]) -> dict[str, str]:
    """Order → whom its answer named."""
    row = orm.OrderEvent
    rows = session.execute(
        select(row.order_id, row.detail).where(row.order_id.in_(orders), row.event == Event.ANSWER)
    )
    return {order: str(detail.get("peer", "")).strip() for order, detail in rows}


def _stand(order: Order, peer: str) -> Stand:
    if order.state is State.WITHDRAWN:
        return Stand.WITHDRAWN
    if not order.answers:
        return Stand.SILENT if order.escalated or order.state is State.EXPIRED else Stand.ASKED
    outcome = order.answers[-1].outcome
    if outcome is Outcome.DONE:
        own = peer.casefold() == order.partner.casefold()
        return Stand.STARTED if own else Stand.NAMED
    return Stand.REFUSED if outcome is Outcome.REFUSED else Stand.NO_LOGS
