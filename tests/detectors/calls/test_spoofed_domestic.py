"""REQ-45, 48: domestic numbers over an international trunk."""

from __future__ import annotations

from typing import Any

from detectors.called import DAY, FROM_ABROAD, NOON, Row, call

CODE = "calls.spoofed_domestic"


def over_t1(n: int, name: str, **columns: Any) -> list[Row]:
    """Calls from abroad under numbers of this country, each another."""
    told = {**FROM_ABROAD, "caller_country": "KZ", **columns}
    return [call(f"{name} {k}", f"victim {k}", k, **told) for k in range(n)]


def test_one_finding_a_trunk_and_day_with_what_was_shown(see: Any) -> None:
    rows = [
        *over_t1(12, "fixed", caller_class="fixed"),
        *over_t1(2, "free", caller_class="unassigned", answered=False),
        *over_t1(5, "at home", caller_place="home", verdict="refuse"),
        *over_t1(3, "shown", caller_country="RU", presented_country="KZ", presented_class="fixed"),
        *over_t1(4, "somewhere", caller_place="unknown"),
        *over_t1(1, "untold"),
        *over_t1(30, "fixed", caller_class="fixed", trunk="t2"),
    ]
    first, second = see(CODE, {"call": rows})
    assert (first.subject_kind, first.subject) == ("trunk", "operator:t1")
    assert first.window_to_us - first.window_from_us == DAY
    evidence = dict(first.evidence)
    assert (evidence.pop("first_us"), evidence.pop("last_us")) == (NOON, NOON + 11 * 60_000_000)
    assert evidence == {
        "forged": 22, "cannot_travel": 14, "at_home": 5, "shown_only": 3, "place_unknown": 5,
        "numbers": 22, "called": 12, "answered": 20, "refused": 5,
    }  # fmt: skip
    assert first.score == 22 / 500
    assert second.subject == "operator:t2"


def test_quiet_on_roamers_unknown_places_and_calls_that_leave(see: Any) -> None:
    rows = [
        *over_t1(60, "roamer", caller_place="abroad"),
        *over_t1(60, "somewhere", caller_place="unknown"),
        *over_t1(19, "late news", caller_place="home"),
        *over_t1(60, "to abroad", caller_class="fixed", callee_country="RU"),
        *over_t1(60, "handed over", caller_class="fixed", direction="out"),
        *over_t1(60, "inland", caller_class="fixed", trunk_class="domestic"),
        *over_t1(60, "mobile shown", caller_country="RU", presented_country="KZ",
                 presented_class="mobile"),
    ]  # fmt: skip
    assert see(CODE, {"call": rows}) == []


def test_parameters_move_the_borders(see: Any) -> None:
    rows = over_t1(19, "fixed", caller_class="fixed")
    assert see(CODE, {"call": rows}) == []
    assert len(see(CODE, {"call": rows}, min_forged=19)) == 1
    assert see(CODE, {"call": rows}, min_forged=19, permitted=("operator:t1",)) == []
    assert see(CODE, {"call": rows}, min_forged=19, may_travel=("mobile", "fixed")) == []
