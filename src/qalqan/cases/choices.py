"""What an officer may choose an order to be about, and for how much at most (REQ-19, 44).

The same bounds as the machine's: a hold takes what is confirmed or traced there and not spoken
for, beside the wages and benefits that lie there (`trail.plan.holdable`); what leaves a hold is at
most what it holds and no open order takes already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import figures, leeway
from qalqan.cases.places import Place
from qalqan.cases.policy import current
from qalqan.cases.pursuit import situation
from qalqan.cases.situation import OPEN, Situation, is_outdated
from qalqan.errors import InputRejected
from qalqan.model.order import WAITING, Kind, Order, State
from qalqan.register import orm

LIVING = [*sorted(WAITING), State.DRAFTED, State.ANSWERED, State.APPEALED]


class Act(StrEnum):
    """What an officer drafts: every kind of order, and the hold that continues another."""

    CONFIRM = "confirm"
    STATEMENT = "statement"
    HOLD = "hold"
    PROLONG = "prolong"
    RELEASE = "release"
    RETURN = "return"
    BLOCK = "block"
    UNBLOCK = "unblock"
    TAKEDOWN = "takedown"
    DATA = "data"
    PRESERVATION = "preservation"

    @property
    def kind(self) -> Kind:
        """The kind of the order."""
        return Kind.HOLD if self is Act.PROLONG else Kind(self)


@dataclass(frozen=True)
class Choice:
    """One thing that an order may be about; accounts are tokens, sums minor units."""

    key: str
    partner: str = ""
    account: str | None = None
    currency: str | None = None
    most: int | None = None
    """The most that may be asked; None: the order moves no money."""
    report: str | None = None
    parent: str | None = None
    beneficiary: str | None = None
    from_us: int | None = None
    to_us: int | None = None
    spared: int = 0
    """Wages and benefits that lie there and stay payable."""
    subject: str | None = None
    subject_kind: str | None = None


def offered(session: Session, case_id: str, act: Act, now_us: int) -> tuple[Choice, ...]:
    """What this case offers for such an order; empty where the subject is written by hand.

    Raises:
        NotAllowed: no policy in force that two people approved.
    """
    return all_offered(session, case_id, [act], now_us).get(act, ())


def all_offered(
    session: Session, case_id: str, acts: Iterable[Act], now_us: int
) -> dict[Act, tuple[Choice, ...]]:
    """The same for several at once; what is written by hand is left out. Raises as `offered`."""
    wanted = [act for act in acts if act in _OFFERS]
    if not wanted:
        return {}
    around = figures.around(session, case_id)
    policy = current(session, now_us)
    seen = situation(session, around.documents, around.orders, policy, now_us)
    case = _Case(session, case_id, seen)
    return {act: tuple(_OFFERS[act](case)) for act in wanted}


def chosen(session: Session, case_id: str, act: Act, key: str, now_us: int) -> Choice | None:
    """The choice of that key; None where none is wanted.

    Raises:
        InputRejected: it is not offered, or no longer.
    """
    if act not in _OFFERS or (act in _MAY_BE_WRITTEN and not key):
        return None
    for choice in offered(session, case_id, act, now_us):
        if choice.key == key:
            return choice
    raise InputRejected("target", key, "draft.target")


@dataclass(frozen=True)
class _Case:
    session: Session
    id: str
    seen: Situation

    def claims(self) -> set[str]:
        return {claim.report for claim in self.seen.claims.values() if claim.case == self.id}

    def confirmed(self) -> set[str]:
        """Reports whose payment is the root of a trail."""
        rows = select(orm.Root.report_id).where(orm.Root.case_id == self.id)
        return set(self.session.scalars(rows))

    def places(self) -> Iterator[Place]:
        """Places where this case's money lies, at banks that take part."""
        mine = self.claims()
        for place in self.seen.places.values():
            if place.bank in self.seen.banks and mine & place.traced.keys():
                yield place

    def holds(self) -> Iterator[Order]:
        """Holds of this case that hold something now."""
        for order in self.seen.orders:
            if order.case_id == self.id and self.seen.held(order):
                yield order

    def partner(self, place: Place) -> str:
        return self.seen.banks[place.bank].partner


def mark(*parts: str) -> str:
    """A short name of a choice that tells nothing of the account."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:16]


def _to_hold(case: _Case) -> Iterator[Choice]:
    seen = case.seen
    for place in case.places():
        for claim in sorted(case.claims() & place.traced.keys()):
            most = leeway.to_hold(seen, place, claim)
            if most > 0:
                yield Choice(
                    mark(place.account, place.currency, claim),
                    case.partner(place),
                    place.account,
                    place.currency,
                    most,
                    claim,
                    from_us=place.first_us,
                    spared=place.standing.spared,
                )


def _of_hold(hold: Order, most: int, **more: str | None) -> Choice:
    return Choice(
        hold.id,
        hold.partner,
        hold.account,
        hold.currency,
        most,
        hold.report_id,
        parent=hold.id,
        beneficiary=more.get("beneficiary"),
    )


def _to_prolong(case: _Case) -> Iterator[Choice]:
    for hold in case.holds():
        if hold.state is State.APPEALED:
            continue
        longer = (o for o in case.seen.at(hold.account or "", Kind.HOLD) if o.parent_id == hold.id)
        if all(is_outdated(order) or order.state not in OPEN for order in longer):
            yield _of_hold(hold, case.seen.held(hold))


def _to_release(case: _Case) -> Iterator[Choice]:
    for hold in case.holds():
        most = case.seen.held(hold) - case.seen.open_for(hold, Kind.RELEASE, Kind.RETURN)
        if most > 0:
            yield _of_hold(hold, most)


def _to_return(case: _Case) -> Iterator[Choice]:
    for hold in case.holds():
        claim = case.seen.claims.get(hold.report_id or "")
        most = case.seen.held(hold) - case.seen.open_for(hold, Kind.RELEASE, Kind.RETURN)
        if claim is None or hold.state is State.APPEALED:
            continue
        if (owed := case.seen.owed(claim.report, hold.currency or "")) is not None:
            most = min(most, owed)
        if most > 0:
            yield _of_hold(hold, most, beneficiary=claim.payer_account)


def _to_ask(case: _Case) -> Iterator[Choice]:
    for place in case.places():
        asked = any(order.state in OPEN for order in case.seen.questions_at(place))
        if not asked and not case.seen.banks[place.bank].feed:
            begin = place.covered_us
            if begin is None:
                begin = max(0, place.first_us - case.seen.policy.statement_before_us)
            yield _of_place(case, place, begin)


def _of_place(case: _Case, place: Place, from_us: int | None = None) -> Choice:
    claim = min(case.claims() & place.traced.keys())
    key = mark(place.account, place.currency)
    at = case.partner(place), place.account, place.currency
    return Choice(key, *at, report=claim, from_us=from_us)


def _accounts(case: _Case) -> Iterator[Choice]:
    for place in case.places():
        yield _of_place(case, place)


def _to_confirm(case: _Case) -> Iterator[Choice]:
    """Reports whose payment nobody has confirmed and nobody is asked about."""
    policy, asked = case.seen.policy, case.confirmed()
    asked |= {
        order.report_id or ""
        for order in case.seen.orders
        if order.kind is Kind.CONFIRM and order.state in OPEN
    }
    rows = select(orm.Report).where(orm.Report.case_id == case.id, orm.Report.root_id.is_(None))
    for report in case.session.scalars(rows.order_by(orm.Report.id)):
        bank = case.seen.banks.get(report.payer_bank)
        if report.id in asked or bank is None:
            continue
        yield Choice(
            report.id,
            bank.partner,
            report.payer_account,
            report.currency,
            report.amount,
            report.id,
            beneficiary=report.payee_account,
            from_us=max(0, report.crime_us - policy.confirm_before_us),
            to_us=min(case.seen.now_us, report.crime_us + policy.confirm_after_us),
        )


def _to_unblock(case: _Case) -> Iterator[Choice]:
    """Blocks and takedowns in force that nobody is undoing."""
    undone = {o.parent_id for o in case.seen.orders if o.kind is Kind.UNBLOCK and o.state in OPEN}
    for order in case.seen.orders:
        in_force = order.state in {State.ANSWERED, State.APPEALED}
        of_case = order.case_id == case.id and order.kind in {Kind.BLOCK, Kind.TAKEDOWN}
        if of_case and in_force and order.id not in undone:
            yield Choice(
                order.id,
                order.partner,
                parent=order.id,
                subject=order.subject,
                subject_kind=order.subject_kind,
            )


_OFFERS: Mapping[Act, Callable[[_Case], Iterator[Choice]]] = {
    Act.CONFIRM: _to_confirm,
    Act.STATEMENT: _to_ask,
    Act.HOLD: _to_hold,
    Act.PROLONG: _to_prolong,
    Act.RELEASE: _to_release,
    Act.RETURN: _to_return,
    Act.UNBLOCK: _to_unblock,
    Act.DATA: _accounts,
    Act.PRESERVATION: _accounts,
}
_MAY_BE_WRITTEN = frozenset({Act.DATA, Act.PRESERVATION})
"""About an account of the case, or about what an officer writes."""
