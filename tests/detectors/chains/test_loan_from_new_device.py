"""REQ-30: a loan from a device that is not the borrower's."""

from __future__ import annotations

from typing import Any

from detectors.conftest import DAY, NOON, TENGE

CODE = "chains.loan_from_new_device"


def test_fires_on_a_stranger_s_device_and_is_quiet_on_one_s_own(
    see: Any, loan: Any, session: Any
) -> None:
    loans = [
        loan("victim", device="ring's", source="bank"),
        loan("victim 2", 1, device="ring's", source="bank"),
        loan("honest", device="honest's", source="bank"),
        loan("new phone", device="new", source="bank"),
        loan("unknown", device="any", source="bank"),
        loan("elsewhere", device="other bank's mark", source="bank 2"),
        loan("untold", device=None, source="bank"),
    ]
    sessions = [
        *(session(who, "acc", f"{who}'s", -24 * 20) for who in (
            "victim", "victim 2", "honest", "new phone", "elsewhere", "untold",
        )),
        session("new phone", "acc", "new", -30),
    ]  # fmt: skip
    found = see(CODE, {"loan": loans, "session": sessions})
    assert [one.subject for one in found] == ["victim", "victim 2"]
    assert found[0].score == 0.25 + 0.75 / 2
    evidence = dict(found[0].evidence)
    assert evidence.pop("facts") == ["bank:l0"]
    assert evidence == {
        "currency": "KZT", "asked_minor": 100_000 * TENGE, "applications": 1, "granted": 1,
        "known_devices": 1, "other_applicants": 1, "first_us": NOON,
    }  # fmt: skip


def test_parameters_move_the_borders(see: Any, loan: Any, session: Any) -> None:
    facts = {
        "loan": [loan("person", device="new", source="bank")],
        "session": [
            session("person", "acc", "old", -24 * 89),
            session("person", "acc", "new", -25),
        ],
    }
    assert see(CODE, facts) == []
    assert len(see(CODE, facts, settled_us=2 * DAY)) == 1
    assert see(CODE, facts, settled_us=2 * DAY, device_memory_us=88 * DAY) == []
