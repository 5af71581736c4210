"""The payments that brought stolen money to an order's account, for the recall (camt.056) that
goes beside the order to a bank that speaks ISO 20022 (REQ-44).

They are what the register knows: the claim's confirmed payment where the account is its payee,
and the legs of the newest trail under the rule in force. The bank's own number of a payment is
the one under which it has told us of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import trails
from qalqan.exchange.order_message import OrderMessage
from qalqan.model.order import Kind, Order
from qalqan.register import orm
from qalqan.trail.policy import default

if TYPE_CHECKING:
    from qalqan.exchange.iso20022.recall import Leg

_KINDS = frozenset({Kind.HOLD, Kind.RETURN})


@dataclass(frozen=True)
class Traced:
    """A payment that brought a claim's money to an account; accounts are vault tokens."""

    payer: str | None
    payer_bank: str | None
    payee: str
    payee_bank: str | None
    amount: int
    traced: int
    """Units of the claim in it, minor units."""
    at_us: int
    facts: tuple[str, ...] = ()
    """`source:id` of those who told us of it."""
    uetr: str | None = None


def traced(session: Session, orders: Collection[Order]) -> dict[str, list[Traced]]:
    """Order → the payments that brought its claim's money to its account; orders that no recall
    goes beside are left out."""
    asked = [order for order in orders if order.kind in _KINDS and order.report_id is not None]
    cases = {order.case_id for order in asked}
    documents = trails.newest_of(session, cases)
    roots = session.scalars(select(orm.Root).where(orm.Root.case_id.in_(cases)))
    of_claim: dict[str, list[orm.Root]] = {}
    for root in roots:
        of_claim.setdefault(root.report_id, []).append(root)
    return {
        order.id: [
            *_roots(order, of_claim.get(order.report_id or "", [])),
            *_legs(order, documents.get(order.case_id, [])),
        ]
        for order in asked
    }


def _roots(order: Order, roots: Sequence[orm.Root]) -> Iterator[Traced]:
    for root in roots:
        if root.payee_account == order.account and root.currency == order.currency:
            yield Traced(
                root.payer_account,
                root.payer_bank,
                root.payee_account,
                root.payee_bank,
                root.amount,
                root.amount,
                root.at_us,
                uetr=root.uetr,
            )


def _legs(order: Order, documents: Sequence[Mapping[str, Any]]) -> Iterator[Traced]:
    rule = default().rule
    for document in documents:
        if document["currency"] != order.currency:
            continue
        for leg in document["legs"]:
            units = leg["units"].get(rule, {}).get(order.report_id, 0)
            if leg["payee"] == order.account and units > 0:
                yield Traced(
                    leg["payer"],
                    leg["payer_bank"] or None,
                    leg["payee"],
                    leg["payee_bank"] or None,
                    leg["amount"],
                    units,
                    leg["at_us"],
                    tuple(leg["facts"]),
                )


def accounts(found: Mapping[str, Sequence[Traced]]) -> set[str]:
    """Tokens of all accounts in these payments."""
    ends = {end for of in found.values() for one in of for end in (one.payer, one.payee)}
    return {end for end in ends if end is not None}


def written(
    message: OrderMessage, found: Sequence[Traced], clear: Mapping[str, str], bank: str
) -> bytes | None:
    """The recall beside a signed order, if these payments give one."""
    from qalqan.exchange.iso20022 import recall  # lxml: for those whose partners want one

    legs = [_leg(message, one, clear) for one in found]
    return recall.write(message, legs, bank)


def _leg(message: OrderMessage, one: Traced, clear: Mapping[str, str]) -> Leg:
    from qalqan.exchange.iso20022.recall import Leg

    mine = f"{message.partner}:"
    number = next((fact.removeprefix(mine) for fact in one.facts if fact.startswith(mine)), None)
    return Leg(
        amount=one.amount,
        currency=message.currency or "",
        at_us=one.at_us,
        traced=one.traced,
        payer_account=clear.get(one.payer) if one.payer else None,
        payer_bank=one.payer_bank,
        payee_account=clear.get(one.payee),
        payee_bank=one.payee_bank,
        number=number,
        uetr=one.uetr,
    )
