"""REQ-50: more numbers than the law lets one person have, by the limit of the date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

DAY = 86_400_000_000
Row = dict[str, Any]


def at(year: int, month: int, day: int, hour: int = 12) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp()) * 1_000_000


def event(phone: str, at_us: int, holder: str = "per_a", **columns: Any) -> Row:
    return {
        "id": f"{phone}-{at_us}-{columns.get('event', '')}",
        "source": "operator",
        "at_us": at_us,
        "event": "activated",
        "phone": phone,
        "holder": holder,
        "holder_kind": "person",
        "dealer": "D1",
        "biometric": True,
        **columns,
    }


def numbers(n: int, at_us: int, holder: str = "per_a", **columns: Any) -> list[Row]:
    return [event(f"tel_{holder}_{k:03}", at_us + k, holder, **columns) for k in range(n)]


@pytest.fixture
def found(see: Any) -> Callable[..., list[Any]]:
    code = "subscriptions.many_numbers_one_holder"
    return lambda rows, **params: see(code, {"subscription": rows}, **params)


def test_fires_on_the_eleventh_number_and_not_on_the_tenth(found: Any) -> None:
    assert found(numbers(10, at(2026, 3, 5))) == []
    [finding] = found(numbers(11, at(2026, 3, 5)))
    assert (finding.subject_kind, finding.subject) == ("person", "per_a")
    assert (finding.window_from_us, finding.window_to_us) == (at(2026, 3, 1, 0), at(2026, 4, 1, 0))
    assert finding.score == pytest.approx(1 / 40)
    assert finding.evidence == {
        "held": 11,
        "allowed": 10,
        "basis": "law",
        "activated": 11,
        "without_biometrics": 0,
        "last_us": at(2026, 3, 5) + 10,
        "dealers": ["D1"],
        "phones": [f"tel_per_a_{k:03}" for k in range(11)],
    }


def test_before_18_november_2025_no_number_is_known_for_persons(found: Any) -> None:
    assert found(numbers(40, at(2025, 11, 17, 18))) == []
    assert len(found(numbers(40, at(2025, 11, 17, 20)))) == 1  # already the 18th in Almaty


def test_numbers_from_before_the_limit_count_once_another_is_added(found: Any) -> None:
    old = numbers(10, at(2024, 5, 5))
    assert found(old) == []
    [finding] = found([*old, event("tel_new", at(2026, 2, 2))])
    assert finding.evidence["held"] == 11
    assert finding.evidence["phones"] == ["tel_new"]


def test_deactivations_subtract(found: Any) -> None:
    rows = numbers(11, at(2026, 3, 5))
    gone = event("tel_per_a_000", at(2026, 3, 5, 15), event="deactivated")
    assert found([*rows, gone]) == []
    late = event("tel_per_a_000", at(2026, 3, 6), event="deactivated")
    assert len(found([*rows, late])) == 1


def test_a_number_passed_to_another_holder_moves(found: Any) -> None:
    rows = numbers(11, at(2026, 3, 5))
    passed = event("tel_per_a_000", at(2026, 3, 5, 15), "per_b", event="transferred")
    assert found([*rows, passed]) == []
    many = [
        event(f"tel_per_a_{k:03}", at(2026, 3, 7), "per_b", event="transferred") for k in range(11)
    ]
    assert [finding.subject for finding in found([*rows, *many])] == ["per_a", "per_b"]


def test_the_same_activation_again_adds_nothing(found: Any) -> None:
    rows = numbers(10, at(2026, 3, 5))
    again = [{**row, "id": f"again-{row['id']}", "at_us": row["at_us"] + DAY} for row in rows]
    assert found([*rows, *again]) == []


def test_companies_and_sole_traders_are_counted_apart(found: Any) -> None:
    staff = numbers(200, at(2026, 3, 5), "per_company", holder_kind="company")
    assert found(staff) == []
    trader = numbers(51, at(2026, 3, 5), "per_trader", holder_kind="sole_trader")
    [finding] = found([*staff, *trader])
    assert (finding.subject_kind, finding.evidence["basis"]) == ("sole_trader", "judgement")
    same = [
        *numbers(6, at(2026, 3, 5)),
        *(
            event(f"tel_s{k}", at(2026, 3, 5), holder_kind="sole_trader")
            for k in range(6)
        ),
    ]  # fmt: skip
    assert found(same) == []


def test_kept_numbers_are_not_found_again_every_month(found: Any) -> None:
    rows = [*numbers(12, at(2026, 3, 5)), event("tel_gone", at(2026, 5, 5), event="deactivated")]
    assert len(found(rows)) == 1


def test_a_limit_of_another_date_moves_the_border(found: Any) -> None:
    from qalqan.detectors.subscriptions.many_numbers_one_holder import LIMITS, Limit

    five = Limit("person", "2027-01-01", 5, "law", "an amendment")
    rows = numbers(6, at(2026, 12, 5)) + numbers(6, at(2027, 1, 5), "per_b")
    assert found(rows) == []
    assert [finding.subject for finding in found(rows, limits=(*LIMITS, five))] == ["per_b"]


def test_without_biometrics_and_dealers_are_named(found: Any) -> None:
    rows = numbers(12, at(2026, 3, 5), biometric=False)
    rows[3]["dealer"], rows[4]["dealer"] = "D2", None
    [finding] = found(rows)
    assert finding.evidence["without_biometrics"] == 12
    assert finding.evidence["dealers"] == ["D1", "D2"]
