"""An alert says at most five things, the strongest first, in three languages."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from qalqan.detectors.reasons import MOST, NEAR_US, WEIGHTS, alerts
from qalqan.detectors.registry import all_detectors
from qalqan.model.finding import Finding

DAY = 86_400_000_000


def finding(detector: str, score: float, day: int = 0, subject: str = "acc") -> Finding:
    evidence: dict[str, Any] = {"currency": "KZT"}
    return Finding(
        detector, "account", subject, day * DAY, (day + 1) * DAY, score, evidence, "v", 1
    )


findings = st.lists(
    st.builds(
        finding,
        st.sampled_from([*WEIGHTS, "somebody.s_own"]),
        st.floats(0, 1),
        st.integers(0, 20),
        st.sampled_from(["a", "b"]),
    )
)


@given(findings)
def test_every_finding_is_in_one_alert_and_no_order_matters(some: list[Finding]) -> None:
    found = alerts(some)
    assert sum(one.findings for one in found) == len(some)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    for one in found:
        assert 1 <= len(one.reasons) <= MOST
        assert len({reason.detector for reason in one.reasons}) == len(one.reasons)
        strengths = [reason.strength for reason in one.reasons]
        assert strengths == sorted(strengths, reverse=True)
        assert 0 <= one.score <= 1
        inside = [
            f
            for f in some
            if f.subject == one.subject
            and one.window_from_us <= f.window_from_us
            and f.window_to_us <= one.window_to_us
        ]
        assert len(inside) == one.findings
    assert [(one.subject, one.window_from_us, one.score) for one in alerts(some[::-1])] == [
        (one.subject, one.window_from_us, one.score) for one in found
    ]


def test_one_reason_a_detector_the_strongest_and_five_at_most() -> None:
    seven = list(WEIGHTS)[:7]
    some = [finding(code, 0.5 + i / 20) for i, code in enumerate(seven)]
    [alert] = alerts([*some, finding(seven[0], 0.9, day=1)])
    assert alert.findings == 8
    assert len(alert.reasons) == MOST
    assert alert.reasons[0].strength == max(
        [0.9 * WEIGHTS[seven[0]], *((0.5 + i / 20) * WEIGHTS[code] for i, code in enumerate(seven))]
    )


def test_days_between_part_two_stories() -> None:
    near = NEAR_US // DAY
    assert len(alerts([finding("a.b", 1, 0), finding("a.b", 1, near + 1)])) == 1
    assert len(alerts([finding("a.b", 1, 0), finding("a.b", 1, near + 2)])) == 2


def test_weights_name_detectors_that_exist() -> None:
    assert WEIGHTS.keys() <= all_detectors().keys()
