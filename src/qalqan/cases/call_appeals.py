"""Appeals of refused callers: a rule of the call screen refused them, and no order, so there is no
case either (REQ-45; RFC 8688, 3: whoever is refused by a machine must have whom to ask).

The caller writes by the page that the signed card names, or by his operator; two hours run, as for
every appeal. Somebody who did not list the number decides. What he is told at once follows from the
numbering plan and from his own words alone (`plain_rule`): no list, finding, policy or table of the
centre is looked at for it, so nobody learns by asking which rule stops him or who is looked into
(docs/decisions/0016).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases.appeal_book import Verdict
from qalqan.cases.appeals import LEAST_WORDS, MOST_NOTE, MOST_WORDS, Decision
from qalqan.cases.blocked import OF_VALUE
from qalqan.cases.policy import current
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.model.identifiers import phone
from qalqan.model.identifiers.phone import Phone
from qalqan.register import audit, blocking, indicators, numbers, rights, throttle, vault
from qalqan.register.database import Database
from qalqan.register.orm import CallAppeal, Case, IndicatorRow, Order
from qalqan.register.rights import Person, Right
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.mask import mask
from qalqan.trust.keys import Keys

PAGE = "page"
PLACES = ("abroad", "home", "unknown")
LEAST_CONTACT, MOST_CONTACT, MOST_NETWORK = 5, 200, 100
OLDEST_US, AHEAD_US = 90 * clock.DAY, clock.DAY
"""When a refused call may have been."""
REASONS: Mapping[Verdict, tuple[str, ...]] = {
    Verdict.UPHELD: ("unlisted", "contract", "tables"),
    Verdict.DISMISSED: ("rule_right", "not_refused"),
}
"""Decision → codes of why: `unlisted` takes the number off the lists, at once; `contract` and
`tables` tell what the operator adds to his lists."""


@dataclass(frozen=True)
class Told:
    """What a refused caller tells; numbers as he writes them."""

    number: str
    about_us: int
    place: str
    words: str
    contact: str
    language: str
    called: str = ""
    network: str = ""


@dataclass(frozen=True)
class Taken:
    """His receipt: the appeal's number, and the code of what may be said at once."""

    id: str
    due_us: int
    rule: str


def plain_rule(number: Phone, place: str) -> str:
    """Which rule of everybody's is told of such numbers (`refused.rule.<code>`)."""
    if place != "abroad":
        return place
    if number.kind == "short":
        return "short"
    if number.kind in ("shared", "reserve", "unassigned"):
        return "nobodys"
    if number.country != "KZ":
        return "foreign"
    return number.kind if number.kind in ("fixed", "mobile") else "network"


def hand_in(
    database: Database, keys: Keys, told: Told, by: str, key: str, network: str | None = None
) -> Taken:
    """Take an appeal; the same `key` of the same sender again is the same appeal. `network`: where
    a stranger writes from, whose letters are counted.

    Raises:
        InputRejected: a field that can't be taken. NotAllowed: too many letters from there.
        Conflict: another appeal came under this key.
    """
    number, called = _checked(told)
    with database.write() as session:
        if network is not None:
            throttle.write_in(session, network)
        row = _row(session, keys, told, number, called)
        row.handed_by = by
        row.idempotency_key = hashlib.sha256(f"{by}\x00{key}".encode()).hexdigest()
        same = CallAppeal.idempotency_key == row.idempotency_key
        kept = session.scalar(select(CallAppeal).where(same))
        if kept is None:
            row.id = numbers.next_id(session, "K")
            session.add(row)
            audit.note(session, by, "appeal.record", "appeal", row.id)
            kept = row
        elif _content(kept) != _content(row):
            raise Conflict("appeal", kept.id, "recorded under this key", "another appeal")
        return Taken(kept.id, kept.due_us, plain_rule(number, told.place))


def _checked(told: Told) -> tuple[Phone, Phone | None]:
    now = clock.now_us()
    number = phone.canonical(told.number, field="number")
    called = phone.canonical(told.called, field="called") if told.called.strip() else None
    if told.place not in PLACES:
        raise InputRejected("place", told.place, "one_of", choices=", ".join(PLACES))
    if told.language not in LANGUAGES:
        raise InputRejected("language", told.language, "one_of", choices=", ".join(LANGUAGES))
    if not now - OLDEST_US <= told.about_us <= now + AHEAD_US:
        raise InputRejected("about", "", "refused.about", days=OLDEST_US // clock.DAY)
    for field, text, least, most in (
        ("words", told.words, LEAST_WORDS, MOST_WORDS),
        ("contact", told.contact, LEAST_CONTACT, MOST_CONTACT),
        ("network", told.network, 0, MOST_NETWORK),
    ):
        if not least <= len(text.strip()) <= most:
            raise InputRejected(field, "", "refused.length", least=least, most=most)
    return number, called


def _row(
    session: Session, keys: Keys, told: Told, number: Phone, called: Phone | None
) -> CallAppeal:
    now = clock.now_us()
    return CallAppeal(
        number=vault.keep(session, keys, "phone", number.text),
        called=vault.keep(session, keys, "phone", called.text) if called else None,
        about_us=told.about_us, place=told.place, network=mask(told.network.strip()),
        words=vault.keep(session, keys, "words", told.words.strip()),
        contact=vault.keep(session, keys, "words", told.contact.strip()),
        language=told.language, received_us=now, state=Verdict.OPEN, version=0,
        due_us=now + current(session, now).appeal_due_us,
    )  # fmt: skip


def _content(row: CallAppeal) -> tuple[object, ...]:
    return (row.number, row.called, row.about_us, row.place, row.network, row.words, row.contact,
            row.language)  # fmt: skip


def load(session: Session, person: Person, appeal_id: str, to_decide: bool = False) -> CallAppeal:
    """An appeal, locked for who is about to decide it; they are of no region, so all officers see
    them.

    Raises:
        NotAllowed: a role without cases. NotFound: no such appeal.
    """
    rights.check(person, Right.CASES)
    row = session.get(
        CallAppeal, appeal_id, populate_existing=True, with_for_update=to_decide or None
    )
    if row is None:
        raise NotFound("appeal", appeal_id)
    return row


def listed(session: Session, is_open: bool, most: int = 100) -> Sequence[CallAppeal]:
    """Open ones by their coming, decided ones newest first."""
    row = CallAppeal
    wanted = select(row).where(row.state == Verdict.OPEN if is_open else row.state != Verdict.OPEN)
    order = (row.received_us, row.id) if is_open else (row.decided_us.desc(), row.id.desc())
    return session.scalars(wanted.order_by(*order).limit(most)).all()


def late(session: Session, now_us: int) -> int:
    """How many nobody decided in time."""
    row = CallAppeal
    wanted = select(func.count()).where(row.state == Verdict.OPEN, row.due_us <= now_us)
    return session.scalar(wanted) or 0


def lists_of(session: Session, number: str) -> Sequence[IndicatorRow]:
    """Lists for blocking on which a number (a token) stands now."""
    return [
        one for one in indicators.live(session, clock.now_us())
        if one.subject == number and one.grade == indicators.BLOCK
    ]  # fmt: skip


def orders_about(session: Session, person: Person, number: str) -> tuple[str, int]:
    """The newest order that blocks or unblocks a number (a token), of the cases in view; and how
    many there are of cases out of view."""
    seen = Order.case_id.in_(select(Case.id).where(rights.in_view(person)))
    about = (Order.subject == number, Order.kind.in_(sorted(OF_VALUE)))
    newest = session.scalar(select(func.max(Order.id)).where(*about, seen))
    hidden = session.scalar(select(func.count()).where(*about, ~seen))
    return newest or "", hidden or 0


@dataclass(frozen=True)
class Opened:
    """What is sealed of an appeal, in clear."""

    number: str
    called: str
    words: str
    contact: str
    note: str
    """The decision in words; empty while there is none."""


def open_sealed(database: Database, keys: Keys, person: Person, appeal_id: str) -> Opened:
    """What the caller told, for deciding on it; each value with its line in the audit. What is
    blocked, or past its term, stays empty.

    Raises:
        NotAllowed: a role that opens no such values. NotFound: no such appeal.
    """
    with database.write() as session:
        row = load(session, person, appeal_id)
        for klass in ("phone", "words"):
            rights.check_field(person, klass)
        tokens = [row.number, row.called, row.words, row.contact, row.note]
        wanted = [
            token for token in tokens
            if token and blocking.of(session, token) is None
            and vault.gone_us(session, token) is None
        ]  # fmt: skip
        found = vault.reveal_many(session, keys, wanted, person.login, f"{row.id}: appeal")
        return Opened(*(found.get(token or "", "") for token in tokens))


def decide(
    database: Database, keys: Keys, appeal_id: str, person: Person, told: Decision
) -> CallAppeal:
    """Decide an appeal. Upheld as `unlisted`, the number leaves the lists at once, and the tables
    of calls are told. The same person's same decision again changes nothing.

    Raises:
        NotFound: no such appeal. NotAllowed: no right, or somebody who listed the number.
        Conflict: it is decided. InputRejected: a reason that does not go with the verdict.
    """
    _check_decision(told)
    with database.write() as session:
        rights.check(person, Right.DECIDE)
        row = load(session, person, appeal_id, to_decide=True)
        note = vault.keep(session, keys, "words", " ".join(told.words.split()))
        given = (person.login, told.verdict, told.reason, note)
        if (row.decided_by, row.state, row.reason, row.note) == given:
            return row
        if row.state != Verdict.OPEN or told.version not in (None, row.version):
            raise Conflict(
                "appeal", row.id, "decided or changed by somebody else", "decide", "changed"
            )
        _unlist(session, row, person, told)
        row.decided_by, row.state, row.reason, row.note = given
        row.decided_us, row.version = clock.now_us(), row.version + 1
        audit.note(session, person.login, f"appeal.{told.verdict}", "appeal", row.id, told.reason)
        return row


def _check_decision(told: Decision) -> None:
    if told.verdict not in REASONS:
        raise InputRejected("verdict", told.verdict, "appeal.verdict")
    if told.reason not in REASONS[told.verdict]:
        raise InputRejected("reason", told.reason, "appeal.reason")
    if not LEAST_WORDS <= len(told.words.strip()) <= MOST_NOTE:
        raise InputRejected("words", "", "draft.words", least=LEAST_WORDS, most=MOST_NOTE)


def is_apart(lists: Sequence[IndicatorRow], person: Person) -> bool:
    """Whether this person had no part in listing the number: nobody judges his own work."""
    return not any(person.login in one.approved_by for one in lists)


def _unlist(session: Session, row: CallAppeal, person: Person, told: Decision) -> None:
    lists = lists_of(session, row.number)
    if not is_apart(lists, person):
        raise NotAllowed("decide appeal", "a person who had no part in the order")
    if told.reason != "unlisted":
        return
    if not lists:
        raise InputRejected("reason", told.reason, "refused.not_listed")
    for one in lists:
        indicators.withdraw(session, one.id, person.login, row.id)
