"""REQ-19, 44: what may stand in an order and in an answer on the wire."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from qalqan.exchange.order_message import Answer, OrderMessage, digest
from qalqan.model.money import MAX_MINOR
from qalqan.model.order import Kind, Outcome

AT = 1_767_225_600_000_000
LINE = {
    "id": "1", "at_us": AT, "side": "payer", "payer_account": "AAA:1", "amount": 5,
    "currency": "KZT",
}  # fmt: skip
STATEMENT = {"id": "s", "account": "AAA:1", "from_us": AT, "to_us": AT}
ORDER = {
    "order": "O-26-000001", "case": "C-26-000001", "kind": "hold", "partner": "altyn",
    "ground": "kz.payments.hold", "issued_us": AT,
}  # fmt: skip


def answer(**more: Any) -> Answer:
    return Answer.model_validate({"order": "O-26-000001", "outcome": "held"} | more)


@pytest.mark.parametrize("kind", Kind)
def test_an_order_comes_through_the_wire_as_it_was(kind: Kind) -> None:
    message = OrderMessage.model_validate(ORDER | {"kind": kind, "amount": MAX_MINOR})
    assert OrderMessage.model_validate_json(message.model_dump_json(exclude_none=True)) == message


@given(
    st.sampled_from(Outcome), st.none() | st.integers(0, MAX_MINOR), st.none() | st.text(max_size=9)
)
def test_equal_answers_have_equal_digests(
    outcome: Outcome, amount: int | None, reason: str | None
) -> None:
    one = answer(outcome=outcome, amount=amount, reason=reason)
    again = Answer.model_validate_json(one.model_dump_json())
    assert digest(one) == digest(again)
    assert digest(one) != digest(answer(outcome=outcome, amount=amount, reason=f"{reason}x"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": -1}, {"amount": MAX_MINOR + 1}, {"amount": "5"}, {"amount": 5.0},
        {"amount": True}, {"at_us": -1}, {"at_us": 2**62}, {"currency": "kzt"}, {"currency": "KZ"},
        {"outcome": "maybe"}, {"outcome": None}, {"order": "x" * 101}, {"reason": "x" * 401},
        {"colour": "blue"}, {"payment": LINE | {"amount": 0}}, {"payment": LINE | {"side": "mine"}},
        {"payment": LINE | {"payee_country": "KAZ"}}, {"payment": LINE | {"id": ""}},
        {"payment": {k: LINE[k] for k in LINE if k != "at_us"}},
        {"statement": STATEMENT | {"complete": "yes"}}, {"statement": STATEMENT | {"lines": {}}},
        {"statement": STATEMENT | {"opening": "0"}}, {"statement": STATEMENT | {"opening": 10**30}},
        {"statement": STATEMENT | {"closing": -(2**70)}}, {"payment": LINE | {"balance": 2**63}},
        {"forwarded": [LINE, "x"]},
    ],
    ids=lambda wrong: str(wrong)[:50],
)  # fmt: skip
def test_what_is_no_answer(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        answer(**wrong)


def test_a_statement_without_lines_is_a_statement() -> None:
    body = answer(outcome="statement", statement=STATEMENT).statement
    assert body is not None
    assert (body.complete, body.lines, body.currency) == (True, [], "KZT")
