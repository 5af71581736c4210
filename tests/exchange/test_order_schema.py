"""The published schemas say exactly what the models take (REQ-19, 44)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from qalqan.exchange.order_message import Answer, OrderMessage
from qalqan.exchange.order_schema import SCHEMAS, schema, schema_text
from qalqan.model.money import MAX_MINOR
from qalqan.model.order import Kind, Outcome

FOLDER = Path(__file__).parents[2] / "docs" / "reference" / "schemas"
ORDER = Draft202012Validator(schema("order"))
ANSWER = Draft202012Validator(schema("answer"))


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_published_file_is_a_schema_and_the_code_s_own(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))
    assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == schema_text(name)


SHORT = st.text(max_size=12)
SUM = st.none() | st.integers(0, MAX_MINOR)
US = st.none() | st.integers(0, 2**62 - 1)
ORDERS = st.builds(
    OrderMessage,
    order=SHORT, case=SHORT, kind=st.sampled_from(Kind), partner=SHORT, account=st.none() | SHORT,
    amount=SUM, currency=st.none() | st.sampled_from(["KZT", "USD"]), from_us=US, to_us=US,
    beneficiary=st.none() | SHORT, provisional=st.booleans(), ground=SHORT,
    reason=st.dictionaries(st.sampled_from(["kk", "ru", "en"]), SHORT), due_us=US, expires_us=US,
    issued_us=st.integers(0, 2**62 - 1), reply_to=st.none() | SHORT,
)  # fmt: skip


@given(ORDERS)
def test_every_order_is_valid_as_it_is_signed(order: OrderMessage) -> None:
    assert not list(ORDER.iter_errors(order.model_dump(mode="json", exclude_none=True)))


FINE: dict[str, Any] = {
    "order": "O-1", "case": "C-1", "kind": "hold", "partner": "altyn", "ground": "g",
    "issued_us": 1, "amount": 5, "currency": "KZT",
}  # fmt: skip


@given(
    st.sampled_from([*FINE, "colour", "due_us", "provisional", "reason"]),
    st.none() | st.integers() | st.text(max_size=3) | st.booleans() | st.floats(allow_nan=False)
    | st.lists(st.integers(), max_size=1) | st.sampled_from(["KZT", "kzt", "hold", "burn"]),
)  # fmt: skip
def test_what_the_model_refuses_the_schema_refuses(field: str, value: object) -> None:
    """And the other way round, but for one thing: to JSON Schema 5.0 is an integer."""
    if isinstance(value, float) and value.is_integer():
        return
    body = FINE | {field: value}
    try:
        OrderMessage.model_validate_json(json.dumps(body))
        taken = True
    except ValidationError:
        taken = False
    if field == "provisional" and not isinstance(value, bool):
        return  # the model reads "true" and 1 as well; we never write them
    assert ORDER.is_valid(body) is taken


@pytest.mark.parametrize("outcome", Outcome)
def test_answers_are_valid(outcome: Outcome) -> None:
    told = Answer(order="O-1", outcome=outcome, amount=3, currency="KZT")
    ANSWER.validate(told.model_dump(mode="json", exclude_none=True))
    assert not ANSWER.is_valid({"order": "O-1", "outcome": "perhaps"})
