"""Why a model scored a payment: every column has its group, every group its sentence."""

from __future__ import annotations

import ibis
import pytest

from qalqan.detectors.sentence import sentence
from qalqan.lake.schemas import SCHEMAS
from qalqan.learning import patterns
from qalqan.learning.reasons import GROUPS, MOST, group_of, reasons
from qalqan.learning.windows import KEYS, window_features
from qalqan.text.catalogue import LANGUAGES

PAYMENTS = ibis.table(SCHEMAS["payment"].ibis, "payment")
COLUMNS = [
    *(name for name in window_features(PAYMENTS).columns if name not in KEYS or name == "amount"),
    *patterns.COLUMNS,
]


def test_every_column_tells_of_something_and_every_group_has_columns() -> None:
    assert {group_of(column) for column in COLUMNS} == {group.name for group in GROUPS}
    shown = {column for group in GROUPS for column in group.shows.values()}
    assert shown <= set(COLUMNS)
    assert all(
        group_of(column) == group.name or group.name == "passed"  # which shows what it divides
        for group in GROUPS
        for column in group.shows.values()
    )


def test_at_most_five_and_only_what_spoke_for_it() -> None:
    row = {column: 2.0 for column in COLUMNS}
    moved = {column: -1.0 for column in COLUMNS}
    assert reasons(row, moved) == []
    moved |= {"amount": 50.0, "cycle_2": 20.0}
    first, second = reasons(row, moved)
    assert (first["reason"], second["reason"]) == ("sum", "comes_back")
    assert first["sum_minor"] == 2
    assert float(first["weight"]) + float(second["weight"]) == pytest.approx(1, abs=0.01)
    assert len(reasons(row, dict.fromkeys(COLUMNS, 1.0))) == MOST


def test_what_is_not_known_is_nothing_and_days_are_a_span() -> None:
    row = {column: float("nan") for column in COLUMNS} | {"payer_age": 1.5}
    (told,) = reasons(row, {"payer_age": 1.0})
    assert told["age_span_us"] == 129_600_000_000
    (told,) = reasons(row, {"payer_fan_in_3d": 1.0})
    assert told["payer_in"] == 0


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("group", [group.name for group in GROUPS])
def test_every_reason_has_its_sentence(group: str, language: str) -> None:
    column = next(column for column in COLUMNS if group_of(column) == group)
    told = reasons(dict.fromkeys(COLUMNS, 3.0), {column: 1.0})
    evidence = {
        "currency": "KZT", "model": "0123", "payments": 2, "paid_minor": 500, "first_us": 1,
        "last_us": 2, "facts": ["bank:1", "bank:2"], "reasons": told,
    }  # fmt: skip
    said = sentence("learning.drops", evidence, language)
    assert "{" not in said
    assert len(said) > len(sentence("learning.drops", evidence | {"reasons": []}, language))
