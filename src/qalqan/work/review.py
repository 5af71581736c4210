"""Findings as officers review them: which to look at first, and what became of each (REQ-39, 50).

Findings of live detectors are work; those in shadow stand only on their rule's page. A subject's
cases and earlier dismissals are told beside it: what speaks for a finding, and what against it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan.cases import finding_subjects
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.register import rights
from qalqan.register.database import Database
from qalqan.register.orm import Case, CaseEntity, FindingRow
from qalqan.register.rights import Person, Right
from qalqan.work.findings import Decision, decide

A_PAGE = 25
STATES = ("new", "confirmed", "dismissed", "faded")
SORTS = ("score", "newest")
SHORTEST, LONGEST = 5, 200
"""Characters of a reason to dismiss."""
MOST_COUNTED = 5_000
_CASES_NAMED = 3


@dataclass(frozen=True)
class Asked:
    """Which findings, in which order."""

    detector: str = ""
    state: str = "new"
    sort: str = "score"
    page: int = 1
    shadow: bool = False


@dataclass(frozen=True)
class Reviewed:
    """One finding with what is known of its subject."""

    row: FindingRow
    cases: tuple[str, ...]
    """In view, the newest, at most three."""
    in_cases: int
    """Cases that have the subject, in view or not."""
    dismissed: int
    """Other findings about it that officers dismissed."""


@dataclass(frozen=True)
class Page:
    """One page of findings."""

    rows: tuple[Reviewed, ...]
    found: int
    """How many fit, counted up to `MOST_COUNTED`."""
    pages: int


def page(session: Session, person: Person, asked: Asked) -> Page:
    """One page of findings.

    Raises:
        NotAllowed: a role that may not see them.
    """
    rights.check(person, Right.FINDINGS)
    where = [FindingRow.shadow == asked.shadow, FindingRow.state == asked.state]
    if asked.detector:
        where.append(FindingRow.detector == asked.detector)
    some = select(FindingRow.id).where(*where).limit(MOST_COUNTED).subquery()
    found = session.scalar(select(func.count()).select_from(some)) or 0
    pages = max(1, -(-found // A_PAGE))
    order = {
        "score": (FindingRow.score.desc(), FindingRow.id.desc()),
        "newest": (FindingRow.id.desc(),),
    }[asked.sort if asked.sort in SORTS else SORTS[0]]
    start = (min(max(1, asked.page), pages) - 1) * A_PAGE
    rows = session.scalars(
        select(FindingRow).where(*where).order_by(*order).limit(A_PAGE).offset(start)
    ).all()
    return Page(tuple(told(session, person, rows)), found, pages)


def one(session: Session, person: Person, number: int) -> Reviewed:
    """One finding; raises NotAllowed, NotFound."""
    rights.check(person, Right.FINDINGS)
    row = session.get(FindingRow, number)
    if row is None:
        raise NotFound("finding", str(number))
    return told(session, person, [row])[0]


def told(session: Session, person: Person, rows: Sequence[FindingRow]) -> list[Reviewed]:
    """The findings with their subjects' cases and earlier dismissals."""
    subjects = sorted({row.subject for row in rows})
    seen = select(Case.id).where(rights.in_view(person))
    linked = session.execute(
        select(CaseEntity.subject, CaseEntity.case_id, CaseEntity.case_id.in_(seen))
        .where(CaseEntity.subject.in_(subjects))
        .order_by(CaseEntity.case_id.desc())
    )
    cases: dict[str, dict[str, bool]] = {}
    for subject, case_id, visible in linked:
        cases.setdefault(subject, {})[case_id] = bool(visible)
    dismissed = Counter(
        dict(
            session.execute(
                select(FindingRow.subject, func.count())
                .where(FindingRow.subject.in_(subjects), FindingRow.state == "dismissed")
                .group_by(FindingRow.subject)
            ).all()
        )
    )
    return [
        Reviewed(
            row,
            tuple(case for case, shown in cases.get(row.subject, {}).items() if shown)[
                :_CASES_NAMED
            ],
            len(cases.get(row.subject, {})),
            dismissed[row.subject] - (row.state == "dismissed"),
        )
        for row in rows
    ]


def _shown(cases: Mapping[str, bool]) -> tuple[str, ...]:
    return tuple(case for case, shown in cases.items() if shown)[:_CASES_NAMED]


def judge(
    database: Database,
    person: Person,
    number: int,
    decision: Decision,
    reason: str,
    seen: str,
    case_id: str = "",
) -> None:
    """One officer's word on a finding, as he saw it; `new` takes his own word back. Whoever
    confirms may name a case that it belongs to.

    Raises:
        NotAllowed: a role that may not judge, a case out of view. NotFound: no such finding.
        InputRejected: dismissed without a reason, or too long a one; no such case.
        Conflict: somebody else has decided meanwhile.
    """
    rights.check(person, Right.JUDGE)
    reason = " ".join(reason.split())
    least = SHORTEST if decision == "dismissed" else 0
    if not least <= len(reason) <= LONGEST:
        raise InputRejected("reason", "", "findings.reason", shortest=SHORTEST, longest=LONGEST)
    if case_id:
        with database.session() as session:
            finding_subjects.check_case(session, person, case_id)
    decide(database, number, decision, person.login, reason, seen, case_id)


def dismiss_all(
    database: Database, person: Person, numbers: Iterable[int], reason: str
) -> dict[int, str]:
    """Dismiss several for one reason, each by itself: number → "done", or the state that it is in
    by now, or "gone".

    Raises:
        NotAllowed, InputRejected: as `judge`, before anything is dismissed.
    """
    rights.check(person, Right.JUDGE)
    told: dict[int, str] = {}
    for number in dict.fromkeys(numbers):
        try:
            judge(database, person, number, "dismissed", reason, "new")
            told[number] = "done"
        except Conflict as other:
            told[number] = other.state
        except NotFound:
            told[number] = "gone"
    return told
