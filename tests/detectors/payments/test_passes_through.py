"""REQ-39: strangers' money that goes on within hours; quiet on innocent money that does too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from detectors.conftest import DAY, HOUR, NOON, TENGE


@pytest.fixture
def found(see: Any) -> Callable[..., list[Any]]:
    return lambda *rows, **params: see("payments.passes_through", {"payment": rows}, **params)


def test_fires_on_a_drop_who_keeps_a_tenth(found: Any, payment: Any) -> None:
    [finding] = found(
        payment("victim", "drop", 1_000_000),
        payment("drop", None, 400_000, 0.5, instrument="cash_out"),
        payment("drop", "next", 300_000, 2),
        payment("drop", "abroad", 200_000, 3, payee_country="TR"),
    )
    assert (finding.subject_kind, finding.subject) == ("account", "drop")
    assert (finding.window_from_us, finding.window_to_us) == (20_000 * DAY, 20_001 * DAY)
    assert finding.score == pytest.approx(0.9 * (0.5 + 0.5 * 4 / 9))
    assert finding.evidence == {
        "currency": "KZT",
        "received_minor": 1_000_000 * TENGE,
        "passed_minor": 900_000 * TENGE,
        "quick_minor": 400_000 * TENGE,
        "cash_minor": 400_000 * TENGE,
        "wallet_minor": 0,
        "crypto_minor": 0,
        "abroad_minor": 200_000 * TENGE,
        "payers": 1,
        "payees": 2,
        "first_us": NOON,
        "last_us": NOON + 3 * HOUR,
        "facts": ["bank:p0", "bank:p1", "bank:p2", "bank:p3"],
    }


@pytest.mark.parametrize(
    ("passed", "fires"), [(849_999, 0), (850_000, 1), (1_005_000, 1), (1_005_001, 0)]
)
def test_border_of_the_share(found: Any, payment: Any, passed: int, fires: int) -> None:
    rows = payment("victim", "drop", 1_000_000), payment("drop", "next", passed, 1)
    assert len(found(*rows)) == fires


def test_parameters_move_the_borders(found: Any, payment: Any) -> None:
    rows = payment("victim", "drop", 1_000_000), payment("drop", "next", 700_000, 7)
    assert found(*rows) == []
    assert found(*rows, min_passed_permille=700) == []
    assert len(found(*rows, min_passed_permille=700, within_us=7 * HOUR)) == 1
    assert found(*rows, min_passed_permille=700, within_us=7 * HOUR - 1) == []


def test_what_leaves_after_midnight_belongs_to_the_day_of_the_receipt(
    found: Any, payment: Any
) -> None:
    [finding] = found(
        payment("victim", "drop", 500_000, 11.5), payment("drop", "next", 480_000, 13)
    )
    assert finding.window_from_us == 20_000 * DAY
    assert finding.evidence["last_us"] == NOON + 13 * HOUR


def test_money_that_leaves_before_any_came_is_not_passed_on(found: Any, payment: Any) -> None:
    assert found(payment("a", "shop", 500_000, 0), payment("x", "a", 500_000, 1)) == []


def test_a_transfer_reported_by_both_banks_counts_once(found: Any, payment: Any) -> None:
    arrival = payment("victim", "drop", 500_000, side="payer", source="bank1")
    departure = payment("drop", "next", 480_000, 1, side="payer", source="bank2")
    rows = [
        arrival,
        departure,
        {**arrival, "id": "q1", "side": "payee", "source": "bank2", "at_us": NOON + 5},
        {**departure, "id": "q2", "side": "payee", "source": "bank3"},
    ]
    [finding] = found(*rows)
    assert finding.evidence["received_minor"] == 500_000 * TENGE
    assert finding.evidence["passed_minor"] == 480_000 * TENGE
    assert finding.evidence["facts"] == ["bank2:p1", "bank2:q1"]


def test_others_word_serves_where_the_account_s_bank_reports_nothing(
    found: Any, payment: Any
) -> None:
    [finding] = found(
        payment("victim", "drop", 500_000, side="payer"),
        payment("drop", "next", 480_000, 1, side="payee"),
    )
    assert finding.subject == "drop"


def test_quiet_on_wages_spent_at_once(found: Any, payment: Any) -> None:
    assert (
        found(
            payment("employer", "worker", 400_000, instrument="salary"),
            payment("worker", "landlord", 250_000, 1),
            payment("worker", None, 140_000, 2, instrument="cash_out"),
        )
        == []
    )


def test_quiet_on_an_employer_who_pays_wages_from_one_receipt(found: Any, payment: Any) -> None:
    wages = [payment("employer", f"worker{n}", 200_000, 1, instrument="salary") for n in range(10)]
    assert found(payment("customer", "employer", 2_000_000), *wages) == []


def test_quiet_on_a_shop_that_pays_its_supplier_every_week(found: Any, payment: Any) -> None:
    weeks = [
        row
        for week in range(1, 4)
        for row in (
            payment(f"customer{week}", "shop", 300_000, 168 * week),
            payment("shop", "supplier", 290_000, 168 * week + 3),
        )
    ]
    assert [finding.window_from_us for finding in found(*weeks)] == [20_007 * DAY]
    earlier = payment("shop", "supplier", 1, 0)
    assert found(earlier, *weeks) == []


def test_quiet_on_a_till_with_many_customers(found: Any, payment: Any) -> None:
    customers = [payment(f"customer{n}", "shop", 30_000, n / 10) for n in range(6)]
    supplier = payment("shop", "supplier", 175_000, 3)
    assert found(*customers, supplier) == []
    assert len(found(*customers, supplier, max_payers=6)) == 1


def test_quiet_on_a_money_changer_with_a_large_float(found: Any, payment: Any) -> None:
    rows = [
        payment("client1", "changer", 1_000_000, 0, side="payee", balance=9_000_000 * TENGE),
        payment("changer", "client2", 990_000, 1, side="payer", balance=8_010_000 * TENGE),
    ]
    assert found(*rows) == []
    assert len(found(*rows, float_multiple=9)) == 1


def test_a_drop_with_savings_of_his_own_is_still_seen(found: Any, payment: Any) -> None:
    assert len(
        found(
            payment("victim", "drop", 500_000, side="payee", balance=1_500_000 * TENGE),
            payment("drop", "next", 450_000, 1, side="payer", balance=1_050_000 * TENGE),
        )
    ) == 1  # fmt: skip


def test_quiet_on_a_family_that_has_known_each_other(found: Any, payment: Any) -> None:
    assert (
        found(
            payment("mother", "son", 100_000, -24 * 30),
            payment("mother", "son", 100_000),
            payment("son", "landlord", 95_000, 1),
        )
        == []
    )


def test_quiet_on_money_from_one_s_own_other_account(found: Any, payment: Any) -> None:
    assert (
        found(
            payment("a1", "a2", 900_000, payer_holder="per_a", payee_holder="per_a"),
            payment("a2", "seller", 890_000, 1, payer_holder="per_a", payee_holder="per_s"),
        )
        == []
    )


def test_quiet_on_a_courier_who_deposits_takings(found: Any, payment: Any) -> None:
    assert (
        found(
            payment("till", "courier", 200_000, instrument="cash_in"),
            payment("courier", "employer", 200_000, 1),
        )
        == []
    )


def test_two_currencies_of_one_day_are_one_finding(found: Any, payment: Any) -> None:
    rows = [
        payment("v", "drop", 100_000), payment("drop", "n", 90_000, 2),
        payment("v", "drop", 50_000, currency="USD"),
        payment("drop", "n", 50_000, 0.5, currency="USD"),
    ]  # fmt: skip
    [finding] = found(*rows)
    assert finding.evidence["currency"] == "USD"


def test_sums_beyond_a_double_keep_their_last_unit(found: Any, payment: Any) -> None:
    from qalqan.model.money import MAX_MINOR

    rows = [
        replaced
        for n in range(12)
        for replaced in (
            {**payment(f"v{n}", "drop", 1), "amount": MAX_MINOR},
            {**payment("drop", f"n{n}", 1, 1), "amount": MAX_MINOR},
        )
    ]
    rows[1]["amount"] -= 1
    [finding] = found(*rows, max_payers=12)
    assert finding.evidence["passed_minor"] == 12 * MAX_MINOR - 1
