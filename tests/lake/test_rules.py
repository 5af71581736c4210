"""What a partner may say, and what follows from it (REQ-19)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lake.good_facts import AT, GOOD, payment
from qalqan.lake.receipt import Receipt
from qalqan.lake.sealing import seal
from qalqan.register.database import Database

Give = Callable[..., Receipt]


@pytest.mark.parametrize(
    ("side", "own", "accepted"),
    [
        ("payer", {"AAA"}, 1),
        ("payer", {"BBB"}, 0),
        ("payee", {"BBB"}, 1),
        ("payee", {"AAA"}, 0),
        ("both", {"AAA", "BBB"}, 1),
        ("both", {"BBB"}, 0),
        ("both", {"AAA"}, 0),
        ("both", {"CCC"}, 0),
        ("payer", set(), 0),
    ],
)
def test_a_bank_answers_for_its_own_accounts_only(
    give: Give, side: str, own: set[str], accepted: int
) -> None:
    receipt = give(payment("1", side=side), own_banks=own)
    assert receipt.accepted == accepted
    if not accepted:
        assert receipt.refusals[0].expected == "bank.own"


def test_cash_goes_without_the_other_account(
    give: Give, database: Database, lake_root: str, lake: Callable[[str], Any]
) -> None:
    paid_in = payment("in", side="payee", instrument="cash_in", payer_account=None)
    drawn = payment("out", instrument="cash_out", payee_account=None)
    assert give(paid_in, drawn).accepted == 2
    seal(database, lake_root)
    banks = {fact["id"]: (fact["payer_bank"], fact["payee_bank"]) for fact in lake("payment")}
    assert banks == {"in": ("BBB", "BBB"), "out": ("AAA", None)}


def test_the_payees_country_follows_from_its_iban(
    give: Give, database: Database, lake_root: str, lake: Callable[[str], Any]
) -> None:
    give(
        payment("1"),
        payment("2", payee_account="DE89370400440532013000"),
        payment("3", payee_country="ru"),
    )
    seal(database, lake_root)
    assert [fact["payee_country"] for fact in lake("payment")] == ["KZ", "DE", "RU"]


def test_a_uetr_is_one_payments_however_it_is_written(
    give: Give, database: Database, lake_root: str, lake: Callable[[str], Any]
) -> None:
    uetr = "8a562c67-ca16-48ba-b074-65581be6f00b"
    said = [uetr, uetr.upper(), None, "Own-17", uetr.replace("8", "9").title()]
    facts = [payment(str(number), uetr=one) for number, one in enumerate(said)]
    assert give(*facts).accepted == 5
    seal(database, lake_root)
    kept = [fact["uetr"] for fact in sorted(lake("payment"), key=lambda fact: fact["id"])]
    assert kept == [uetr, uetr, None, "Own-17", uetr.replace("8", "9")]


def test_a_statement_ends_where_it_says(give: Give) -> None:
    good = {"id": "1", **GOOD["statement"]}
    wrong = [
        {**good, "id": "2", "from_us": AT + 1},
        {**good, "id": "3", "at_us": AT - 1},
        {**good, "id": "4", "bank": "BBB"},
        {**good, "id": "5", "lines": -1},
    ]
    receipt = give(good, *wrong, kind="statement", own_banks={"AAA"})
    assert receipt.accepted == 1
    expected = ["statement.period", "statement.moment", "bank.of_account", "number.range"]
    assert [refusal.expected for refusal in receipt.refusals] == expected
