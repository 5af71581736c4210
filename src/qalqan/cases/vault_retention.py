"""Values of the vault that nothing needs any more: those that only closed cases name, once the
term of their class is over (Law 94-V of 21 May 2013, article 12).

A case is kept whole by a legal hold on it or on everything, and a value by any open or younger
case, a drop or an officer that it belongs to. What goes is told in the audit as one row with a
digest of the tokens, which stay, so that pages can say what was there and verification still adds
up.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from qalqan import clock
from qalqan.errors import InputRejected
from qalqan.register import names, orm, policies, vault
from qalqan.trust.tokens import PREFIXES

NAME = "vault_retention"
CLASSES = ("words", "name", "person", "document")
"""Accounts, phones and cards stay as long as facts name them."""
LEAST_DAYS = 90
"""Nobody drops younger values by a slip of the pen."""
_PIECE = 500

_Column = InstrumentedAttribute[Any]
_OF_CASES: tuple[_Column, ...] = (
    orm.Report.victim, orm.Report.victim_name, orm.Report.words, orm.CaseNote.words,
    orm.CaseDocument.name, orm.AppealRow.words, orm.AppealRow.note, orm.CaseEntity.subject,
    orm.Order.subject,
)  # fmt: skip
"""Where cases name values, beside their story."""
_OTHERS: tuple[_Column, ...] = (orm.User.name, orm.Drop.person)
"""Where else values are named: who stands there is kept."""


@dataclass(frozen=True)
class VaultPolicy:
    """One version: class → days after a case is closed."""

    version: int
    days: Mapping[str, int]


def default_body() -> dict[str, Any]:
    """The policy that comes with the software, as it stands in its file."""
    path = files("qalqan.cases") / "vault_retention.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def install(session: Session, body: dict[str, Any], approved_by: Sequence[str]) -> VaultPolicy:
    """Put the next version in force from now on.

    Raises:
        InputRejected: it is no such policy. NotAllowed: fewer than two different people.
    """
    policies.check_approved(approved_by)
    version = policies.next_version(session, NAME)
    policy = _of_body(version, body)
    policies.put_in_force(session, NAME, version, body, approved_by)
    return policy


def current(session: Session) -> VaultPolicy | None:
    """The newest version that two people approved; None: values are kept for good."""
    row = policies.in_force(session, NAME, clock.now_us())
    return None if row is None else _of_body(row.version, row.body)


def _of_body(version: int, body: Mapping[str, Any]) -> VaultPolicy:
    for klass, entry in body.items():
        days = entry.get("days") if isinstance(entry, Mapping) else None
        fits = isinstance(entry, Mapping) and isinstance(entry.get("source"), str)
        if klass not in CLASSES or not fits or type(days) is not int or days < LEAST_DAYS:
            raise InputRejected(klass, str(entry), "retention.entry", days=LEAST_DAYS)
    return VaultPolicy(version, {klass: entry["days"] for klass, entry in body.items()})


def drop(
    session: Session, policy: VaultPolicy, klass: str, held: Collection[str] | None
) -> list[str]:
    """Drop what is over its term of a class; `held` are cases under a hold, None: all are. A
    write transaction in which no hold is placed."""
    if held is None or klass not in policy.days:
        return []
    term_us = clock.now_us() - policy.days[klass] * clock.DAY
    closed = select(orm.Case.id).where(orm.Case.state == "closed", orm.Case.closed_us <= term_us)
    over = [case for case in session.scalars(closed.order_by(orm.Case.id)) if case not in held]
    named: set[str] = set()
    for start in range(0, len(over), _PIECE):
        named |= _named(session, klass, over[start : start + _PIECE])
    going = sorted(named - _kept(session, sorted(named), set(over)))
    text = f"{NAME}/{policy.version}: {policy.days[klass]} days after the case"
    if klass == "name":
        _unlisted(session, going)
    return vault.drop(session, going, text)


def _unlisted(session: Session, going: Sequence[str]) -> None:
    """Nobody is found any more by a name that goes."""
    for start in range(0, len(going), _PIECE):
        piece = going[start : start + _PIECE]
        reports = select(orm.Report.id).where(orm.Report.victim_name.in_(piece))
        for report in session.scalars(reports).all():
            names.forget(session, "victim", report)


def _named(session: Session, klass: str, cases: Sequence[str]) -> set[str]:
    """Values of a class that these cases name."""
    story = select(orm.Case.story).where(orm.Case.id.in_(cases))
    found = set(session.scalars(story))
    for column in _OF_CASES:
        of = column.class_.case_id.in_(cases)
        found |= set(session.scalars(select(column).where(of).distinct()))
    return {token for token in found if token and _is_of(token, klass)}


def _is_of(text: str, klass: str) -> bool:
    """Identifiers that are not personal stand in the clear beside tokens."""
    return text.startswith(f"{PREFIXES[klass]}_")


def _kept(session: Session, named: Sequence[str], over: set[str]) -> set[str]:
    """Those that something else still needs."""
    kept: set[str] = set()
    for start in range(0, len(named), _PIECE):
        piece = named[start : start + _PIECE]
        for column in _OF_CASES:
            asked = select(column, column.class_.case_id).where(column.in_(piece))
            kept |= {token for token, case in session.execute(asked) if case not in over}
        stories = select(orm.Case.story, orm.Case.id).where(orm.Case.story.in_(piece))
        kept |= {token or "" for token, case in session.execute(stories) if case not in over}
        for column in _OTHERS:
            kept |= set(session.scalars(select(column).where(column.in_(piece))))
    return kept
