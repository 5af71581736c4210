"""Identifiers of a case, and in which other cases each was seen (REQ-18, 38, 86).

Accounts, phones, cards and people stand here as the vault's tokens, everything else in its
canonical form: equal identifiers are equal rows, whoever told them and however they were typed.
They come from reports, from the trail, from confirmed findings, and from officers by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import seen
from qalqan.errors import InputRejected, NotAllowed
from qalqan.model.identifiers import (
    account,
    card,
    handle,
    host,
    imei,
    ip,
    person,
    phone,
    url,
    wallet,
)
from qalqan.model.identifiers.columns import Canonical
from qalqan.register import audit, dialect, orm, rights, vault
from qalqan.register.rights import Person, Right
from qalqan.text.line import line
from qalqan.trust import tokens
from qalqan.trust.keys import Keys

Kind = Literal[
    "account", "phone", "card", "person", "domain", "url", "handle", "ip", "imei", "wallet"
]
CANONICAL: Mapping[str, Canonical] = {
    "account": account.canonical,
    "phone": phone.canonical,
    "card": card.canonical,
    "person": person.canonical,
    "domain": host.canonical,
    "url": url.canonical,
    "handle": handle.canonical,
    "ip": ip.canonical,
    "imei": imei.canonical,
    "wallet": wallet.canonical,
}
"""Kind → how it is written; in the order in which pages offer them."""
FOUND = ("device", "trunk", "dealer", "provider")
"""Kinds that findings alone tell, as facts name them; nobody types them."""
SEALED = {"account": "account", "phone": "phone", "card": "card", "person": "person",
          "wallet": "account", "device": "device"}  # fmt: skip
"""Kind → class of the vault. A wallet is an account: money goes to it, and the trail finds it. A
device is what operators tell of an IMEI; one that somebody types stands in clear, as `imei`."""
LONGEST, LONGEST_NOTE = 300, 200
FINDING = "finding"
"""Source of what a confirmed finding alone tells: whoever tells it as well takes its place."""
_TABLE = cast(Table, orm.CaseEntity.__table__)


class IdentifierIn(BaseModel):
    """An identifier as somebody tells it, in whatever form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    value: str = Field(max_length=4096)


def canonical(kind: str, value: str, field: str = "value") -> str:
    """The one way to write it.

    Raises:
        InputRejected: `identifier.kind`, or what was expected of such an identifier.
    """
    if kind not in CANONICAL:
        raise InputRejected("kind", kind, "identifier.kind")
    text = CANONICAL[kind](value, field=field).text
    if len(text) > LONGEST:
        raise InputRejected(field, value, "text.too_long", most=LONGEST)
    return text


def subject_of(keys: Keys, kind: str, text: str) -> str:
    """What stands for a canonical value: a token where it is personal."""
    return tokens.token(keys, SEALED[kind], text) if kind in SEALED else text


def told(session: Session, keys: Keys, kind: str, value: str, field: str = "value") -> str:
    """The subject of a value, kept in the vault if it is personal.

    Raises:
        InputRejected: as `canonical`.
    """
    text = canonical(kind, value, field)
    return vault.keep(session, keys, SEALED[kind], text) if kind in SEALED else text


def add(
    session: Session, keys: Keys, officer: Person, case_id: str, kind: str, value: str, note: str
) -> str:
    """Add an identifier by hand; its subject. One that the case has already stays as it is.

    Raises:
        NotAllowed, NotFound: as `rights.check_case`. InputRejected: as `canonical`, or a note that
            is too long.
    """
    rights.check_case(session, officer, Right.CASEWORK, case_id)
    note = line("note", note, LONGEST_NOTE, needed=False)
    subject = told(session, keys, kind, value)
    found = [(kind, subject, clock.now_us()), *_site(kind, value, clock.now_us())]
    keep(session, case_id, found, "officer", officer.login, note)
    audit.note(session, officer.login, "add_identifier", "case", case_id, kind=kind)
    return subject


def add_token(session: Session, officer: Person, case_id: str, kind: str, subject: str) -> None:
    """The same for a value that the vault has already, by its token.

    Raises:
        NotAllowed, NotFound: as `rights.check_case`.
    """
    rights.check_case(session, officer, Right.CASEWORK, case_id)
    keep(session, case_id, [(kind, subject, clock.now_us())], "officer", officer.login)
    audit.note(session, officer.login, "add_identifier", "case", case_id, kind=kind)


def _site(kind: str, value: str, at_us: int) -> list[tuple[str, str, int]]:
    """A link's site is an identifier of its own: pages change, the site stays."""
    if kind != "url":
        return []
    site = url.canonical(value)
    is_ip = site.host == site.registrable and (":" in site.host or site.host[-1].isdigit())
    return [("ip" if is_ip else "domain", site.registrable, at_us)]


def remove(session: Session, officer: Person, case_id: str, mark: str) -> None:
    """Take back what an officer has added; what was told or found stays.

    Raises:
        NotAllowed: a report or the trail told it. NotFound: the case has none such.
    """
    rights.check_case(session, officer, Right.CASEWORK, case_id)
    found = seen.named(session, case_id, mark)
    if found.source != "officer":
        raise NotAllowed("remove", "own_identifier")
    session.execute(
        delete(orm.CaseEntity).where(
            orm.CaseEntity.case_id == case_id,
            orm.CaseEntity.kind == found.kind,
            orm.CaseEntity.subject == found.subject,
        )
    )
    audit.note(session, officer.login, "remove_identifier", "case", case_id, kind=found.kind)


def keep(
    session: Session,
    case_id: str,
    found: Iterable[tuple[str, str, int]],
    source: str,
    told_by: str,
    note: str = "",
) -> None:
    """Keep identifiers (kind, subject, first seen); those that the case has stay as they are,
    unless a finding alone told them."""
    rows = [
        {
            "case_id": case_id,
            "kind": kind,
            "subject": subject,
            "source": source,
            "told_by": told_by,
            "first_us": first_us,
            "note": note or None,
        }
        for kind, subject, first_us in dict.fromkeys(found)
    ]
    if not rows:
        return
    insert = dialect.insert(session, _TABLE)
    told = {name: insert.excluded[name] for name in ("source", "told_by", "first_us", "note")}
    ours = insert.on_conflict_do_update(
        index_elements=_TABLE.primary_key.columns, set_=told, where=_TABLE.c.source == FINDING
    )
    session.execute(ours if source != FINDING else insert.on_conflict_do_nothing(), rows)


def keep_told(
    session: Session, keys: Keys, report: orm.Report, more: Sequence[IdentifierIn]
) -> None:
    """What a report names: the victim, both accounts, and what else the victim told.

    Raises:
        InputRejected: an identifier that can't be one.
    """
    by, at_us = f"partner:{report.channel}", report.crime_us
    own = [("person", report.victim, at_us), ("account", report.payer_account, at_us)]
    keep(session, report.case_id, own, "victim", by)
    named: list[tuple[str, str, int]] = []
    for place, each in enumerate(more):
        subject = told(session, keys, each.kind, each.value, f"identifiers[{place}].value")
        named += [(each.kind, subject, at_us), *_site(each.kind, each.value, at_us)]
    if report.payee_account is not None:
        named.append(("account", report.payee_account, at_us))
    keep(session, report.case_id, named, "report", by)


def has_all(session: Session, keys: Keys, case_id: str, more: Sequence[IdentifierIn]) -> bool:
    """Whether the case has all of these identifiers."""
    wanted = {subject_of(keys, each.kind, canonical(each.kind, each.value)) for each in more}
    of = select(orm.CaseEntity.subject).where(
        orm.CaseEntity.case_id == case_id, orm.CaseEntity.subject.in_(sorted(wanted))
    )
    return wanted == set(session.scalars(of))


def reached(session: Session, case_id: str, nodes: Iterable[Mapping[str, Any]]) -> None:
    """Accounts that the case's money has come to (`account`, `first_us`)."""
    found = [("account", node["account"], node["first_us"] or 0) for node in nodes]
    keep(session, case_id, found, "trail", "machine")
