"""An order to hold or return as a recall, camt.056 with the reason FRAD: for banks whose systems
speak ISO 20022 (REQ-44).

The signed order stays what counts. A camt.056 cancels one payment, knows no sum below the whole
and no word for "hold", so it goes beside the order: one transaction for each payment by which
stolen money came to the account, and in its additional information, in code words that a machine
reads too, the order, the case, the part of that payment that is traced, and what the order wants.
`Case` and `Assgnmt` carry the case's and the order's number, by which the answer (camt.029) finds
back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qalqan.exchange.iso20022 import building, codes
from qalqan.exchange.iso20022.building import Tree
from qalqan.exchange.order_message import OrderMessage
from qalqan.model.order import Kind

MESSAGE = "camt.056.001.12"
RECALLED = frozenset({Kind.HOLD, Kind.RETURN})
"""Kinds of order that a recall goes beside."""

MOST_LEGS = 1_000
"""Transactions of one message; the largest traced parts are named, the order says the sum."""

_UETR = re.compile(r"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}")


@dataclass(frozen=True)
class Leg:
    """A payment that brought stolen money to the account; sums in minor units.

    `number` is the payment's number at the bank that is written to, where it told us one.
    """

    amount: int
    currency: str
    at_us: int
    traced: int
    payer_account: str | None = None
    payer_bank: str | None = None
    payee_account: str | None = None
    payee_bank: str | None = None
    number: str | None = None
    uetr: str | None = None
    end_to_end_id: str | None = None


def write(order: OrderMessage, legs: Sequence[Leg], bank: str) -> bytes | None:
    """The recall beside an order to the bank of this code; None for an order that has none, or
    where no payment is known that brought the money."""
    if order.kind not in RECALLED or not legs:
        return None
    named = sorted(legs, key=lambda leg: (-leg.traced, leg.at_us, leg.number or ""))[:MOST_LEGS]
    assigned: Tree = (
        "Assgnmt",
        [
            ("Id", order.order),
            building.party("Assgnr", building.CENTRE),
            ("Assgne", [("Agt", [building.institution(bank)])]),
            ("CreDtTm", building.moment(order.issued_us)),
        ],
    )
    transactions: list[Tree | None] = [
        _transaction(order, leg, number) for number, leg in enumerate(named, start=1)
    ]
    request: Tree = (
        "FIToFIPmtCxlReq",
        [
            assigned,
            building.case("Case", order.case),
            ("CtrlData", [("NbOfTxs", str(len(named)))]),
            ("Undrlyg", transactions),
        ],
    )
    return building.document(MESSAGE, request)


def _transaction(order: OrderMessage, leg: Leg, number: int) -> Tree:
    reason = codes.checked("cancellation_reason", codes.FRAUD, "CxlRsnInf/Rsn/Cd")
    told: list[Tree | None] = [("AddtlInf", one) for one in _told(order, leg)]
    uetr = next((one for one in (leg.uetr, leg.number) if one and _UETR.fullmatch(one)), None)
    return (
        "TxInf",
        [
            ("CxlId", f"{order.order}/{number}"),
            building.case("Case", order.case),
            building.text("OrgnlEndToEndId", leg.end_to_end_id),
            building.text("OrgnlTxId", leg.number if leg.number != uetr else None),
            building.text("OrgnlUETR", uetr, 36),
            building.amount("OrgnlIntrBkSttlmAmt", leg.amount, leg.currency),
            ("OrgnlIntrBkSttlmDt", building.day(leg.at_us)),
            ("CxlRsnInf", [("Orgtr", [("Nm", building.CENTRE)]), ("Rsn", [("Cd", reason)]), *told]),
            _original(leg),
        ],
    )


def _told(order: OrderMessage, leg: Leg) -> list[str]:
    """What no element of the message can say, a code word a line."""
    currency = leg.currency
    lines = [
        f"/CASE/{order.case}",
        f"/ORDER/{order.order}",
        f"/KIND/{order.kind.upper()}",
        f"/TRACED/{currency}{building.major(leg.traced, currency)}",
        f"/AMOUNT/{currency}{building.major(order.amount or 0, currency)}",
    ]
    if order.expires_us is not None:
        lines.append(f"/UNTIL/{building.moment(order.expires_us)}")
    if order.reply_to is not None:
        lines.append(f"/HOLD/{order.reply_to}")
    return lines


def _original(leg: Leg) -> Tree | None:
    def agent(name: str, code: str | None) -> Tree | None:
        return (name, [building.institution(code)]) if code else None

    parts = [
        building.account("DbtrAcct", leg.payer_account),
        agent("DbtrAgt", leg.payer_bank),
        agent("CdtrAgt", leg.payee_bank),
        building.account("CdtrAcct", leg.payee_account),
    ]
    return ("OrgnlTxRef", parts) if any(part is not None for part in parts) else None
