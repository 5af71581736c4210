"""Which payment an answer rests on: one payment proves one theft, and one return (REQ-15, 44).

A victim who tells the hotline and then a volunteer tells of one payment; a clerk may copy a line
into two answers. The history keeps a digest of the payment's identity beside each answer.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases.orders import Event
from qalqan.model.order import Kind, Order
from qalqan.register import orm

PAYMENT = "payment"
"""Where an answer's history has the digest."""


def payment_digest(partner: str, payment_id: str) -> str:
    """A partner's payment by its identity, 32 hex digits."""
    return hashlib.sha256(f"{partner}:{payment_id}".encode()).hexdigest()[:32]


def resting_on(session: Session, order: Order, payment: str) -> str | None:
    """The other order of this kind about this account whose answer rests on the payment.

    Answers of one partner wait for each other here, so that none overlooks another."""
    session.get(orm.Partner, order.partner, with_for_update=True)
    others = (
        select(orm.OrderEvent.order_id, orm.OrderEvent.detail)
        .join(orm.Order, orm.Order.id == orm.OrderEvent.order_id)
        .where(
            orm.Order.account == order.account,
            orm.Order.kind == order.kind,
            orm.Order.partner == order.partner,
            orm.Order.id != order.id,
            orm.OrderEvent.event == Event.ANSWER,
        )
        .order_by(orm.OrderEvent.id)
    )
    found = session.execute(others)
    return next((other for other, detail in found if detail.get(PAYMENT) == payment), None)


def same_uetr(session: Session, order: Order, payee: str, uetr: str | None) -> str | None:
    """The other order to confirm whose payment has this UETR, sum and both accounts: a bank that
    once writes its own number and once the UETR tells of one payment all the same."""
    if not uetr:
        return None
    others = (
        select(orm.Order.id)
        .join(orm.Root, orm.Root.report_id == orm.Order.report_id)
        .where(
            orm.Root.uetr == uetr,
            orm.Root.payer_account == order.account,
            orm.Root.payee_account == payee,
            orm.Root.amount == order.amount,
            orm.Root.currency == order.currency,
            orm.Order.kind == Kind.CONFIRM,
            orm.Order.partner == order.partner,
            orm.Order.id != order.id,
        )
        .order_by(orm.Order.id)
    )
    return session.scalars(others).first()
