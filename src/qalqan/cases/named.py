"""Where the register names values of the vault, and which of them something still needs.

A case names what stands in its rows; it needs that until it is *over*: closed for longer than a
term and under no legal hold. Who stands in the register of drops or among the officers is needed
always, the name of a drop as long as the label stands, an indicator until its end and a finding
until somebody dismisses it or nobody sees it any more; all three for a term more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from qalqan.cases.closing import CLOSED
from qalqan.cases.devices import UNLISTED
from qalqan.register import orm
from qalqan.trust.tokens import PREFIXES

AT_ONCE = 2_000
"""Values, or cases, of one question."""
_Column = InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Term:
    """Since when a closed case is over."""

    us: int
    held: Collection[str] = ()
    """Cases under a legal hold."""

    @property
    def is_over(self) -> ColumnElement[bool]:
        """The condition on cases that are."""
        return and_(
            orm.Case.state == CLOSED, orm.Case.closed_us <= self.us, orm.Case.id.not_in(self.held)
        )

    @property
    def runs(self) -> ColumnElement[bool]:
        """The condition on all others."""
        return or_(
            orm.Case.state != CLOSED,
            orm.Case.closed_us.is_(None),
            orm.Case.closed_us > self.us,
            orm.Case.id.in_(self.held),
        )


@dataclass(frozen=True)
class Place:
    """A column that names values of some classes."""

    column: _Column
    classes: tuple[str, ...]
    needs: Callable[[Term], ColumnElement[bool]] | None = None
    """The condition on rows, of no case, that still need what they name; None: they always do."""

    @property
    def case(self) -> _Column | None:
        """The column with the number of the case that the row belongs to."""
        if self.column.class_ is orm.Case:
            return orm.Case.id
        return getattr(self.column.class_, "case_id", None)


def _undecided(term: Term) -> ColumnElement[bool]:
    of = orm.FindingRow
    lately = or_(of.updated_us > term.us, of.decided_us > term.us)
    return and_(of.state.in_(("new", "confirmed")), lately)


def _standing(term: Term) -> ColumnElement[bool]:
    return or_(orm.Drop.expired_us.is_(None), orm.Drop.expired_us > term.us)


def _complained(term: Term) -> ColumnElement[bool]:
    row = orm.CallAppeal
    return or_(row.decided_us.is_(None), row.decided_us > term.us)


def _listed(term: Term) -> ColumnElement[bool]:
    return or_(orm.Device.list != UNLISTED, orm.Device.since_us > term.us)


def _agreed(term: Term) -> ColumnElement[bool]:
    row = orm.OutreachConsent
    return or_(row.withdrawn_us.is_(None), row.withdrawn_us > term.us)


def _written_to(term: Term) -> ColumnElement[bool]:
    return orm.OutreachSms.created_us > term.us


TOLD = ("account", "phone", "card", "person")
"""Classes of what is told as an identifier."""
_ACCOUNT = ("account",)
PLACES: tuple[Place, ...] = (
    Place(orm.Case.story, ("words",)),
    Place(orm.Report.victim, ("person",)),
    Place(orm.Report.victim_name, ("name",)),
    Place(orm.Report.words, ("words",)),
    Place(orm.Report.payer_account, _ACCOUNT),
    Place(orm.Report.payee_account, _ACCOUNT),
    Place(orm.Root.payer_account, _ACCOUNT),
    Place(orm.Root.payee_account, _ACCOUNT),
    Place(orm.CaseAccount.account, _ACCOUNT),
    Place(orm.PayerToWarn.account, _ACCOUNT),
    Place(orm.PayerToWarn.payer_account, _ACCOUNT),
    Place(orm.CaseEntity.subject, TOLD),
    Place(orm.AbroadRequest.subject, TOLD),
    Place(orm.CaseNote.words, ("words",)),
    Place(orm.CaseDocument.name, ("document",)),
    Place(orm.AppealRow.words, ("words",)),
    Place(orm.AppealRow.note, ("words",)),
    Place(orm.CallAppeal.number, ("phone",), _complained),
    Place(orm.CallAppeal.called, ("phone",), _complained),
    Place(orm.CallAppeal.words, ("words",), _complained),
    Place(orm.CallAppeal.contact, ("words",), _complained),
    Place(orm.CallAppeal.note, ("words",), _complained),
    Place(orm.Order.account, _ACCOUNT),
    Place(orm.Order.beneficiary, _ACCOUNT),
    Place(orm.Order.subject, ("phone",)),
    Place(orm.User.name, ("name",)),
    Place(orm.Drop.person, ("person",)),
    Place(orm.Drop.name, ("name",), _standing),
    Place(orm.DropAccount.account, _ACCOUNT),
    Place(orm.DropChannel.subject, ("phone",)),
    Place(orm.IndicatorRow.subject, TOLD, lambda term: orm.IndicatorRow.until_us > term.us),
    Place(orm.CallCampaign.sample, ("phone",)),
    Place(orm.Device.device, ("device",), _listed),
    Place(orm.DeviceStep.device, ("device",), lambda term: orm.DeviceStep.at_us > term.us),
    Place(orm.OutreachConsent.phone, ("phone",), _agreed),
    Place(orm.OutreachSms.phone, ("phone",), _written_to),
    Place(orm.FindingRow.subject, (*TOLD, "device", "sim"), _undecided),
)
"""Every column with tokens, a line each; one that is missing here fails a test."""


def pieces(of: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """So many at once as one question takes."""
    for start in range(0, len(of), AT_ONCE):
        yield of[start : start + AT_ONCE]


def by_cases(session: Session, klass: str, cases: Sequence[str]) -> set[str]:
    """Values of a class that these cases name."""
    found: set[str | None] = set()
    for place in PLACES:
        if klass in place.classes and (case := place.case) is not None:
            found |= set(session.scalars(select(place.column).where(case.in_(cases)).distinct()))
    if klass == "name":  # a drop's own row is of no case: these tell where it was seen
        drops = select(orm.DropCase.drop_id).where(orm.DropCase.case_id.in_(cases))
        found |= set(session.scalars(select(orm.Drop.name).where(orm.Drop.id.in_(drops))))
    return {token for token in found if token and token.startswith(f"{PREFIXES[klass]}_")}


def needed(session: Session, klass: str, tokens: Sequence[str], term: Term) -> set[str]:
    """Those of the values that something still needs."""
    found: set[str] = set()
    for place in PLACES:
        if klass in place.classes:
            found |= _still(session, place, tokens, term)
    return found


def _still(session: Session, place: Place, tokens: Sequence[str], term: Term) -> set[str]:
    asked, case = select(place.column).distinct(), place.case
    if case is not None and place.column.class_ is not orm.Case:
        asked = asked.join(orm.Case, orm.Case.id == case)
    if case is not None:
        asked = asked.where(term.runs)
    elif place.needs is not None:
        asked = asked.where(place.needs(term))
    return {
        token
        for some in pieces(tokens)
        for token in session.scalars(asked.where(place.column.in_(some)))
    }
