"""May this loan be granted now? Applications in a victim's name (REQ-30, 31).

Every threshold stands once, in `LoanParams`: detectors on facts of kind `loan` and `session` take
it from here, and the predicates beside it tell what it means for one application.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from qalqan.clock import DAY, HOUR
from qalqan.screening.verdict import Answer, Rule, Table


@dataclass(frozen=True)
class LoanParams:
    """Thresholds of the rules on loans; times in microseconds."""

    window_us: int = HOUR
    """Several applications "within an hour": the issue that asked for the rule says so (REQ-30)."""
    least_applications: int = 3
    """Judgement: two offers compared in an hour are ordinary, three are not yet a crime either,
    so the rule only asks the borrower."""
    least_lenders: int = 2
    """Judgement: one lender's form sent again after a failure is one wish for one loan."""
    device_memory_us: int = 90 * DAY
    """A device not seen with this person for so long is new; judgement: two changes of season, and
    as long as sessions are kept."""
    remote_before_us: int = HOUR
    """A remote-access session still counts so long after it was last seen (REQ-31); judgement: the
    time in which a victim is led through a loan and its transfer."""
    least_score: float = 0.9
    """A finding on the payout account counts from here; judgement, as for payments."""


class LoanSeen(NamedTuple):
    """All that is known about one application at its moment."""

    amount: int
    currency: str
    applications: int = 1
    """By this person within the window, this one included …"""
    lenders: int = 1
    """… and to how many lenders."""
    new_device: bool | None = None
    """None: the device was not told, or nothing was known of this person before."""
    remote_ago_us: int | None = None
    """Since a remote-access session of this person was last seen; 0: it runs now."""
    payout_to_other: bool | None = None
    """The payout account is held by somebody else; None: nobody knows its holder."""
    payout_listed: str | None = None
    """Legal ground under which people listed the payout account."""
    payout_score: float = 0.0
    payout_detector: str | None = None
    refusal: str | None = None
    """Legal ground of the borrower's own registered refusal of credit, if the lender tells it."""


def several_lenders(applications: int, lenders: int, p: LoanParams) -> bool:
    """So many applications within `window_us` are several."""
    return applications >= p.least_applications and lenders >= p.least_lenders


def is_remote(ago_us: int | None, p: LoanParams) -> bool:
    """A session under remote access runs, or did a moment ago."""
    return ago_us is not None and ago_us <= p.remote_before_us


RULES: Table[LoanSeen, LoanParams] = Table(
    (
        Rule(
            "loans.refused_by_borrower",
            Answer.REFUSE,
            lambda s, p: s.refusal is not None,
            ("refusal",),
            ground="refusal",
        ),
        Rule(
            "loans.payout_listed",
            Answer.HOLD,
            lambda s, p: s.payout_listed is not None,
            ("payout_listed",),
            ground="payout_listed",
        ),
        Rule(
            "loans.remote_session",
            Answer.CHALLENGE,
            lambda s, p: is_remote(s.remote_ago_us, p),
            ("remote_ago_us",),
        ),
        Rule(
            "loans.payout_to_other",
            Answer.CHALLENGE,
            lambda s, p: s.payout_to_other is True,
            ("payout_to_other",),
        ),
        Rule(
            "loans.several_lenders",
            Answer.CHALLENGE,
            lambda s, p: several_lenders(s.applications, s.lenders, p),
            ("applications", "lenders"),
        ),
        Rule(
            "loans.new_device",
            Answer.LABEL,
            lambda s, p: s.new_device is True,
            ("new_device",),
        ),
        Rule(
            "loans.payout_found",
            Answer.LABEL,
            lambda s, p: s.payout_score >= p.least_score,
            ("payout_score", "payout_detector"),
        ),
    )
)
"""The table, strongest first."""
