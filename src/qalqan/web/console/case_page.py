"""The page of one case: reports, sums, ladder, frontier, orders with their clocks, timeline.

REQ-16, 19, 39, 44: what was stolen, where it is, who has been asked, what is late.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import closing, figures, same_payment
from qalqan.cases.approvals import waiting_among
from qalqan.cases.figures import Around
from qalqan.cases.opening import Sealed, sealed
from qalqan.cases.orders import Event
from qalqan.clock import MINUTE
from qalqan.model.order import Kind, Order, Outcome
from qalqan.register import orm
from qalqan.register.people import SignedIn
from qalqan.trail.policy import default
from qalqan.trail.semantics import RULES
from qalqan.web.console import call_view
from qalqan.web.console.call_view import CampaignView
from qalqan.web.console.case_head import Head, head_of
from qalqan.web.console.colleagues import Spoken, beside
from qalqan.web.console.entity_view import EntityView, views
from qalqan.web.console.order_cards import Card, Line, cards
from qalqan.web.console.plan_view import Plan
from qalqan.web.console.reader import Reader
from qalqan.web.console.sums import SumBar, sum_bars
from qalqan.web.console.trail_view import TrailView, scene_of, trail_view

_TOLD = frozenset({
    Event.ANSWER, Event.REMIND, Event.ESCALATE, Event.REDUCE, Event.EXPIRE, Event.APPEAL,
    Event.DISMISS, Event.WITHDRAW, Event.REJECT,
})  # fmt: skip
"""Steps of orders that a case's timeline tells; the rest stands in the order's own history."""
_NO = frozenset({Outcome.NOT_FOUND, Outcome.REFUSED})
"""Answers to "did your customer pay this?" that confirm nothing."""
_NEWEST = 12
"""Lines of the timeline shown at once."""


@dataclass(frozen=True)
class ReportView:
    """One report; the victim's values are sealed."""

    report: orm.Report
    channel: str
    methods: tuple[str, ...]
    cause: str
    victim: Sealed
    name: Sealed | None
    words: Sealed | None
    payer: Sealed
    payee: Sealed | None
    confirmed: bool
    """The payer's bank has confirmed the payment."""
    denied: bool
    """It knows no such payment, or refused to say."""

    @property
    def delay_us(self) -> int:
        """From the crime to the report (REQ-16)."""
        return self.report.reported_us - self.report.crime_us


@dataclass(frozen=True)
class CasePage:
    """All that the page shows."""

    head: Head
    case: orm.Case
    title: str
    reports: tuple[ReportView, ...]
    rule: str
    sums: tuple[SumBar, ...]
    trails: tuple[TrailView, ...]
    cards: tuple[Card, ...]
    timeline: tuple[Line, ...]
    earlier: tuple[Line, ...]
    """The rest of the timeline."""
    seen: str
    """Changes when the trail does."""
    followed_by: tuple[str, ...] = ()
    """Cases that follow the payments which this one's reports tell of."""
    also_told: tuple[orm.Report, ...] = ()
    """Reports of other cases that tell of this one's payments."""
    entities: tuple[EntityView, ...] = ()
    """Identifiers, those in most other cases first."""
    beside: Mapping[str, Sequence[Spoken]] = field(default_factory=dict)
    """Mark of an identifier → which colleagues work on it."""
    drops: tuple[orm.Drop, ...] = ()
    """Labels that stand, of who was seen in the case."""
    campaigns: tuple[CampaignView, ...] = ()
    """Campaigns of refused calls that opened it."""


def case_page(
    session: Session, reader: Reader, officer: SignedIn, case_id: str, rule: str
) -> CasePage:
    """The page of a case under an attribution rule (the policy's, if there is no such rule).

    Raises:
        NotFound: no such case. NotAllowed: it is out of view.
    """
    head = head_of(session, reader, officer, case_id, "overview")
    rule = rule if rule in RULES else default().rule
    around = figures.around(session, case_id)
    orders = [order for order in around.orders if order.case_id == case_id]
    reports = _reports(session, reader, case_id, orders)
    made = case_cards(session, reader, officer, orders)
    timeline = _timeline(reader, reports, made, closing.events(session, case_id))
    entities = views(session, reader, case_id)
    return CasePage(
        head=head,
        case=head.case,
        title=head.title,
        reports=reports,
        rule=rule,
        sums=sum_bars({each: around.parts(each) for each in RULES}, rule),
        trails=_trails(session, reader, around, reports, rule),
        cards=made,
        timeline=timeline[:_NEWEST],
        earlier=timeline[_NEWEST:],
        seen=seen_of(session, case_id),
        followed_by=tuple(same_payment.followed_by(session, case_id)),
        also_told=tuple(same_payment.tied_to(session, case_id)),
        entities=entities,
        beside=beside(session, reader, officer, case_id, entities),
        drops=drops_in(session, case_id),
        campaigns=call_view.of_case(session, reader, case_id),
    )


def case_cards(
    session: Session, reader: Reader, officer: SignedIn, orders: Sequence[Order]
) -> tuple[Card, ...]:
    """Cards of a case's orders, as this officer may decide on them."""
    return cards(session, reader, orders, waiting_among(session, officer, orders))


def seen_of(session: Session, case_id: str) -> str:
    """A mark that changes when the case's trail does."""
    newest = select(orm.Trail.computed_us).where(orm.Trail.case_id == case_id)
    return str(max(session.scalars(newest), default=0))


def _trails(
    session: Session, reader: Reader, around: Around, reports: Sequence[ReportView], rule: str
) -> tuple[TrailView, ...]:
    documents = around.documents.get(around.case, [])
    if not documents:
        return ()
    held, plan = around.held(rule), Plan(session, reader, around)
    claims = [view.report.id for view in reports]
    told_us = [view.report.reported_us for view in reports]
    orders = [order for order in around.orders if order.case_id == around.case]
    return tuple(
        trail_view(
            reader,
            document,
            scene_of(reader, document, claims, told_us, orders, held, rule),
            held,
            plan,
        )
        for document in documents
    )


def denies(question: Order) -> bool:
    """Has the payer's bank answered that it does not confirm the payment?"""
    return bool(question.answers) and question.answers[-1].outcome in _NO


def _reports(
    session: Session, reader: Reader, case_id: str, orders: Sequence[Order]
) -> tuple[ReportView, ...]:
    wanted = select(orm.Report).where(orm.Report.case_id == case_id).order_by(orm.Report.id)
    confirmed = set(session.scalars(select(orm.Root.report_id).where(orm.Root.case_id == case_id)))
    asked = [order for order in orders if order.kind is Kind.CONFIRM and order.answers]
    denied = {order.report_id for order in asked if denies(order)}
    # A payment that another report told of first has no root of this case's, and is confirmed.
    confirmed |= {order.report_id or "" for order in asked if not denies(order)}
    return tuple(
        ReportView(
            report=report,
            channel=reader.partners.get(report.channel, report.channel),
            methods=tuple(reader.method(code, report.methods_version) for code in report.methods),
            cause=reader.cause(report.cause, report.methods_version) if report.cause else "",
            victim=sealed(report.victim),
            name=sealed(report.victim_name) if report.victim_name else None,
            words=sealed(report.words) if report.words else None,
            payer=sealed(report.payer_account),
            payee=sealed(report.payee_account) if report.payee_account else None,
            confirmed=report.id in confirmed,
            denied=report.id in denied - confirmed,
        )
        for report in session.scalars(wanted)
    )


def drops_in(session: Session, case_id: str) -> tuple[orm.Drop, ...]:
    """Drops that were seen in a case, whose labels stand."""
    here = select(orm.DropCase.drop_id).where(orm.DropCase.case_id == case_id)
    standing = orm.Drop.expired_us.is_(None)
    found = select(orm.Drop).where(orm.Drop.id.in_(here), standing).order_by(orm.Drop.id)
    return tuple(session.scalars(found))


def _timeline(
    reader: Reader,
    reports: Sequence[ReportView],
    made: Sequence[Card],
    events: Sequence[orm.CaseEvent],
) -> tuple[Line, ...]:
    """What happened in the case, the newest first; orders sent within a minute are one line."""
    lines = [_report_line(reader, view) for view in reports]
    lines += [_event_line(reader, event) for event in events]
    sent: defaultdict[int, list[int]] = defaultdict(list)
    for card in made:
        for line in card.history:
            if line.event == Event.SEND:
                sent[line.at_us // MINUTE].append(line.at_us)
            elif line.event in _TOLD:
                lines.append(replace(line, by=""))
            elif line.event == Event.APPROVE and line.by_person:
                lines.append(line)
    for moments in sent.values():
        words = reader.say("console.timeline.sent", n=len(moments))
        lines.append(Line(min(moments), words, "", event=Event.SEND))
    lines.sort(key=lambda line: line.at_us)
    return tuple(reversed(lines))


def _report_line(reader: Reader, view: ReportView) -> Line:
    amount = reader.money(view.report.amount, view.report.currency)
    words = reader.say("orders.event.report", amount=amount)
    return Line(view.report.reported_us, words, view.channel, event="report")


def _event_line(reader: Reader, event: orm.CaseEvent) -> Line:
    words = reader.say(f"console.case.event.{event.event}")
    return Line(event.at_us, words, reader.actor(event.by), event=event.event, note=event.note)


def counts(made: Sequence[Card]) -> Mapping[str, int]:
    """How many orders wait for the reader, for a partner, and how many are late."""
    return {
        "mine": sum(card.waiting is not None for card in made),
        "waiting": sum(card.tone in {"waiting", "late"} for card in made),
        "late": sum(card.tone == "late" for card in made),
    }
