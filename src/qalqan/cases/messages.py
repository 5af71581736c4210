"""Answers that come as ISO 20022 messages: a statement (camt.053), or what became of a recall
(camt.029), turned into the one form of answer that orders have (REQ-19, 44).

A message may answer several orders; each answer is made, and taken or refused, by itself.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from qalqan.cases import delivery
from qalqan.errors import InputRejected
from qalqan.exchange.order_message import Answer, OrderMessage, PaymentLine, StatementBody
from qalqan.lake.statements import named
from qalqan.model.order import Kind, Outcome
from qalqan.register.database import Database
from qalqan.trust import signing
from qalqan.trust.keys import Keys

if TYPE_CHECKING:
    from qalqan.exchange.iso20022.resolution import Resolution, Status
    from qalqan.exchange.iso20022.statements import Told

Part: TypeAlias = "Resolution | Told"
"""What answers one order."""


def parts(data: bytes) -> list[Part]:
    """What a message answers, one part an order.

    Raises:
        InputRejected: neither a camt.029 nor a camt.053, or a damaged one.
    """
    from qalqan.exchange.iso20022 import resolution, statements, stream

    kinds = (resolution.ANSWERS, statements.STATEMENTS)
    if stream.name_of(data, kinds) == resolution.ANSWERS.name:
        return list(resolution.read(data))
    return list(statements.read(io.BytesIO(data)))


def order_of(part: Part) -> str:
    """The number of the order that a part says it answers, empty if it says none."""
    from qalqan.exchange.iso20022.resolution import Resolution

    return part.order if isinstance(part, Resolution) else part.query


def answer_of(
    database: Database, keys: Keys, partner: str, part: Part, order: str
) -> Answer | None:
    """The answer to an order; None if the bank only says that it has come.

    Raises:
        NotFound: no such order of this partner's. InputRejected: a message of another case, or
            one that can't answer an order of this kind.
    """
    from qalqan.exchange.iso20022.resolution import Resolution

    if not order:
        raise InputRejected("CxlDtls/OrgnlGrpInfAndSts/OrgnlGrpCxlId", None, "order.own")
    if not isinstance(part, Resolution):
        return _of_statement(keys, part, order)
    return resolved(_ordered(database, keys, partner, order), part)


def resolved(message: OrderMessage, part: Resolution) -> Answer | None:
    """What became of a recall as the answer to the order beside it; None while it is pending.

    Raises:
        InputRejected: as `answer_of`.
    """
    if part.case and part.case != message.case:
        raise InputRejected("RslvdCase/Id", part.case, "iso.case", case=message.case)
    if message.kind not in _OF:
        raise InputRejected("order", message.kind, "iso.not_by_message")
    return None if part.is_pending else _OF[message.kind](message, part)


def _ordered(database: Database, keys: Keys, partner: str, order: str) -> OrderMessage:
    """What the signed order says."""
    with database.session() as session:
        delivery.own(session, partner, order)
        text = delivery.signed_text(session, keys, order)
    return OrderMessage.model_validate(signing.verify(text, keys.verify_key_pem))


def _of_statement(keys: Keys, told: Told, order: str) -> Answer:
    (head,) = told.head.table.to_pylist()
    if told.lines.broken:
        first = told.lines.broken[0]
        raise InputRejected(first.place, first.text, first.expected, **first.params)
    lines = named(keys, told.lines, [n for n in told.lines.table.column_names if n != "statement"])
    rows = lines.table.drop_columns(["statement"]).to_pylist()
    body = StatementBody(
        id=head["id"],
        account=head["account"],
        currency=head["currency"],
        from_us=head["from_us"],
        to_us=head["to_us"],
        opening=head["opening"],
        closing=head["closing"],
        complete=head["complete"],
        lines=[PaymentLine.model_validate(_said(row)) for row in rows],
    )
    return Answer(order=order, outcome=Outcome.STATEMENT, statement=body)


def _said(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if value is not None}


def _held(message: OrderMessage, part: Resolution) -> Answer:
    """What is held: all of it where the bank names no sum."""
    accepted = [one for one in part.statuses if one.status == "ACCR"]
    if not accepted:
        return _rejected(message, part)
    held = _sum(message, part, accepted)
    outcome = Outcome.HELD if held in (None, message.amount) else Outcome.PARTIAL
    if held == 0:
        outcome = Outcome.GONE
    return Answer(order=message.order, outcome=outcome, amount=held, currency=message.currency)


def _sum(message: OrderMessage, part: Resolution, accepted: Sequence[Status]) -> int | None:
    """The sum of what was accepted, None for all that was asked; a bank that accepts only some
    of the payments, or names a sum for only some, must name them all."""
    sums = [one.amount for one in accepted]
    whole = len(accepted) == len(part.statuses)
    if whole and all(amount is None for amount in sums):
        return None
    for one in accepted:
        at = "RsltnRltdInf/IntrBkSttlmAmt"
        if one.amount is None:
            raise InputRejected(f"CxlDtls/TxInfAndSts/{at}", None, "iso.element", element=at)
        if one.currency != message.currency:
            raise InputRejected(
                f"CxlDtls/TxInfAndSts/{at}/@Ccy", one.currency, "order.same_currency",
                currency=message.currency,
            )  # fmt: skip
    return sum(amount or 0 for amount in sums)


def _returned(message: OrderMessage, part: Resolution) -> Answer:
    """What was paid back, with the bank's own number of that payment."""
    accepted = [one for one in part.statuses if one.status == "ACCR"]
    if not accepted:
        return _rejected(message, part)
    paid = _sum(message, part, accepted)
    amount = message.amount if paid is None else paid
    first = next((one for one in accepted if one.payment), None)
    if first is None:
        at = "RsltnRltdInf/TxId"
        raise InputRejected(f"CxlDtls/TxInfAndSts/{at}", None, "iso.element", element=at)
    line = PaymentLine(
        id=first.payment,
        at_us=part.at_us,
        side="payer",
        payer_account=message.account,
        payee_account=message.beneficiary,
        amount=amount or 0,
        currency=message.currency or "",
        instrument="return",
        uetr=first.uetr or None,
        end_to_end_id=first.end_to_end_id or None,
    )
    return Answer(order=message.order, outcome=Outcome.RETURNED, amount=amount, payment=line)


def _rejected(message: OrderMessage, part: Resolution) -> Answer:
    from qalqan.exchange.iso20022 import resolution

    told = [one for one in part.statuses if one.status == "RJCR"]
    reason = resolution.reason_of(told)
    if resolution.is_gone(told):
        return Answer(order=message.order, outcome=Outcome.GONE, amount=0, reason=reason or None)
    return Answer(order=message.order, outcome=Outcome.REFUSED, reason=reason or None)


_OF = {Kind.HOLD: _held, Kind.RETURN: _returned}
