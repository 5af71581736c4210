"""REQ-31: remote access to the victim's device, then a loan."""

from __future__ import annotations

from typing import Any

from detectors.conftest import HOUR, NOON, TENGE
from qalqan.screening.loans import LoanParams, is_remote

CODE = "chains.loan_under_remote_access"


def test_fires_after_remote_access_and_is_quiet_on_help_at_other_times(
    see: Any, loan: Any, session: Any
) -> None:
    remote = {"remote_access": True}
    loans = [
        loan("victim", 0.25, source="other bank"),
        loan("helped yesterday"),
        loan("helped after"),
        loan("blocked"),
        loan("plain"),
    ]
    sessions = [
        session("victim", "acc", "d", 0, **remote),
        session("helped yesterday", "acc", "d", -24, **remote),
        session("helped after", "acc", "d", 0.1, **remote),
        session("blocked", "acc", "d", -0.1, **remote, outcome="blocked"),
        session("plain", "acc", "d", -0.1),
    ]
    [finding] = see(CODE, {"loan": loans, "session": sessions})
    assert finding.subject == "victim"
    assert finding.score == 1 - HOUR / 4 / (2 * LoanParams().remote_before_us)
    assert finding.evidence == {
        "currency": "KZT", "asked_minor": 100_000 * TENGE, "applications": 1, "granted": 1,
        "least_span_us": HOUR // 4, "remote_us": NOON, "first_us": NOON + HOUR // 4,
        "facts": ["bank:s0", "other bank:l0"],
    }  # fmt: skip


def test_its_border_is_the_screen_s(see: Any, loan: Any, session: Any) -> None:
    p = LoanParams()
    facts = {"session": [session("a", "acc", "d", remote_access=True)]}
    for ago_us in (p.remote_before_us, p.remote_before_us + 1):
        facts["loan"] = [{**loan("a"), "at_us": NOON + ago_us}]
        assert bool(see(CODE, facts)) == is_remote(ago_us, p)
    assert len(see(CODE, facts, remote_before_us=p.remote_before_us + 1)) == 1
