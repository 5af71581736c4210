"""REQ-30, 31: one person, several lenders, one hour."""

from __future__ import annotations

from typing import Any

from detectors.conftest import HOUR, NOON, TENGE
from qalqan.screening.loans import LoanParams, several_lenders

CODE = "loans.several_within_an_hour"


def test_fires_on_three_lenders_and_is_quiet_on_one_form_sent_again(see: Any, loan: Any) -> None:
    rows = [
        loan("victim", 0, source="a"),
        loan("victim", 0.5, source="b", decision="refused"),
        loan("victim", 1, source="b"),
        *(loan("insistent", n / 10, source="a", decision="refused") for n in range(5)),
        *(loan("comparing", 24 * n, source=f"lender {n}") for n in range(4)),
        *(loan("two offers", n / 10, source=f"lender {n}") for n in range(2)),
    ]
    [finding] = see(CODE, {"loan": rows})
    assert (finding.subject_kind, finding.subject) == ("person", "victim")
    evidence = dict(finding.evidence)
    assert evidence.pop("facts") == ["a:l0", "b:l1", "b:l2"]
    assert evidence == {
        "currency": "KZT", "applications": 3, "lenders": 2, "granted": 2,
        "asked_minor": 300_000 * TENGE, "first_us": NOON, "last_us": NOON + HOUR,
    }  # fmt: skip


def test_its_borders_are_the_screen_s(see: Any, loan: Any) -> None:
    p = LoanParams()
    for n in (p.least_applications - 1, p.least_applications):
        rows = [loan("victim", i / 10, source=f"lender {i}") for i in range(n)]
        assert bool(see(CODE, {"loan": rows})) == several_lenders(n, n, p)
    late = [loan("victim", i * 0.51, source=f"lender {i}") for i in range(p.least_applications)]
    assert see(CODE, {"loan": late}) == []
    assert len(see(CODE, {"loan": late}, window_us=2 * HOUR)) == 1
