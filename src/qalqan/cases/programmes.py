"""Programmes, roadmaps, concepts and plans that measures belong to (REQ-25)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import measure_words
from qalqan.errors import Conflict, InputRejected
from qalqan.register import audit, orm, rights
from qalqan.register.numbers import next_id
from qalqan.register.rights import Person, Right

KINDS = ("programme", "roadmap", "measures", "concept", "plan")


@dataclass(frozen=True)
class Wanted:
    """A programme as it is told."""

    kind: str
    names: Mapping[str, str]
    owner: str
    from_day: str | None
    to_day: str | None
    source: str
    stated: str | None = None


def add(
    session: Session, officer: Person, wanted: Wanted, key: str, whose: str = ""
) -> orm.Programme:
    """Take a programme in; the same `key` again is the same one, of the officer or of `whose` keys
    it is. A write transaction.

    Raises:
        NotAllowed. InputRejected: what is told can't be. Conflict: another one has the key.
    """
    rights.check(officer, Right.MEASURES)
    told, mark = _checked(wanted), measure_words.key_of(whose or officer.login, key)
    before = session.scalar(select(orm.Programme).where(orm.Programme.idempotency_key == mark))
    if before is not None:
        if any(getattr(before, name) != value for name, value in told.items()):
            raise Conflict("programme", before.id, "key_used", "another programme")
        return before
    row = orm.Programme(
        id=next_id(session, "PG"), idempotency_key=mark, made_us=clock.now_us(),
        made_by=officer.login, **told,
    )  # fmt: skip
    session.add(row)
    audit.note(session, officer.login, "programme_add", "programme", row.id)
    session.flush()
    return row


def all_of(session: Session) -> Sequence[orm.Programme]:
    """All, by their first day."""
    rows = select(orm.Programme).order_by(orm.Programme.from_day, orm.Programme.id)
    return session.scalars(rows).all()


def _checked(wanted: Wanted) -> dict[str, object]:
    if wanted.kind not in KINDS:
        raise InputRejected("kind", wanted.kind, "one_of", choices=", ".join(KINDS))
    first = measure_words.day(wanted.from_day, "from_day") if wanted.from_day else None
    last = measure_words.day(wanted.to_day, "to_day") if wanted.to_day else None
    if first and last and last < first:
        raise InputRejected("to_day", last, "measure.order")
    return {
        "kind": wanted.kind,
        "names": measure_words.names(wanted.names),
        "owner": measure_words.words(wanted.owner, "owner", 0, measure_words.LONGEST_OWNER),
        "from_day": first,
        "to_day": last,
        "source": measure_words.words(wanted.source, "source", 2, 400),
        "stated": measure_words.day(wanted.stated, "stated") if wanted.stated else None,
    }
