"""A clerk's form says what his bank's program would say (REQ-19)."""

from __future__ import annotations

import pytest

from qalqan.errors import InputRejected
from qalqan.exchange.order_message import OrderMessage
from qalqan.model.order import Kind, Outcome
from qalqan.web.console.partner_answer import answer_of, outcomes

NOON = 1_767_250_800_000_000  # 1 January 2026, 12:00 in Almaty
ORDER = OrderMessage(
    order="O-26-000001", case="C-26-000001", kind=Kind.HOLD, partner="altyn", account="223:D1",
    amount=100_000_00, currency="KZT", ground="g", issued_us=NOON,
)  # fmt: skip
CONFIRM = ORDER.model_copy(update={"kind": Kind.CONFIRM, "beneficiary": "223:D2"})
RETURN = ORDER.model_copy(update={"kind": Kind.RETURN, "beneficiary": "211:V1"})
LINE = {
    "to_account_1": "315:00000926", "to_at_1": "2026-01-01T12:00", "to_amount_1": "60 000,50",
    "to_id_1": "p-1",
}  # fmt: skip


def test_held_is_the_whole_sum() -> None:
    said = answer_of(ORDER, {"outcome": "held", "reference": " 7 "})
    assert (said.outcome, said.amount, said.reference) == (Outcome.HELD, 100_000_00, "7")


def test_gone_says_where_it_went() -> None:
    said = answer_of(ORDER, {"outcome": "gone", **LINE})
    (line,) = said.forwarded
    assert (line.payer_account, line.payee_account, line.amount) == (
        "223:D1", "315:00000926", 60_000_50,
    )  # fmt: skip
    assert (line.at_us, line.side, said.amount) == (NOON, "payer", None)


def test_a_part_is_held_and_the_rest_went_on() -> None:
    said = answer_of(ORDER, {"outcome": "partial", "amount": "39999.50", **LINE})
    assert (said.amount, len(said.forwarded)) == (39_999_50, 1)


def test_a_payment_is_confirmed_or_paid_back_by_its_own_line() -> None:
    form = {"id": "p-9", "at": "2026-01-01T12:00"}
    said = answer_of(CONFIRM, {"outcome": "confirmed", **form})
    assert said.payment is not None
    assert (said.payment.payee_account, said.payment.amount) == ("223:D2", 100_000_00)
    said = answer_of(RETURN, {"outcome": "returned", **form})
    assert said.payment is not None
    assert (said.amount, said.payment.payee_account) == (100_000_00, "211:V1")


@pytest.mark.parametrize(
    ("order", "form", "field"),
    [
        (ORDER, {}, "outcome"),
        (ORDER, {"outcome": "returned"}, "outcome"),
        (ORDER, {"outcome": "partial"}, "amount"),
        (ORDER, {"outcome": "partial", "amount": "much"}, "amount"),
        (ORDER, {"outcome": "refused"}, "reason"),
        (ORDER, {"outcome": "gone", **LINE, "to_amount_1": "0"}, "to_amount_1"),
        (ORDER, {"outcome": "gone", **LINE, "to_at_1": ""}, "to_at_1"),
        (ORDER, {"outcome": "gone", **LINE, "to_id_1": ""}, "to_id_1"),
        (ORDER, {"outcome": "gone", **LINE, "to_account_1": "x"}, "to_account_1"),
        (ORDER, {"outcome": "gone", "to_amount_2": "5"}, "to_account_2"),
        (CONFIRM, {"outcome": "confirmed", "id": "p"}, "at"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(
    order: OrderMessage, form: dict[str, str], field: str
) -> None:
    with pytest.raises(InputRejected) as refused:
        answer_of(order, form)
    assert refused.value.field == field


def test_a_statement_comes_as_a_file() -> None:
    assert outcomes(Kind.STATEMENT) == (Outcome.NOT_FOUND, Outcome.REFUSED)
