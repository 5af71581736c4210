"""What the page of calls shows: today's figures, campaigns, newest calls, edges (REQ-45, 49)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import call_counts, campaign_book, traceback
from qalqan.cases.call_counts import Figures
from qalqan.cases.campaigns import MANY
from qalqan.cases.policy import PursuitPolicy, current
from qalqan.cases.traceback import Hop
from qalqan.clock import MINUTE, SECOND
from qalqan.errors import NotAllowed
from qalqan.register import orm
from qalqan.text.catalogue import has, shown_value
from qalqan.trust.tokens import last_four
from qalqan.web.console.call_hours import Hour, hours
from qalqan.web.console.reader import Reader
from qalqan.work import call_tables

NEWEST, CAMPAIGNS = 8, 30
SILENT_US = MINUTE
"""An edge that has not been heard of for so long is silent: it tells every ten seconds."""
SHOWN = ("refuse", "withhold")


@dataclass(frozen=True)
class RuleCount:
    """Attempts that one rule decided, or would have; the rule in words."""

    answer: str
    rule: str
    n: int


@dataclass(frozen=True)
class NewCall:
    """One call that was refused or withheld; numbers by their last four."""

    at_us: int
    partner: str
    edge: str
    trunk: str
    rule: str
    answer: str
    caller: str
    """Empty: it told none."""
    callee: str


@dataclass(frozen=True)
class CampaignView:
    """A campaign with how far it was traced back."""

    row: orm.CallCampaign
    pattern: str
    """Block of the callers' numbers; empty: many, or none."""
    rule: str
    calls: str
    running: bool
    hops: Sequence[Hop]


@dataclass(frozen=True)
class PlaceAge:
    """How long ago an operator told where its subscribers are."""

    operator: str
    ago_us: int
    is_late: bool


@dataclass(frozen=True)
class EdgeView:
    """One edge."""

    row: orm.CallEdge
    silent_us: int | None
    """Since when it is silent; None: it is not."""
    lost: int
    untold: int
    tables_us: int | None
    """When its tables were made; None: it has none."""
    policy: int
    places: Sequence[PlaceAge]
    broken: Sequence[str]


@dataclass(frozen=True)
class CallsPage:
    """All that the page shows."""

    day: date
    figures: Figures
    hours: Sequence[Hour]
    rules: Sequence[RuleCount]
    shadow: Sequence[RuleCount]
    campaigns: Sequence[CampaignView]
    newest: Sequence[NewCall]
    edges: Sequence[EdgeView]
    mark: str
    gap_us: int
    least: int


def mark(session: Session) -> str:
    """Changes when anything on the page does, but for the time that passes."""
    heard = session.scalar(select(func.max(orm.CallEdge.heard_us))) or 0
    found = select(func.max(orm.CallCampaign.last_us), func.count(orm.CallCampaign.case_id))
    last, cases = session.execute(found).one()
    return f"{heard}-{last or 0}-{cases}-{traceback.count_answered(session)}"


def calls_page(session: Session, reader: Reader) -> CallsPage:
    """The page as it is now."""
    day = call_counts.day_of(reader.now_us)
    edges = session.scalars(select(orm.CallEdge).order_by(orm.CallEdge.partner, orm.CallEdge.edge))
    rows = edges.all()
    policy, figures = _policy(session, reader.now_us), call_counts.figures(session, day, day)
    return CallsPage(
        day=day,
        figures=figures,
        rules=_rules(reader, figures),
        shadow=[
            RuleCount("shadow", words(reader, code), n) for code, n in figures.shadow.most_common()
        ],
        hours=hours(call_counts.by_hour(session, day)),
        campaigns=_campaigns(session, reader, policy),
        newest=_newest(reader, rows),
        edges=_edges(session, reader.now_us, rows, day),
        mark=mark(session),
        gap_us=policy.campaign_gap_us if policy else 0,
        least=policy.campaign_calls if policy else 0,
    )


def words(reader: Reader, code: str) -> str:
    """A rule as a sentence; its code where an edge knows rules that we don't."""
    key = f"screen.{code}"
    return reader.say(key) if has(key) else code


def _rules(reader: Reader, figures: Figures) -> list[RuleCount]:
    """By answer, the strictest first; the commonest first."""
    order = {answer: place for place, answer in enumerate(call_counts.ANSWERS)}
    found = [RuleCount(answer, words(reader, code), n)
             for (answer, code), n in figures.rules.most_common()]  # fmt: skip
    return sorted(found, key=lambda each: order[each.answer])


def _policy(session: Session, now_us: int) -> PursuitPolicy | None:
    try:
        return current(session, now_us)
    except NotAllowed:
        return None


def _campaigns(
    session: Session, reader: Reader, policy: PursuitPolicy | None
) -> tuple[CampaignView, ...]:
    table = orm.CallCampaign
    newest = select(table).where(table.is_opened).order_by(table.last_us.desc()).limit(CAMPAIGNS)
    return _views(session, reader, session.scalars(newest), policy)


def of_case(session: Session, reader: Reader, case_id: str) -> tuple[CampaignView, ...]:
    """The campaigns of one case."""
    found = campaign_book.of_case(session, case_id)
    return _views(session, reader, found, _policy(session, reader.now_us)) if found else ()


def _views(
    session: Session,
    reader: Reader,
    rows: Iterable[orm.CallCampaign],
    policy: PursuitPolicy | None,
) -> tuple[CampaignView, ...]:
    gap_us = policy.campaign_gap_us if policy else 0
    return tuple(
        CampaignView(
            row=row,
            pattern="" if row.pattern == MANY else row.pattern,
            rule=words(reader, row.rule),
            calls=shown_value(row.calls),
            running=reader.now_us - row.last_us <= gap_us,
            hops=traceback.hops(session, row.id),
        )
        for row in rows
    )


def _newest(reader: Reader, edges: Sequence[orm.CallEdge]) -> tuple[NewCall, ...]:
    found = [
        NewCall(
            at_us, row.partner, row.edge, trunk, words(reader, rule), answer,
            last_four(caller or ""), last_four(callee or ""),
        )
        for row in edges
        for at_us, trunk, rule, answer, caller, callee in row.newest
        if answer in SHOWN
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda call: -call.at_us)[:NEWEST])


def _edges(
    session: Session, now_us: int, rows: Sequence[orm.CallEdge], day: date
) -> tuple[EdgeView, ...]:
    lost = call_counts.lost_of(session, call_counts.period_us(day, day)[0])
    oldest_us = call_tables.policy(session, now_us).oldest_s * SECOND
    return tuple(
        _edge(row, now_us, lost.get((row.partner, row.edge), 0), oldest_us) for row in rows
    )


def _edge(row: orm.CallEdge, now_us: int, lost: int, oldest_us: int) -> EdgeView:
    told, silent = row.told, now_us - row.heard_us
    made = told.get("tables")
    wall = clock.wall_us()  # operators' word is of the machines' own time
    ages = {code: max(0, wall - at_s * SECOND) for code, at_s in told.get("places", {}).items()}
    return EdgeView(
        row=row,
        silent_us=silent if silent > SILENT_US else None,
        lost=lost,
        untold=told.get("untold", 0),
        tables_us=made * 1_000 if made else None,
        policy=told.get("policy", 0),
        places=[PlaceAge(code, age, age > oldest_us) for code, age in sorted(ages.items())],
        broken=told.get("broken", []),
    )
