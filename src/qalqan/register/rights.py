"""Who may do what: role × case × purpose × region × field, decided here and nowhere else
(REQ-18, 22; DESIGN section 7, 5).

A role gives rights (`RIGHTS`) and fields (`FIELDS`: classes of personal value that it may have
opened). A case is in an officer's view by its region, because it is his, through a joint team, or
for an hour behind broken glass (`register.break_glass`). A value is opened for a purpose
(`register.purposes`). Pages and API ask the same three questions: `check`, `check_case`,
`check_field`. Clerks of partners see no case at all, only their own institution's orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import NotAllowed, NotFound
from qalqan.register.orm import BreakGlass, Case, Team, TeamCase, TeamMember

COUNTRY = "KZ"
"""The region of whoever works for the whole country."""


class Right(StrEnum):
    """What one may do; a case is touched only within one's view."""

    CASES = "cases"
    """See cases, with personal values masked."""
    SEARCH = "search"
    """Look for cases, people and identifiers."""
    CASEWORK = "casework"
    """Take a case, note, set tasks, add documents, link drops."""
    ASSIGN = "assign"
    """Give a case to somebody else; see everybody's load."""
    DRAFT = "draft"
    """Draft and withdraw orders, ask a partner again."""
    DECIDE = "decide"
    """Say yes or no to somebody else's draft, or to an appeal."""
    SANCTION = "sanction"
    """Give the prosecutor's sanction."""
    APPEALS = "appeals"
    """Record an appeal that came in."""
    FINDINGS = "findings"
    """See findings; a masked subject."""
    JUDGE = "judge"
    """Confirm or dismiss a finding."""
    RULES = "rules"
    """Promote, retire and tune detectors."""
    WARN = "warn"
    """See whom to warn, and say that he was warned."""
    EXPORT = "export"
    """Take an evidence pack or a list out of the house."""
    BREAK_GLASS = "break_glass"
    """Look at a case out of view for an hour, with a reason that is reviewed."""
    REVIEW = "review"
    """Judge somebody else's broken glass."""
    AUDIT = "audit"
    """Read the record of who did what."""
    QUEUES = "queues"
    """See the worker's queues."""
    JOBS = "jobs"
    """Try a job again, or drop it."""
    PEOPLE = "people"
    """Manage officers and joint teams."""
    PARTNERS = "partners"
    """Manage partners, their keys and their clerks."""
    FIGURES = "figures"
    """See the internal dashboard: units, clocks, conversion; sums and counts, nobody's data."""
    BULLETINS = "bulletins"
    """Write bulletins, enter official figures."""
    PUBLISH = "publish"
    """Say yes or no to what somebody else is about to publish or send to many."""
    MEASURES = "measures"
    """Keep the register of measures and programmes."""
    CAMPAIGNS = "campaigns"
    """Prepare warnings to many people, and count what they did."""
    ABROAD = "abroad"
    """Keep treaties, contacts and requests abroad."""
    TRAINING = "training"
    """Keep courses and competence; see others' scores."""
    EXERCISE = "exercise"
    """Train on simulated cases; see one's own scores."""
    OWN_ORDERS = "own_orders"
    """A clerk: his institution's orders, answers and keys."""


_R = Right
_LOOK = frozenset({_R.CASES, _R.SEARCH, _R.EXERCISE})
_WORK = _LOOK | {_R.CASEWORK, _R.APPEALS, _R.FINDINGS, _R.BREAK_GLASS}
_DETECTIVE = _WORK | {_R.DRAFT, _R.DECIDE, _R.JUDGE, _R.WARN, _R.EXPORT, _R.ABROAD}
_PUBLIC = frozenset({_R.FIGURES, _R.BULLETINS, _R.MEASURES, _R.CAMPAIGNS, _R.EXERCISE})

RIGHTS: Mapping[str, frozenset[Right]] = {
    "operator": _LOOK | {_R.CASEWORK, _R.APPEALS, _R.WARN},
    "operative": _DETECTIVE,
    "investigator": _DETECTIVE,
    "expert": _WORK | {_R.EXPORT},
    "analyst": _PUBLIC,
    "supervisor": _DETECTIVE
    | {_R.ASSIGN, _R.RULES, _R.REVIEW, _R.QUEUES, _R.JOBS, _R.PEOPLE, _R.PARTNERS}
    | _PUBLIC
    | {_R.PUBLISH, _R.TRAINING},
    "prosecutor": _LOOK | {_R.SANCTION, _R.FINDINGS},
    "auditor": frozenset(
        {_R.CASES, _R.AUDIT, _R.REVIEW, _R.QUEUES, _R.FINDINGS, _R.FIGURES, _R.EXERCISE}
    ),
    "clerk": frozenset({_R.OWN_ORDERS}),
}
"""Role → its rights. `operator` takes calls at the centre; `expert` is the forensic expert;
`analyst` counts, writes bulletins and prepares warnings, and sees no case;
`clerk` works for the partner that his account names (bank, operator, marketplace, volunteers)."""

ROLES = tuple(RIGHTS)

_ALL = frozenset({"account", "phone", "card", "person", "name", "words", "document", "device"})
FIELDS: Mapping[str, frozenset[str]] = {
    "operative": _ALL,
    "investigator": _ALL,
    "expert": frozenset({"account", "phone", "card", "document", "device"}),
    "supervisor": _ALL,
    "prosecutor": _ALL - {"card"},
}
"""Role → classes of personal value it may have opened, for a purpose; other roles: none."""


class Person(Protocol):
    """Whoever asks: an officer's session, or a clerk's."""

    @property
    def login(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def region(self) -> str: ...


def has(person: Person, right: Right) -> bool:
    """Whether the person's role gives the right."""
    return right in RIGHTS.get(person.role, frozenset())


def check(person: Person, right: Right) -> None:
    """Raise `NotAllowed` unless the person's role gives the right."""
    if not has(person, right):
        raise NotAllowed(right, "role")


def check_field(person: Person, klass: str) -> None:
    """Raise `NotAllowed` unless values of this class may be opened for the person."""
    if klass not in FIELDS.get(person.role, frozenset()):
        raise NotAllowed("open", f"field.{klass}")


def may_open_some(person: Person) -> bool:
    """Whether there is any class of value that the person may have opened."""
    return person.role in FIELDS


def in_view(person: Person, of: Any = Case) -> ColumnElement[bool]:
    """The condition on `cases` that holds for those in the person's view; for any query of
    cases, or of what belongs to one (`X.case_id.in_(select(Case.id).where(in_view(…)))`).
    `of` may be another table with a case's number, region and owner (`CaseStanding`)."""
    return own_view(person, of) | _behind_glass(person, of)


def _behind_glass(person: Person, of: Any) -> ColumnElement[bool]:
    glass = select(BreakGlass.case_id).where(
        BreakGlass.login == person.login, BreakGlass.until_us > clock.wall_us()
    )
    number = of.id if of is Case else of.case_id
    return and_(true() if has(person, Right.CASES) else false(), number.in_(glass))


def own_view(person: Person, of: Any = Case) -> ColumnElement[bool]:
    """The same without broken glass: where the person may act, and not look alone."""
    if not has(person, Right.CASES):
        return false()
    if person.region == COUNTRY:
        return true()
    now = clock.wall_us()
    teams = (
        select(TeamCase.case_id)
        .join(TeamMember, TeamMember.team == TeamCase.team)
        .join(Team, Team.id == TeamCase.team)
        .where(TeamMember.login == person.login, Team.until_us > now)
    )
    number = of.id if of is Case else of.case_id
    return or_(of.region == person.region, of.owner == person.login, number.in_(teams))


def check_case(
    session: Session, person: Person, right: Right, case_id: str, *, acting: bool = False
) -> Case:
    """The case, if the person has the right and the case is in view. Behind broken glass a case
    is looked at (`Right.CASES`), and nothing is done to it (`acting`, or any other right).

    Raises:
        NotAllowed: the role lacks the right, or the case is another region's (`missing` is
            `view`: a page may offer to break the glass), or it is behind glass (`glass`).
            NotFound: no such case.
    """
    check(person, right)
    seen = in_view if right is Right.CASES and not acting else own_view
    case = session.scalar(select(Case).where(Case.id == case_id, seen(person)))
    if case is not None:
        return case
    if session.scalar(select(Case.id).where(Case.id == case_id, in_view(person))):
        raise NotAllowed(right, "glass")
    if session.get(Case, case_id) is None:
        raise NotFound("case", case_id)
    raise NotAllowed(right, "view")
