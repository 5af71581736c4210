"""REQ-28, 31: a stranger's call, then a loan."""

from __future__ import annotations

from typing import Any

from detectors.called import FROM_ABROAD, MINUTE, NOON, Row, activation, call
from detectors.conftest import TENGE

CODE = "chains.call_then_loan"
PEOPLE = ("victim", "buyer", "earlier", "late")


def rung(person: str, caller: str, minutes: float = 0, **columns: Any) -> Row:
    told = {**FROM_ABROAD, "duration_s": 600, **columns}
    return call(caller, f"{person}'s phone", minutes, **told)


def test_fires_on_a_loan_and_is_quiet_on_a_known_shop(see: Any, loan: Any) -> None:
    def asked(person: str, minutes: float, **columns: Any) -> Row:
        return {**loan(person, **columns), "at_us": NOON + int(minutes * MINUTE)}

    calls = [rung(one, "stranger") for one in PEOPLE if one != "buyer"]
    calls += [rung("victim", "stranger", 20, trunk_class="voip")]
    calls += [rung("buyer", "shop", -5_000, duration_s=9), rung("buyer", "shop")]
    facts = {
        "subscription": [activation(f"{one}'s phone", one, -100) for one in PEOPLE],
        "call": calls,
        "loan": [
            asked("victim", 30), asked("victim", 40, decision="refused"), asked("buyer", 5),
            asked("earlier", -1), asked("late", 71),
        ],
    }  # fmt: skip
    [found] = see(CODE, facts)
    assert (found.subject_kind, found.subject) == ("person", "victim")
    evidence = dict(found.evidence)
    assert len(evidence.pop("facts")) == 4
    assert evidence == {
        "currency": "KZT", "asked_minor": 200_000 * TENGE, "applications": 2, "granted": 1,
        "calls": 2, "abroad": 2, "voip": 1, "talk_span_us": 10 * MINUTE,
        "least_span_us": 10 * MINUTE, "call_us": NOON, "first_us": NOON + 30 * MINUTE,
        "callers": ["stranger"],
    }  # fmt: skip
    assert {one.subject for one in see(CODE, facts, within_us=61 * MINUTE)} == {"victim", "late"}
    assert see(CODE, facts, min_talk_s=601) == []
