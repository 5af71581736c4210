"""Whom a model names: who receives payments that score high, and who passes them on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from qalqan.clock import DAY
from qalqan.learning import drops, named
from qalqan.learning.labelled import Features
from qalqan.learning.model import CODE, Model

NAMES = ("amount", "payer_fan_in_3d", "pair_first")
N = 1200
Row = tuple[int, str, str, float, str]


@pytest.fixture(scope="module")
def model() -> Model:
    """Learnt that a large fan-in is what confirmed payments have."""
    dice = np.random.default_rng(4)
    labels = (dice.random(N) < 0.2).astype(np.int8)
    values = dice.normal(size=(N, len(NAMES))).astype(np.float32)
    values[:, 1] = 9 * labels
    keys = pa.table({"at_us": np.arange(N) // 10 * DAY})
    return drops.train(Features(keys, values, NAMES), labels)


def features(*rows: Row) -> Features:
    """Day, payer, payee, fan-in, currency: sums are 100 + place."""
    days, payers, payees, fans, currencies = zip(*rows, strict=True)
    amounts = [100 + k for k in range(len(rows))]
    keys: dict[str, Any] = {
        "id": [f"p{k}" for k in range(len(rows))], "source": ["bank"] * len(rows),
        "at_us": [day * DAY + 5 for day in days], "payer_account": payers,
        "payee_account": payees, "amount": amounts, "currency": currencies,
    }  # fmt: skip
    values = np.column_stack([amounts, fans, np.zeros(len(rows))]).astype(np.float32)
    return Features(pa.table(keys), values, NAMES)


def names(found: list[Any]) -> list[tuple[str, int]]:
    return sorted((one.subject, one.window_from_us // DAY) for one in found)


def test_who_receives_is_named_and_who_pays_only_if_he_had_received(model: Model) -> None:
    told = features(
        (1, "victim", "drop", 9, "KZT"),
        (2, "drop", "above", 9, "KZT"),
        (2, "somebody", "shop", 0, "KZT"),
        (40, "above", "further", 9, "KZT"),
        (40, "drop", "shop", 0, "KZT"),
    )
    found = named.findings(told, model, "v" * 16, 7)
    assert names(found) == [("above", 2), ("drop", 1), ("drop", 2), ("further", 40)]
    first = next(one for one in found if one.subject == "drop")
    assert (first.detector, first.version, first.seal) == (CODE, "v" * 16, 7)
    assert first.window_to_us - first.window_from_us == DAY
    assert 0 < first.score <= 1
    assert first.evidence["facts"] == ["bank:p0"]
    reasons = first.evidence["reasons"]
    assert isinstance(reasons, list)
    assert reasons[0]["reason"] == "fans"


def test_a_day_is_one_finding_in_the_currency_that_scores_highest(model: Model) -> None:
    told = features(
        (1, "a", "drop", 9, "KZT"), (1, "b", "drop", 9, "KZT"), (1, "c", "drop", 9, "USD")
    )
    (found,) = named.findings(told, model, "v", 1)
    assert (found.evidence["currency"], found.evidence["payments"]) == ("KZT", 2)
    assert found.evidence["paid_minor"] == 201


def test_nobody_is_named_without_high_scores(model: Model) -> None:
    assert named.findings(features((1, "a", "b", 0, "KZT")), model, "v", 1) == []
