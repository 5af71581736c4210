"""Versions of messages and of texts at moments of risk: written by one, agreed to by another.

A key is a method code (`28`) for messages, a moment and a method (`payment_new/28`, or `/any`) for
moments. Version 1 came with the software; what was approved last is in force, and no version goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin.outreach import policy, shipped, voice
from qalqan.bulletin.outreach.voice import KINDS, Kind
from qalqan.cases import codes
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import audit, hands, orm, rights
from qalqan.register.rights import Person, Right

APPROVED, DRAFT, REFUSED = "approved", "draft", "refused"
FIRST = 1
"""The version that came with the software."""


@dataclass(frozen=True)
class Text:
    """One version."""

    kind: Kind
    key: str
    version: int
    texts: Mapping[str, str]
    approved_us: int = 0
    """0: it came with the software."""


def in_force(session: Session, kind: Kind) -> dict[str, Text]:
    """Key → the version that is in force now."""
    found = {key: Text(kind, key, FIRST, texts) for key, texts in _shipped(kind).items()}
    row = orm.OutreachText
    approved = select(row).where(row.kind == kind, row.state == APPROVED).order_by(row.version)
    for each in session.scalars(approved):
        found[each.key] = Text(kind, each.key, each.version, each.texts, each.decided_us or 0)
    return found


def _shipped(kind: Kind) -> dict[str, Mapping[str, str]]:
    if kind == "message":
        return dict(shipped.messages())
    return {
        f"{code}/{method}": texts
        for code, moment in shipped.moments().items()
        for method, texts in moment.texts.items()
    }


def one(session: Session, kind: Kind, key: str, version: int) -> Text:
    """A version whatever became of it. `NotFound`."""
    if version == FIRST and key in _shipped(kind):
        return Text(kind, key, FIRST, _shipped(kind)[key])
    table = orm.OutreachText
    asked = select(table).where(table.kind == kind, table.key == key, table.version == version)
    row = session.scalar(asked)
    if row is None:
        raise NotFound("text", key)
    return Text(kind, key, version, row.texts, row.decided_us or 0)


def check_key(kind: Kind, key: str) -> str:
    """The key as it is, if there may be a text under it.

    Raises:
        InputRejected: an unknown method or moment.
    """
    known = codes.code_book(clock.now_us()).methods
    moment, slash, method = key.partition("/")
    if kind == "message" and key in known:
        return key
    of_moment = kind == "moment" and slash and moment in shipped.moments()
    if of_moment and (method in known or method == shipped.ANY):
        return key
    raise InputRejected("key", key, "outreach.key")


def propose(
    session: Session, person: Person, kind: str, key: str, told: Mapping[str, str]
) -> orm.OutreachText:
    """A new version, for somebody else to agree to. A write transaction.

    Raises:
        NotAllowed: a role that may not. InputRejected: a text that may not go out so.
        Conflict: an earlier draft still waits.
    """
    rights.check(person, Right.CAMPAIGNS)
    if kind not in KINDS:
        raise InputRejected("kind", kind, "one_of", choices=", ".join(KINDS))
    known: Kind = "message" if kind == "message" else "moment"
    limits = policy.current(session, clock.now_us())
    texts = voice.check(known, told, limits.parts)
    check_key(known, key)
    table = orm.OutreachText
    of_key = (table.kind == kind, table.key == key)
    if session.scalar(select(table.id).where(*of_key, table.state == DRAFT)):
        raise Conflict("outreach_text", key, "waiting", "propose another")
    last = session.scalar(select(func.max(table.version)).where(*of_key)) or FIRST
    row = table(
        kind=kind, key=key, version=last + 1, texts=texts, state=DRAFT, written_by=person.login,
        written_us=clock.now_us(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.note(session, person.login, "outreach.text", "text", f"{kind}/{key}", version=row.version)
    return row


def decide(session: Session, person: Person, number: int, yes: bool) -> orm.OutreachText:
    """The second person's word. A write transaction.

    Raises:
        NotAllowed: a role that may not, or whoever wrote it, or one hand.
        NotFound. Conflict: somebody has decided.
    """
    rights.check(person, Right.PUBLISH)
    row = session.get(orm.OutreachText, number, with_for_update=True)
    if row is None:
        raise NotFound("text", str(number))
    if row.state != DRAFT:
        raise Conflict("outreach_text", row.key, "decided", "decide")
    if row.written_by == person.login:
        raise NotAllowed("approve", "a person other than the drafter")
    hands.check(session, person.login, [row.written_by], "approve")
    row.state = APPROVED if yes else REFUSED
    row.decided_by, row.decided_us = person.login, clock.now_us()
    audit.note(
        session, person.login, "outreach.text.yes" if yes else "outreach.text.no", "text",
        f"{row.kind}/{row.key}", version=row.version,
    )  # fmt: skip
    return row


def waiting(session: Session) -> Sequence[orm.OutreachText]:
    """Drafts, the oldest first."""
    table = orm.OutreachText
    return list(session.scalars(select(table).where(table.state == DRAFT).order_by(table.id)))
