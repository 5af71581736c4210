"""Where a drop stands in the flow of money, and how many there are of each kind (REQ-40 to 42, 92).

Rank goes by place, not by the number of transfers: organisers take the main share, drops a
percentage.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan.cases import trails
from qalqan.cases.drop_steps import PROVEN, ROLES, STATUSES
from qalqan.cases.drops import accounts, in_view
from qalqan.register import orm
from qalqan.register.rights import Person
from qalqan.trail.policy import default

MILLION = 1_000_000


def place(session: Session, drop: orm.Drop) -> None:
    """Where it stands in the flow: the deepest transfer, and the largest part of a case's money
    that came to its accounts (REQ-92: by place, not by how many transfers)."""
    of = select(orm.DropCase.case_id).where(orm.DropCase.drop_id == drop.id)
    mine, rule = set(accounts(session, drop.id)), default().rule
    hops, parts = [], []
    for documents in trails.newest_of(session, session.scalars(of).all()).values():
        for document in documents:
            stolen = sum(claim["amount"] for claim in document["claims"])
            nodes = [node for node in document["nodes"] if node["account"] in mine]
            came = [sum(node["received"].get(rule, {}).values()) for node in nodes]
            hops += [node["hop"] for node in nodes]
            if came and stolen:
                parts.append(min(MILLION, max(came) * MILLION // stolen))
    drop.hop, drop.part = max(hops, default=None), max(parts, default=None)
    session.flush()


def place_all(session: Session) -> None:
    """Place every drop whose label stands, for trails have grown since."""
    standing = select(orm.Drop).where(orm.Drop.expired_us.is_(None)).order_by(orm.Drop.id)
    for drop in session.scalars(standing):
        place(session, drop)


def figures(session: Session, officer: Person) -> dict[str, int]:
    """The counts behind REQ-40 to 42, of drops in view, lapsed labels too: they were identified."""
    rows = session.execute(
        select(orm.Drop.role, orm.Drop.status, func.count())
        .where(in_view(officer))
        .group_by(orm.Drop.role, orm.Drop.status)
    ).all()

    def of(statuses: Collection[str], roles: Collection[str] = ROLES) -> int:
        return sum(n for role, status, n in rows if status in statuses and role in roles)

    return {
        "identified": of(STATUSES),
        "assessed": of(set(STATUSES) - {"seen"}),
        "witnesses": of({"witness"}),
        "prosecuted": of(PROVEN),
        "organisers": of(STATUSES, {"organiser", "recruiter"}),
        "organisers_prosecuted": of(PROVEN, {"organiser", "recruiter"}),
    }
