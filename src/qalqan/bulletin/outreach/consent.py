"""Who agreed to be written to, for what, by what, and who took it back (REQ-76).

Without a consent that stands nobody is written to by the centre. It is given for one purpose, with
where it came from, and ends the moment it is taken back: by an officer who was told, or by a reply
of one word. What was given and ended stays on record, for the answer to "why did you write to me?".
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import codes
from qalqan.cases.ages import BANDS
from qalqan.errors import InputRejected, NotFound
from qalqan.model.identifiers import phone as phones
from qalqan.register import audit, orm, rights, vault
from qalqan.register.orm import OutreachConsent
from qalqan.register.rights import Person, Right
from qalqan.text import fold
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.line import line
from qalqan.trust import tokens
from qalqan.trust.keys import Keys

PREVENTION = "prevention"
PURPOSES = (PREVENTION,)
LONGEST_SOURCE = 100
BY_SMS = "sms"
"""Who withdrew it, where he answered a message."""
STOPS = frozenset({
    "stop", "стоп", "тоқта", "токта", "тоқтат", "бас тарту", "отписаться", "отказ", "unsubscribe",
    "cancel", "отмена",
})  # fmt: skip
_DROPPED = ("queued",)


@dataclass(frozen=True)
class Given:
    """What the person agreed to, as somebody writes it down."""

    phone: str
    source: str
    language: str
    region: str
    age: str = ""
    purpose: str = PREVENTION


def give(session: Session, keys: Keys, person: Person, given: Given) -> OutreachConsent:
    """Note a consent; one that stands already stays as it is. A write transaction.

    Raises:
        NotAllowed: a role that may not. InputRejected: a number or a code that can't be.
    """
    rights.check(person, Right.CAMPAIGNS)
    number = _mobile(given.phone)
    _check(given)
    source = line("source", given.source, LONGEST_SOURCE)
    token = vault.keep(session, keys, "phone", number)
    table = OutreachConsent
    row = session.scalar(
        select(table).where(table.phone == token, table.purpose == given.purpose, living())
    )
    if row is not None:
        return row
    row = table(
        phone=token, purpose=given.purpose, source=source,
        language=given.language, region=given.region, age=given.age, given_us=clock.now_us(),
        taken_by=person.login,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.note(session, person.login, "consent.give", "phone", token, purpose=given.purpose)
    return row


def living() -> ColumnElement[bool]:
    """The condition on consents that stand."""
    return OutreachConsent.withdrawn_us.is_(None)


def withdraw(session: Session, keys: Keys, person: Person, phone: str) -> None:
    """End a number's consents, at its user's word. A write transaction.

    Raises:
        NotAllowed: a role that may not. InputRejected: no number. NotFound: none stands.
    """
    rights.check(person, Right.CAMPAIGNS)
    token = tokens.token(keys, "phone", _mobile(phone))
    if not end(session, token, person.login):
        raise NotFound("consent", "")


def end(session: Session, token: str, by: str) -> bool:
    """End all consents of a number and take what waits for it off the list; false if none stood."""
    now = clock.now_us()
    ended = session.execute(
        update(OutreachConsent)
        .where(OutreachConsent.phone == token, living())
        .values(withdrawn_us=now, withdrawn_by=by)
    )
    sms = orm.OutreachSms
    session.execute(
        update(sms)
        .where(sms.phone == token, sms.state.in_(_DROPPED))
        .values(state="dropped", reason="stopped", ended_us=now)
    )
    stood = bool(ended.rowcount)  # type: ignore[attr-defined]
    if stood:
        audit.note(session, by, "consent.end", "phone", token)
    return stood


def is_stop(text: str) -> bool:
    """Whether a reply asks to be written to no more: one of the words, however it is written."""
    return " ".join(text.split()).strip(" .,!?\"'«»").casefold() in STOPS


def replied(session: Session, keys: Keys, sender: str, text: str) -> bool:
    """A reply to a message of ours; true if it ended a consent. What else people write is not
    kept. A write transaction."""
    if not is_stop(text):
        return False
    try:
        number = phones.canonical(sender).text
    except InputRejected:
        return False
    return end(session, tokens.token(keys, "phone", number), BY_SMS)


def standing(session: Session) -> dict[str, int]:
    """How many consents stand, by region."""
    table = OutreachConsent
    counted = select(table.region, func.count()).where(living()).group_by(table.region)
    return {region: n for region, n in session.execute(counted)}


def _mobile(text: str) -> str:
    found = phones.canonical(fold.digits(text).text)
    if found.country != "KZ" or not found.text.startswith("+"):
        raise InputRejected("phone", text, "outreach.mobile")
    return found.text


def _check(given: Given) -> None:
    if given.purpose not in PURPOSES:
        raise InputRejected("purpose", given.purpose, "one_of", choices=", ".join(PURPOSES))
    if given.language not in LANGUAGES:
        raise InputRejected("language", given.language, "one_of", choices=", ".join(LANGUAGES))
    if given.age and given.age not in BANDS:
        raise InputRejected("age", given.age, "one_of", choices=", ".join(BANDS))
    codes.check_region(given.region)
