"""A clerk's form read as an answer: sums in tenge, times of Almaty, lines that say where money went
(REQ-19, 44)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from qalqan.clock import SECOND
from qalqan.errors import InputRejected
from qalqan.exchange.order_message import Answer, OrderMessage
from qalqan.exchange.sums import exact
from qalqan.model.identifiers import account as accounts
from qalqan.model.money import MINOR_DIGITS
from qalqan.model.order import OUTCOMES, Kind, Outcome
from qalqan.text.show import ALMATY
from qalqan.web.validation import refusal_of

LINES = 4
"""Lines of "forwarded to …" that the form has; a workbook has room for more."""
_CELLS = ("account", "at", "amount", "id")
_BY_FILE = frozenset({Outcome.STATEMENT})


def outcomes(kind: Kind) -> tuple[Outcome, ...]:
    """What may be answered by the form, the usual first; a statement comes as a file."""
    return tuple(one for one in Outcome if one in OUTCOMES[kind] - _BY_FILE)


def answer_of(order: OrderMessage, form: Mapping[str, str]) -> Answer:
    """The answer that a filled form is.

    Raises:
        InputRejected: the first field that does not fit, by its name in the form.
    """
    outcome = _outcome(order.kind, form.get("outcome", ""))
    told: dict[str, Any] = {
        "order": order.order,
        "outcome": outcome,
        "reference": form.get("reference", "").strip() or None,
        "reason": form.get("reason", "").strip() or None,
        "peer": form.get("peer", "").strip() or None,
    }
    if outcome is Outcome.REFUSED and told["reason"] is None:
        raise InputRejected("reason", "", "text.empty")
    if outcome in (Outcome.PARTIAL, Outcome.RETURNED, Outcome.HELD, Outcome.RELEASED):
        told |= {"amount": _amount(order, outcome, form), "currency": order.currency}
    if outcome in (Outcome.CONFIRMED, Outcome.RETURNED):
        told["payment"] = _payment(order, told.get("amount", order.amount), form)
    if outcome in (Outcome.GONE, Outcome.PARTIAL):
        told["forwarded"] = _forwarded(order, form)
    try:
        return Answer.model_validate(told)
    except ValidationError as error:
        raise refusal_of(error.errors(include_url=False)) from None


def _outcome(kind: Kind, said: str) -> Outcome:
    known = outcomes(kind)
    if said not in known:
        raise InputRejected("outcome", said, "one_of", choices=", ".join(known))
    return Outcome(said)


def _amount(order: OrderMessage, outcome: Outcome, form: Mapping[str, str]) -> int | None:
    if outcome in (Outcome.HELD, Outcome.RELEASED):
        return order.amount
    said = form.get("amount", "").strip()
    return order.amount if not said and outcome is Outcome.RETURNED else _sum(order, "amount", said)


def _sum(order: OrderMessage, field: str, said: str) -> int:
    digits = MINOR_DIGITS[order.currency or "KZT"]
    found = exact(said, digits, "," if "," in said else ".") if said else None
    if found is None or found <= 0:
        raise InputRejected(field, said, "asked.amount")
    return found


def _moment(field: str, said: str) -> int:
    try:
        local = datetime.fromisoformat(said.strip())
    except ValueError:
        raise InputRejected(field, said, "asked.moment") from None
    aware = local if local.tzinfo else local.replace(tzinfo=ALMATY)
    return int(aware.timestamp()) * SECOND


def _payment(order: OrderMessage, amount: int | None, form: Mapping[str, str]) -> dict[str, Any]:
    """The bank's own line of the payment asked about, or of the money it paid back."""
    payee = form.get("payee", "").strip() or order.beneficiary or ""
    return {
        "id": form.get("id", "").strip(),
        "at_us": _moment("at", form.get("at", "")),
        "side": "payer",
        "payer_account": order.account,
        "payee_account": accounts.canonical(payee, field="payee").text,
        "amount": amount,
        "currency": order.currency,
    }


def _forwarded(order: OrderMessage, form: Mapping[str, str]) -> list[dict[str, Any]]:
    """The lines that have anything in them."""
    lines = []
    for number in range(1, LINES + 1):
        cells = {name: form.get(f"to_{name}_{number}", "").strip() for name in _CELLS}
        if any(cells.values()):
            lines.append(_line(order, number, cells))
    return lines


def _line(order: OrderMessage, number: int, cells: Mapping[str, str]) -> dict[str, Any]:
    payee = accounts.canonical(cells["account"], field=f"to_account_{number}")
    if not cells["id"]:
        raise InputRejected(f"to_id_{number}", "", "text.empty")
    return {
        "id": cells["id"],
        "at_us": _moment(f"to_at_{number}", cells["at"]),
        "side": "payer",
        "payer_account": order.account,
        "payee_account": payee.text,
        "amount": _sum(order, f"to_amount_{number}", cells["amount"]),
        "currency": order.currency,
    }
