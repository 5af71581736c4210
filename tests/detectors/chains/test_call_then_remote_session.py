"""REQ-28, 31: a stranger's call, then a session under remote control."""

from __future__ import annotations

from typing import Any

from detectors.called import FROM_ABROAD, MINUTE, NOON, Row, activation, call

CODE = "chains.call_then_remote_session"
PEOPLE = ("victim", "helped", "plain", "blocked", "late")


def rung(person: str, caller: str, minutes: float = 0, **columns: Any) -> Row:
    told = {**FROM_ABROAD, "duration_s": 600, **columns}
    return call(caller, f"{person}'s phone", minutes, **told)


def test_fires_on_remote_control_and_is_quiet_on_known_helpers(see: Any, session: Any) -> None:
    def entered(person: str, minutes: float, **columns: Any) -> Row:
        row = session(person, f"{person}'s", "d", **{"remote_access": True, **columns})
        return {**row, "at_us": NOON + int(minutes * MINUTE)}

    calls = [rung(one, "stranger") for one in PEOPLE if one != "helped"]
    calls += [rung("helped", "son", -5_000, duration_s=9), rung("helped", "son")]
    facts = {
        "subscription": [activation(f"{one}'s phone", one, -100) for one in PEOPLE],
        "call": calls,
        "session": [
            entered("victim", 5), entered("victim", 7), entered("helped", 5),
            entered("plain", 5, remote_access=False), entered("blocked", 5, outcome="blocked"),
            entered("late", 71),
        ],
    }  # fmt: skip
    [found] = see(CODE, facts)
    assert (found.subject_kind, found.subject) == ("person", "victim")
    evidence = dict(found.evidence)
    assert len(evidence.pop("facts")) == 3
    assert evidence == {
        "sessions": 2, "calls": 1, "abroad": 1, "voip": 0, "talk_span_us": 10 * MINUTE,
        "least_span_us": 5 * MINUTE, "call_us": NOON, "first_us": NOON + 5 * MINUTE,
        "callers": ["stranger"],
    }  # fmt: skip
    assert {one.subject for one in see(CODE, facts, within_us=61 * MINUTE)} == {"victim", "late"}
    assert see(CODE, facts, min_talk_s=601) == []
