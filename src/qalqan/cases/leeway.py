"""How much an order of money may move at the moment when somebody agrees to it (REQ-44).

A draft was bounded when it was made; until people agree, money moves on, other orders take it and
holds shrink. What counts is what has been decided: of two drafts that together pass what is
there, the first that is agreed to goes.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from qalqan.cases import figures
from qalqan.cases.holds import spoken_for_by
from qalqan.cases.places import Place
from qalqan.cases.policy import current
from qalqan.cases.pursuit import situation
from qalqan.cases.situation import OPEN, Situation, total
from qalqan.errors import InputRejected
from qalqan.model.order import Kind, Order, State
from qalqan.trail.plan import holdable

_MOVES_MONEY = frozenset({Kind.HOLD, Kind.RELEASE, Kind.RETURN})


def check(session: Session, order: Order, now_us: int) -> None:
    """Refuse an order for more than is left beside all others that have been decided. Whoever asks
    has its cases for himself (`trails.draft_alone`).

    Raises:
        InputRejected: `order.left`, how much is left (minor units).
        NotAllowed: no policy in force that two people approved.
    """
    if order.kind not in _MOVES_MONEY:
        return
    around = figures.around(session, order.case_id)
    decided = [o for o in around.orders if o.state is not State.DRAFTED and o.id != order.id]
    policy = current(session, now_us)
    left = most(situation(session, around.documents, decided, policy, now_us), order)
    if (order.amount or 0) > left:
        raise InputRejected("amount", order.amount, "order.left", left=left)


def most(decided: Situation, order: Order) -> int:
    """The most that an order may move beside those that have been decided, minor units."""
    if order.parent_id is not None:
        return max(0, _of_hold(decided, order))
    place = decided.places.get((order.account or "", order.currency or ""))
    return max(0, to_hold(decided, place, order.report_id or "")) if place else 0


def to_hold(now: Situation, place: Place, claim: str) -> int:
    """What of a claim is traced at a place and not spoken for, and left of it anywhere."""
    spoken = total(now.holds_at(place), lambda hold: spoken_for_by(now, hold, place))
    free = holdable(place.stand()) - sum(spoken.values())
    here = min(free, place.traced.get(claim, 0) - spoken.get(claim, 0))
    room = now.room(claim, place.currency)
    return here if room is None else min(here, room)


def _of_hold(now: Situation, order: Order) -> int:
    """What the hold, or the one that prolonged it, holds for nobody else; of a return no more
    than is owed."""
    account = order.account or ""
    holds = [o for o in now.at(account, Kind.HOLD) if order.parent_id in (o.id, o.parent_id)]
    held = sum(now.held(hold) for hold in holds)
    if order.kind is Kind.HOLD:
        return held
    ids = {order.parent_id, *(hold.id for hold in holds)}
    going = (o for o in now.at(account, Kind.RELEASE, Kind.RETURN) if o.parent_id in ids)
    free = held - sum(o.amount or 0 for o in going if o.state in OPEN)
    owed = now.owed(order.report_id or "", order.currency or "")
    return free if order.kind is Kind.RELEASE or owed is None else min(free, owed)
