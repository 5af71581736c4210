"""The register of prevention materials: what was published where, how often, and how many saw it
(REQ-72 to 75). Counts a month by kind are sums of what stands here, so that "20 thousand since the
start of the year" has a period and can be checked (REQ-82)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin.outreach import campaigns
from qalqan.bulletin.outreach.plan import MOST_PEOPLE
from qalqan.cases import codes
from qalqan.errors import InputRejected, NotFound
from qalqan.model.period import Period, day_in_almaty, month_of
from qalqan.register import audit, rights
from qalqan.register.orm import OutreachMaterial
from qalqan.register.rights import COUNTRY, Person, Right
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.line import line

KINDS = (
    "media", "social", "video", "booklet", "banner", "packaging", "sport", "talk", "messenger",
    "page",
)  # fmt: skip
LONGEST_TITLE, LONGEST_PLACE, LONGEST_LINK = 200, 200, 500


@dataclass(frozen=True)
class Material:
    """What was published, as somebody writes it down."""

    kind: str
    title: str
    languages: tuple[str, ...]
    methods: tuple[str, ...]
    place: str
    published_us: int
    publications: int = 1
    reach: int | None = None
    link: str = ""
    region: str = COUNTRY
    campaign: str | None = None


def enter(session: Session, person: Person, told: Material) -> OutreachMaterial:
    """Put a material on the register. A write transaction.

    Raises:
        NotAllowed: a role that may not. InputRejected: what can't be. NotFound: no such campaign.
    """
    rights.check(person, Right.CAMPAIGNS)
    _check(told)
    if told.campaign:
        campaigns.one(session, told.campaign)
    row = OutreachMaterial(
        kind=told.kind, title=line("title", told.title, LONGEST_TITLE),
        languages=[each for each in LANGUAGES if each in told.languages],
        methods=list(codes.check_methods(told.methods, clock.now_us())),
        place=line("place", told.place, LONGEST_PLACE), link=_link(told.link),
        region=told.region, published_us=told.published_us, publications=told.publications,
        reach=told.reach, campaign=told.campaign or None, by=person.login,
        entered_us=clock.now_us(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.note(session, person.login, "material.enter", "material", str(row.id), kind=row.kind)
    return row


def withdraw(session: Session, person: Person, number: int) -> None:
    """Take back what was entered by mistake; again changes nothing. A write transaction.
    `NotFound`, `NotAllowed`."""
    rights.check(person, Right.CAMPAIGNS)
    row = session.get(OutreachMaterial, number, with_for_update=True)
    if row is None:
        raise NotFound("material", str(number))
    if row.withdrawn_us is None:
        row.withdrawn_us = clock.now_us()
        audit.note(session, person.login, "material.withdraw", "material", str(number))


def listed(
    session: Session, kind: str = "", campaign: str = "", most: int = 100
) -> Sequence[OutreachMaterial]:
    """What counts, the newest first."""
    table = OutreachMaterial
    asked = select(table).where(table.withdrawn_us.is_(None))
    if kind:
        asked = asked.where(table.kind == kind)
    if campaign:
        asked = asked.where(table.campaign == campaign)
    return list(session.scalars(asked.order_by(table.published_us.desc(), table.id).limit(most)))


def published(session: Session, period: Period) -> dict[str, int]:
    """Publications by kind in a period: the figure of REQ-72."""
    table = OutreachMaterial
    counted = (
        select(table.kind, func.sum(table.publications))
        .where(
            table.withdrawn_us.is_(None), table.published_us >= period.from_us,
            table.published_us < period.to_us,
        )
        .group_by(table.kind)
    )  # fmt: skip
    return {kind: int(n) for kind, n in session.execute(counted)}


def by_month(session: Session, months: int) -> list[tuple[Period, dict[str, int]]]:
    """Publications by kind of the last months, this one first."""
    found, period = [], month_of(day_in_almaty(clock.now_us()))
    for _ in range(months):
        found.append((period, published(session, period)))
        period = period.before()
    return found


def totals(months: Sequence[tuple[Period, dict[str, int]]]) -> Counter[str]:
    """Sums of several months by kind."""
    whole: Counter[str] = Counter()
    for _, counts in months:
        whole.update(counts)
    return whole


def _check(told: Material) -> None:
    if told.kind not in KINDS:
        raise InputRejected("kind", told.kind, "one_of", choices=", ".join(KINDS))
    if not set(told.languages) & set(LANGUAGES):
        raise InputRejected("languages", "", "outreach.a_language")
    if told.region != COUNTRY:
        codes.check_region(told.region)
    if not codes.FIRST_US <= told.published_us <= clock.now_us():
        raise InputRejected("published", told.published_us, "outreach.published")
    if not 0 < told.publications <= MOST_PEOPLE:
        raise InputRejected("publications", told.publications, "outreach.reach")
    if told.reach is not None and not 0 <= told.reach <= MOST_PEOPLE:
        raise InputRejected("reach", told.reach, "outreach.reach")


def _link(text: str) -> str:
    link = text.strip()
    if link and (not link.startswith("https://") or len(link) > LONGEST_LINK or " " in link):
        raise InputRejected("link", link, "outreach.link")
    return link
