"""REQ-50: numbers that a dealer registers on itself."""

from __future__ import annotations

from typing import Any

from detectors.called import Row, activation

CODE = "subscriptions.dealer_on_one_holder"
DAY = 24 * 60
FIRM: Row = {"holder_kind": "company"}


def sold(n: int, holder: str = "own firm", days: int = 6, **columns: Any) -> list[Row]:
    """Numbers of one holder, sold in turn on so many days before and after the 27th."""
    told = {**FIRM, **columns}
    return [
        activation(f"{holder} {k}", holder, (k % days - days // 2) * DAY + k, **told)
        for k in range(n)
    ]


def found(see: Any, rows: list[Row], **params: Any) -> list[str]:
    return [one.subject for one in see(CODE, {"subscription": rows}, **params)]


def test_fires_on_a_dealer_that_keeps_coming_back_to_one_holder(see: Any) -> None:
    [one] = see(CODE, {"subscription": sold(24)})
    assert (one.subject_kind, one.subject) == ("company", "own firm")
    evidence = dict(one.evidence)
    assert evidence.pop("last_us") > evidence.pop("first_us")
    assert len(evidence.pop("phones")) == 24
    assert evidence == {
        "activated": 24, "days": 6, "from_one_dealer": 24, "without_biometrics": 24,
        "dealers": ["operator:D1"],
    }  # fmt: skip
    assert one.score == (24 / 200 + 1) / 2


def test_quiet_on_firms_that_buy_for_their_staff(see: Any) -> None:
    at_once = sold(60, "builders", days=1)
    checked = sold(40, "couriers", biometric=True)
    of_operator = sold(40, "bank", dealer=None)
    some_shops = [row | {"dealer": f"D{k % 3}"} for k, row in enumerate(sold(40, "chain"))]
    family = sold(6, "family", holder_kind="person")
    assert found(see, at_once + checked + of_operator + some_shops + family) == []


def test_parameters_move_the_borders(see: Any) -> None:
    rows = sold(19)
    assert found(see, rows) == []
    assert found(see, rows, min_numbers=19) == ["own firm"]
    assert found(see, rows, min_numbers=19, min_days=7) == []
    one_elsewhere = [rows[0] | {"dealer": "D9"}, *rows[1:]]
    assert found(see, one_elsewhere, min_numbers=19, min_dealer_permille=1_000) == []
    one_checked = [rows[0] | {"biometric": True}, *rows[1:]]
    assert found(see, one_checked, min_numbers=19, min_without_permille=1_000) == []
