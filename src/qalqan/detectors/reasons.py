"""Why an account or a person is worth a look: at most five reasons, the strongest first.

Several detectors may speak of one subject in the same days. An officer reads one alert: findings
whose windows meet, one reason a detector, in the reader's language. Scores of detectors are
not on one scale, so each has a weight, set by hand after looking at the simulated country and at
the AMLSim set; no benchmark publishes them yet. The alert's score ranks alerts; it is no
probability and blocks nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from qalqan.detectors.sentence import sentence, title
from qalqan.text.catalogue import LANGUAGES

MOST = 5
"""Reasons an alert; more are not read."""
NEAR_US = 3 * 86_400_000_000
"""Windows this near each other are one story; judgement: a drop is used up within days."""
WEIGHTS: Mapping[str, float] = {
    "chains.loan_under_remote_access": 1.0,
    "chains.loan_paid_to_another": 1.0,
    "loans.several_within_an_hour": 0.95,
    "chains.cabinet_from_elsewhere": 0.95,
    "chains.business_takes_strangers_money": 0.95,
    "chains.accounts_on_one_device": 0.95,
    "payments.leaves_soon_after_receipt": 0.95,
    "payments.dormant_then_active": 0.9,
    "chains.gathers_from_several": 0.85,
    "payments.passes_through": 0.8,
    "payments.many_unrelated_payers": 0.75,
    "payments.scattered_and_gathered": 0.6,
    "calls.sim_box": 0.95,
    "calls.call_centre": 0.9,
    "calls.fraud_signs_to_city_lines": 0.9,
    "calls.legs_unmatched": 0.9,
    "calls.rings_once": 0.9,
    "calls.spoofed_domestic": 0.9,
    "chains.call_then_loan": 0.9,
    "chains.call_then_remote_session": 0.9,
    "subscriptions.many_devices_one_sim": 0.9,
    "subscriptions.many_sims_one_device": 0.9,
    "subscriptions.batch_activation": 0.8,
    "chains.used_far_from_sale": 0.75,
    "chains.call_then_payment": 0.5,
}
"""Judgement: near the share of right findings in the simulated country, which was made to show what
most of these detectors look for; on AMLSim `passes_through` is seldom right. In a week of simulated
calls all but a few findings on numbers, devices and dealers were right, once contracted trunks and
gateways with a permit were listed; of payments after a call most were chance."""
OTHERWISE = 0.5
"""For a detector that nobody has measured yet."""


class Seen(Protocol):
    """What an alert needs of a finding; one in memory or a row of the register."""

    @property
    def detector(self) -> str: ...
    @property
    def subject_kind(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def window_from_us(self) -> int: ...
    @property
    def window_to_us(self) -> int: ...
    @property
    def score(self) -> float: ...
    @property
    def evidence(self) -> Mapping[str, object]: ...


@dataclass(frozen=True)
class Reason:
    """One detector's word on the subject."""

    detector: str
    strength: float
    """Its score, weighed; 0 to 1."""
    window_from_us: int
    window_to_us: int
    evidence: Mapping[str, object]

    def title(self, language: str) -> str:
        """What was looked for."""
        return title(self.detector, language)

    def sentence(self, language: str) -> str:
        """What was seen."""
        return sentence(self.detector, self.evidence, language)


@dataclass(frozen=True)
class Alert:
    """All that was seen of one subject in days that hang together."""

    subject_kind: str
    subject: str
    window_from_us: int
    window_to_us: int
    score: float
    """One less the product of what each reason leaves open."""
    reasons: tuple[Reason, ...]
    """At most `MOST`, the strongest first."""
    findings: int
    """How many findings it stands for."""

    def as_dict(self) -> dict[str, object]:
        """For JSON, with the words in every language."""
        return {
            "subject_kind": self.subject_kind,
            "subject": self.subject,
            "window_from_us": self.window_from_us,
            "window_to_us": self.window_to_us,
            "score": round(self.score, 4),
            "findings": self.findings,
            "reasons": [
                {
                    "detector": one.detector,
                    "strength": round(one.strength, 4),
                    **{language: one.sentence(language) for language in LANGUAGES},
                }
                for one in self.reasons
            ],
        }


def alerts(findings: Iterable[Seen]) -> list[Alert]:
    """Findings as alerts, the strongest first; of equal ones in the order of their subjects."""
    subjects: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for one in findings:
        subjects[one.subject_kind, one.subject].append(one)
    made = [_alert(story) for some in subjects.values() for story in _stories(some)]
    return sorted(
        made, key=lambda one: (-one.score, one.subject_kind, one.subject, one.window_from_us)
    )


def _stories(findings: list[Seen]) -> Iterator[list[Seen]]:
    """Findings of one subject, parted where days lie between them."""
    findings.sort(key=lambda one: (one.window_from_us, one.window_to_us, one.detector))
    story: list[Seen] = []
    until_us = 0
    for one in findings:
        if story and one.window_from_us - until_us > NEAR_US:
            yield story
            story = []
        until_us = max(until_us, one.window_to_us) if story else one.window_to_us
        story.append(one)
    yield story


def _alert(story: Sequence[Seen]) -> Alert:
    reasons = _reasons(story)
    doubt = 1.0
    for reason in reasons:
        doubt *= 1 - reason.strength
    return Alert(
        story[0].subject_kind,
        story[0].subject,
        min(one.window_from_us for one in story),
        max(one.window_to_us for one in story),
        1 - doubt,
        reasons[:MOST],
        len(story),
    )


def _reasons(story: Sequence[Seen]) -> tuple[Reason, ...]:
    """Each detector's strongest finding; of equal ones the latest."""
    best: dict[str, Reason] = {}
    for one in story:
        strength = one.score * WEIGHTS.get(one.detector, OTHERWISE)
        known = best.get(one.detector)
        if known is None or strength >= known.strength:
            best[one.detector] = Reason(
                one.detector, strength, one.window_from_us, one.window_to_us, one.evidence
            )
    return tuple(sorted(best.values(), key=lambda one: (-one.strength, one.detector)))
