"""Who of the colleagues works on an identifier: looks into it, or has a case that has it (REQ-18).

Both sides learn of it: who looks now, and who looked first when he looks again. Who, of which
unit and since when is told to every officer; the case only to those who have it in view.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from qalqan.register import asking, orm, rights
from qalqan.register.orm import Case, CaseEntity, User
from qalqan.register.rights import Person

MOST = 12


@dataclass(frozen=True)
class AtWork:
    """One colleague."""

    login: str
    role: str
    region: str
    subject: str
    since_us: int
    why: str
    """asked: looked into it; owner: has a case that has it."""
    case_id: str | None = None
    """If it is in the asker's view."""


def colleagues(
    session: Session, person: Person, subjects: Collection[str], within: str = ""
) -> list[AtWork]:
    """Who else works on any of these identifiers: owners of cases first, then by recency.
    Within a case, its own owner is none."""
    if not subjects:
        return []
    found = [*_owners(session, person, subjects, within), *_askers(session, person, subjects)]
    once: dict[tuple[str, str], AtWork] = {}
    for one in found:
        once.setdefault((one.login, one.subject), one)
    return list(once.values())[:MOST]


def also_asked(session: Session, person: Person) -> list[AtWork]:
    """Of what this officer looked into lately, what colleagues work on as well."""
    subjects = {one.subject for one in asking.mine(session, person.login)}
    return colleagues(session, person, subjects)


def _owners(
    session: Session, person: Person, subjects: Collection[str], within: str
) -> Iterable[AtWork]:
    seen = select(Case.id).where(rights.in_view(person))
    query = (
        select(
            CaseEntity.subject, Case.id, Case.id.in_(seen), User.login, User.role, User.region,
            func.coalesce(_taken(), Case.opened_us),
        )
        .join(Case, Case.id == CaseEntity.case_id)
        .join(User, User.login == Case.owner)
        .where(
            CaseEntity.subject.in_(sorted(subjects)), Case.owner != person.login,
            Case.state == "open", Case.id != within,
        )
        .order_by(Case.id.desc())
        .limit(MOST)
    )  # fmt: skip
    for subject, case_id, visible, login, role, region, since in session.execute(query):
        shown = case_id if visible else None
        yield AtWork(login, role, region, subject, since or 0, "owner", shown)


def _taken() -> ScalarSelect[int | None]:
    """When the owner got the case."""
    of = orm.CaseOwner
    return (
        select(func.max(of.at_us))
        .where(of.case_id == Case.id, of.owner == Case.owner)
        .scalar_subquery()
    )


def _askers(session: Session, person: Person, subjects: Collection[str]) -> Iterable[AtWork]:
    asked = asking.others(session, person.login, subjects)
    logins = {one.login for one in asked}
    users = {
        user.login: user for user in session.scalars(select(User).where(User.login.in_(logins)))
    }
    for one in asked:
        user = users.get(one.login)
        if user is not None:
            yield AtWork(one.login, user.role, user.region, one.subject, one.first_us, "asked")
