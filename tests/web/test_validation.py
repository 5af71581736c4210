"""Each of pydantic's findings that our models can have becomes a sentence in three languages."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from qalqan.cases.reports import ReportIn
from qalqan.exchange.order_message import Answer, PaymentLine, StatementBody
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.refusal import refusal
from qalqan.web.api.officers import Decision
from qalqan.web.validation import named, refusal_of

LINE = {"id": "1", "at_us": 1, "side": "both", "amount": 1, "currency": "KZT"}
STATEMENT = {"id": "1", "account": "a", "from_us": 1, "to_us": 2}


@pytest.mark.parametrize(
    ("model", "body", "field", "expected"),
    [
        (Answer, [], "body", "api.object"),
        (Answer, {"outcome": "done"}, "order", "fact.missing"),
        (Answer, {"order": 1, "outcome": "done"}, "order", "fact.text"),
        (Answer, {"order": "1", "outcome": "odd"}, "outcome", "one_of"),
        (Answer, {"order": "1" * 101, "outcome": "done"}, "order", "text.too_long"),
        (Answer, {"order": "1", "outcome": "done", "at_us": 2**62}, "at_us", "api.less"),
        (Answer, {"order": "1", "outcome": "done", "amount": -1}, "amount", "api.least"),
        (Answer, {"order": "1", "outcome": "done", "amount": 2**62}, "amount", "api.most"),
        (Answer, {"order": "1", "outcome": "done", "amount": 1.0}, "amount", "number.whole"),
        (Answer, {"order": "1", "outcome": "done", "payment": 1}, "payment", "api.object"),
        (Answer, {"order": "1", "outcome": "done", "odd": 1}, "odd", "api.unknown_field"),
        (PaymentLine, LINE | {"id": ""}, "id", "text.empty"),
        (PaymentLine, LINE | {"amount": 0}, "amount", "api.greater"),
        (PaymentLine, LINE | {"side": "left"}, "side", "api.pattern"),
        (StatementBody, STATEMENT | {"complete": 1}, "complete", "fact.flag"),
        (StatementBody, STATEMENT | {"lines": {}}, "lines", "api.list"),
        (StatementBody, STATEMENT | {"lines": [LINE | {"id": 7}]}, "lines.0.id", "fact.text"),
        (ReportIn, {"methods": []}, "methods", "api.least_items"),
        (ReportIn, {"methods": ["1"] * 11}, "methods", "api.most_items"),
        (Decision, {"approved": "yes"}, "approved", "fact.flag"),
    ],
)
def test_a_finding_says_field_and_expectation(model, body, field, expected):
    with pytest.raises(ValidationError) as raised:
        model.model_validate_json(json.dumps(body))
    found = refusal_of(raised.value.errors())
    assert (found.field, found.expected) == (field, expected)
    assert len({refusal(found, language) for language in LANGUAGES}) == len(LANGUAGES)


def test_choices_are_listed_without_a_word_of_english():
    with pytest.raises(ValidationError) as raised:
        Answer.model_validate({"order": "1", "outcome": "odd"})
    assert " or " not in refusal(refusal_of(raised.value.errors()), "kk")
    assert "confirmed, not_found" in refusal(refusal_of(raised.value.errors()), "kk")


def test_a_list_is_not_repeated_and_a_secret_is_nothing():
    with pytest.raises(ValidationError) as raised:
        Answer.model_validate({"order": ["900101300017"], "outcome": "done"})
    assert refusal_of(raised.value.errors()).value == "[ ]"
    assert refusal_of(raised.value.errors(), secret=True).value is None


def test_a_name_that_carries_a_number_or_no_text():
    assert "900101300017" not in named("iin 900101300017")
    assert named("a\ud800").isprintable()
    assert len(named("x" * 1000)) == 100
