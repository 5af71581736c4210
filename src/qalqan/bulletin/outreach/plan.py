"""What a campaign is to be, checked: title, aim, channel, whom, when, how many, for how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin.outreach import texts
from qalqan.bulletin.outreach.segments import HOURS, TRAITS
from qalqan.cases import codes
from qalqan.cases.ages import BANDS
from qalqan.errors import InputRejected
from qalqan.register import orm
from qalqan.register.rights import COUNTRY
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.line import line

CHANNELS = (
    "sms", "operator_text", "bank_app", "social", "media", "video", "booklet", "banner",
    "packaging", "sport", "talk",
)  # fmt: skip
TEXTED = ("sms", "operator_text", "bank_app")
"""Channels that carry one of our messages."""
CHOSEN = ("age", "language")
"""Traits that consenting people have told: an SMS goes by these and the region alone."""
LONGEST_TITLE, LONGEST_EVIDENCE = 200, 1_000
MOST_PEOPLE = 100_000_000
MOST_TIYN = 10**15


@dataclass(frozen=True)
class Plan:
    """A campaign as its owner wants it."""

    title: str
    methods: tuple[str, ...]
    channel: str
    region: str
    from_us: int
    to_us: int
    planned_reach: int
    budget: int = 0
    """tiyn"""
    segment: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    owner: str = ""
    """Login; empty: whoever writes it down."""
    evidence: str = ""


def checked(session: Session, plan: Plan) -> Plan:
    """The plan in its one form.

    Raises:
        InputRejected: what can't be, by its field.
    """
    title = line("title", plan.title, LONGEST_TITLE)
    if plan.channel not in CHANNELS:
        raise InputRejected("channel", plan.channel, "one_of", choices=", ".join(CHANNELS))
    if plan.region != COUNTRY:
        codes.check_region(plan.region)
    _check_numbers(plan)
    owner = plan.owner.strip()
    if owner and session.get(orm.User, owner) is None:
        raise InputRejected("owner", owner, "outreach.owner")
    return Plan(
        title=title,
        methods=codes.check_methods(plan.methods, clock.now_us()),
        channel=plan.channel,
        region=plan.region,
        from_us=plan.from_us,
        to_us=plan.to_us,
        planned_reach=plan.planned_reach,
        budget=plan.budget,
        segment=_segment(plan),
        text=_text(session, plan),
        owner=owner,
        evidence=line("evidence", plan.evidence, LONGEST_EVIDENCE, needed=False),
    )


def _check_numbers(plan: Plan) -> None:
    if plan.to_us <= plan.from_us:
        raise InputRejected("to", plan.to_us, "outreach.dates")
    if not 0 < plan.planned_reach <= MOST_PEOPLE:
        raise InputRejected("planned_reach", plan.planned_reach, "outreach.reach")
    if not 0 <= plan.budget <= MOST_TIYN:
        raise InputRejected("budget", plan.budget, "outreach.cost")


def _segment(plan: Plan) -> dict[str, str]:
    known = {
        "age": BANDS, "language": LANGUAGES, "hour": HOURS, "region": tuple(codes.regions()),
        "method": tuple(codes.code_book(clock.now_us()).methods),
    }  # fmt: skip
    found = {name: code for name, code in plan.segment.items() if code}
    may = CHOSEN if plan.channel == "sms" else TRAITS
    for name, code in found.items():
        if name not in may or code not in known.get(name, ()):
            raise InputRejected("segment", f"{name}={code}", "outreach.segment")
    return dict(sorted(found.items()))


def _text(session: Session, plan: Plan) -> str | None:
    if plan.channel not in TEXTED:
        return None
    key = (plan.text or "").strip()
    if key not in texts.in_force(session, "message"):
        raise InputRejected("text", key, "outreach.text")
    return key
