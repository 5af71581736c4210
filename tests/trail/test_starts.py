"""A payment found in the lake becomes the root of a trail."""

from __future__ import annotations

from typing import Any

import pytest

from qalqan.clock import DAY, MINUTE
from qalqan.trail import starts

AT = 20_000 * DAY


def payment(id: str, **told: Any) -> dict[str, Any]:
    return {
        "id": id, "source": "altyn", "at_us": AT, "side": "payer", "payer_account": "acc_v",
        "payer_bank": "ALT", "payee_account": "acc_a", "payee_bank": "BER", "amount": 500,
        "currency": "KZT", "instrument": "transfer", **told,
    }  # fmt: skip


@pytest.fixture
def engine(duck_lake: Any) -> Any:
    duck_lake.write("payment", [
        payment("1", uetr="u1"),
        payment("1", source="bereke", side="payee", at_us=AT + MINUTE, uetr="u1"),
        payment("2", at_us=AT + DAY),
        payment("3", currency="USD", at_us=AT + DAY),
        payment("4", payee_account=None, instrument="cash_out", amount=70),
    ])  # fmt: skip
    engine = duck_lake.duck()
    yield engine
    engine.close()


def test_by_id_with_and_without_its_source(engine: Any) -> None:
    found = starts.by_ids(engine, ["altyn:1", "1", "2", "nobody:1"])
    assert [fact.id for fact in found["altyn:1"]] == ["altyn:1"]
    assert sorted(fact.id for fact in found["1"]) == ["altyn:1", "bereke:1"]
    assert [fact.id for fact in found["2"]] == ["altyn:2"]
    assert found["nobody:1"] == []


def test_two_sides_of_one_payment_are_one_root(engine: Any) -> None:
    told = starts.by_ids(engine, ["1"])["1"]
    (root,) = starts.roots(told, 10 * MINUTE)
    assert (root.id, root.claim, root.amount, root.at_us) == ("altyn:1", "altyn:1", 500, AT)
    assert (root.payer, root.payee, root.payer_bank, root.payee_bank) == (
        "acc_v", "acc_a", "ALT", "BER",
    )  # fmt: skip
    assert root.uetr == "u1"


def test_by_sum_within_the_period_and_the_currency(engine: Any) -> None:
    near = starts.by_sum(engine, "acc_v", 500, "KZT", (AT - MINUTE, AT + MINUTE))
    assert sorted(fact.id for fact in near) == ["altyn:1", "bereke:1"]
    dollars = starts.by_sum(engine, "acc_v", 500, "USD", (AT, AT + 2 * DAY))
    assert [fact.currency for fact in dollars] == ["USD"]
    assert starts.by_sum(engine, "acc_v", 501, "KZT", (AT, AT + DAY)) == []


def test_cash_starts_no_trail(engine: Any) -> None:
    assert starts.roots(starts.by_ids(engine, ["4"])["4"], 0) == []
