"""Views of the queue that officers gave a name, for themselves or their unit (issue 5, Build 4).

A view is the query of the queue's address; it opens no case that its reader may not see.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.register import orm, rights
from qalqan.register.rights import Person, Right

LONGEST_NAME, LONGEST_QUERY = 60, 400
MOST = 30
"""Views of one officer."""


def of(session: Session, person: Person) -> Sequence[orm.SavedView]:
    """One's own, and those that one's unit shares, by name."""
    table = orm.SavedView
    seen = or_(table.login == person.login, table.shared == person.region)
    return session.scalars(select(table).where(seen).order_by(table.name, table.id)).all()


def save(session: Session, person: Person, name: str, query: str, *, shared: bool) -> None:
    """Keep a view under a name; the same name again replaces it.

    Raises:
        NotAllowed: a role that sees no queue. InputRejected: no name, or one that is too long.
        Conflict: too many.
    """
    rights.check(person, Right.CASES)
    name = "".join(sign for sign in " ".join(name.split()) if sign.isprintable())
    if not name or len(name) > LONGEST_NAME:
        raise InputRejected("name", name[:20], "queue.view_name", most=LONGEST_NAME)
    if len(query) > LONGEST_QUERY:
        raise InputRejected("query", query[:20], "text.too_long", most=LONGEST_QUERY)
    table = orm.SavedView
    mine = table.login == person.login
    row = session.scalar(select(table).where(mine, table.name == name))
    if row is None:
        if (session.scalar(select(func.count()).where(mine)) or 0) >= MOST:
            raise Conflict("views", str(MOST), "full", "save")
        row = table(login=person.login, name=name)
        session.add(row)
    row.query, row.made_us = query, clock.now_us()
    row.shared = person.region if shared else None


def forget(session: Session, person: Person, view: int) -> None:
    """Drop one's own view.

    Raises:
        NotFound: no such view of his.
    """
    row = session.get(orm.SavedView, view)
    if row is None or row.login != person.login:
        raise NotFound("view", str(view))
    session.delete(row)
