"""What an order says when it is signed: tokens turned back for its own partner alone (REQ-19)."""

from __future__ import annotations

from qalqan.cases.reasons import sentences
from qalqan.exchange.order_message import OrderMessage
from qalqan.model.order import PERSONAL, Asked, Order, SubjectKind


def message(order: Order, clear: dict[str, str], issued_us: int) -> OrderMessage:
    """What the signed order says; `clear` turns tokens back."""
    account, beneficiary, subject = order.account, order.beneficiary, order.subject
    return OrderMessage(
        order=order.id,
        case=order.case_id,
        kind=order.kind,
        partner=order.partner,
        account=clear[account] if account else None,
        amount=order.amount,
        currency=order.currency,
        from_us=order.from_us,
        to_us=order.to_us,
        beneficiary=clear[beneficiary] if beneficiary else None,
        provisional=order.provisional,
        ground=order.ground,
        reason=sentences(order.reason),
        due_us=order.due_us,
        expires_us=order.expires_us,
        issued_us=issued_us,
        reply_to=order.parent_id,
        subject=clear.get(subject, subject) if subject else None,
        subject_kind=SubjectKind(order.subject_kind) if order.subject_kind else None,
        asked=[Asked(code) for code in order.asked] or None,
    )


def sealed_in(order: Order) -> set[str]:
    """Tokens of the personal values that the signed order names in clear."""
    personal = order.subject if order.subject_kind in PERSONAL else None
    return {token for token in (order.account, order.beneficiary, personal) if token}
