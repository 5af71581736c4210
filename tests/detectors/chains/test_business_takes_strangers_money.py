"""REQ-91: accounts of firms and sole traders, used as a drop's."""

from __future__ import annotations

from typing import Any

from detectors.conftest import DAY, HOUR, NOON, TENGE

CODE = "chains.business_takes_strangers_money"
FIRM = {"payee_holder": "firm"}


def numbers(*holders: str) -> list[dict[str, Any]]:
    return [
        {"id": f"n{h}", "at_us": 1, "holder": h, "holder_kind": "company", "phone": h}
        for h in holders
    ]


def test_fires_on_a_firm_without_trade_and_is_quiet_on_those_that_work(
    see: Any, payment: Any
) -> None:
    def held(account: str) -> dict[str, str]:
        return {"payee_holder": f"{account}'s BIN"}

    rows = [
        payment("somebody", "somebody else", 100, -24 * 60),  # the lake is not new
        payment("victim 1", "front", 400_000, **held("front")),
        payment("victim 2", "front", 600_000, 1, **held("front")),
        payment("front", "next", 700_000, 3),
        # a shop: card takings, and transfers from customers
        payment("customers", "shop", 900_000, -48, instrument="card", **held("shop")),
        payment("customer", "shop", 500_000, **held("shop")),
        payment("shop", "new supplier", 480_000, 1),
        # a service that pays wages
        payment("client", "service", 500_000, **held("service")),
        payment("service", "worker", 200_000, 1, instrument="salary"),
        payment("service", "partner", 450_000, 1),
        # a firm paid by a firm
        payment("shop", "builder", 500_000, payer_holder="shop's BIN", **held("builder")),
        payment("builder", "crane", 480_000, 1),
        # a money-changer with a float, and one who does it every day
        payment("a", "changer", 500_000, side="payee", balance=9_000_000 * TENGE,
                **held("changer")),
        payment("changer", "b", 495_000, 1, side="payer", balance=8_500_000 * TENGE),
        *(payment(f"c{n}", "daily", 100_000, -24 * n, **held("daily")) for n in range(9)),
        *(payment("daily", f"d{n}", 99_000, 1 - 24 * n) for n in range(9)),
        # a private person
        payment("victim 3", "drop", 500_000, payee_holder="a person"),
        payment("drop", "next", 480_000, 1),
    ]  # fmt: skip
    firms = [f"{name}'s BIN" for name in (
        "front", "shop", "service", "builder", "changer", "daily",
    )]  # fmt: skip
    found = see(CODE, {"payment": rows, "subscription": numbers(*firms)})
    [finding] = [one for one in found if one.window_from_us == 20_000 * DAY]
    assert finding.subject == "front"
    assert finding.score == 0.7
    assert finding.evidence == {
        "currency": "KZT", "received_minor": 1_000_000 * TENGE, "passed_minor": 700_000 * TENGE,
        "trade_minor": 0, "payers": 2, "payees": 1, "first_us": NOON,
        "last_us": NOON + 3 * HOUR,
    }  # fmt: skip


def test_parameters_move_the_borders(see: Any, payment: Any) -> None:
    rows = [
        payment("somebody", "somebody else", 100, -24 * 60),
        payment("victim", "front", 100_000, **FIRM),
        payment("front", "next", 59_999, 1),
        payment("customer", "front", 25_000, -30, instrument="card", **FIRM),
    ]
    facts = {"payment": rows, "subscription": numbers("firm")}
    assert see(CODE, facts) == []
    assert see(CODE, facts, min_passed_permille=599) == []
    assert len(see(CODE, facts, min_passed_permille=599, max_trade_permille=251)) == 1
