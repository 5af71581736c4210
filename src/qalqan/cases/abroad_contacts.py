"""Whom to write to abroad: points of contact around the clock, police bureaux, central authorities,
platforms (REQ-70).

Institutions, never people; still, a number that is years old costs the hours that matter, so each
row says when it was verified and by whom, and is shown as stale after `STALE_US`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases.abroad_requests import country_of
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.model.identifiers import phone as phones
from qalqan.register import audit, orm, rights
from qalqan.register.rights import Person, Right

CHANNELS = ("point_24_7", "police", "central", "platform")
STALE_US = 180 * clock.DAY
"""Judgement: half a year, as contact lists of such networks are commonly confirmed."""
LONGEST = {"body": 200, "hours": 60, "languages": 60, "phone": 40, "mail": 120}
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class Told:
    """A contact as an officer enters it."""

    country: str
    body: str
    channel: str
    hours: str = ""
    languages: str = ""
    phone: str = ""
    mail: str = ""


def add(session: Session, officer: Person, told: Told) -> orm.AbroadContact:
    """Enter a contact; it counts as verified now. The same again is the row that stands.

    Raises:
        NotAllowed: no right. InputRejected: what can't be, or neither a phone nor an address.
    """
    rights.check(officer, Right.ABROAD)
    values = _checked(told)
    for before in listed(session):
        if all(getattr(before, name) == value for name, value in values.items()):
            return before
    row = orm.AbroadContact(
        **values, verified_us=clock.now_us(), verified_by=officer.login, version=0
    )
    session.add(row)
    session.flush()
    audit.note(session, officer.login, "contact_add", "contact", str(row.id), to=row.country)
    return row


def verify(session: Session, officer: Person, number: int, still: bool) -> orm.AbroadContact:
    """Say that a contact still answers, or that it does not: then nobody is offered it.

    Raises:
        NotAllowed: no right. NotFound: no such contact. Conflict: it was retired before.
    """
    rights.check(officer, Right.ABROAD)
    row = session.get(orm.AbroadContact, number, with_for_update=True)
    if row is None:
        raise NotFound("contact", str(number))
    if row.retired_us is not None:
        raise Conflict("contact", str(number), "retired", "verify")
    if still:
        row.verified_us, row.verified_by = clock.now_us(), officer.login
    else:
        row.retired_us = clock.now_us()
    row.version += 1
    act = "contact_verify" if still else "contact_retire"
    audit.note(session, officer.login, act, "contact", str(number), to=row.country)
    return row


def listed(session: Session, country: str = "") -> Sequence[orm.AbroadContact]:
    """Contacts that stand, of one country or of all, by country and body."""
    row = orm.AbroadContact
    asked = select(row).where(row.retired_us.is_(None))
    if country:
        asked = asked.where(row.country == country)
    return session.scalars(asked.order_by(row.country, row.body, row.id)).all()


def is_stale(row: orm.AbroadContact, now_us: int) -> bool:
    """Whether nobody has verified it for too long."""
    return row.verified_us + STALE_US <= now_us


def _checked(told: Told) -> dict[str, str]:
    if told.channel not in CHANNELS:
        raise InputRejected("channel", told.channel, "one_of", choices=", ".join(CHANNELS))
    values = {name: " ".join(getattr(told, name).split()) for name in LONGEST}
    for name, most in LONGEST.items():
        if len(values[name]) > most:
            raise InputRejected(name, values[name], "text.too_long", most=most)
    if not values["body"]:
        raise InputRejected("body", "", "text.empty")
    if not values["phone"] and not values["mail"]:
        raise InputRejected("phone", "", "abroad.reach")
    if values["mail"] and not _MAIL.fullmatch(values["mail"]):
        raise InputRejected("mail", values["mail"], "abroad.mail")
    if values["phone"]:
        values["phone"] = phones.canonical(values["phone"], field="phone").text
    return {"country": country_of(told.country), "channel": told.channel, **values}
