"""What an officer may ask of a partner by himself: an order of any kind on a case (REQ-19, 44).

The machine drafts what its policy lets it; the rest is drafted here. Who may draft what, which
partners get it, what it may be about and for how long stand in the tables below. Every draft waits
for the people that `cases.consent` names, and its sum is bounded by `cases.choices`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import choices, order_book, trails
from qalqan.cases.choices import Act, Choice
from qalqan.cases.grounds import Ground, ground, grounds
from qalqan.cases.policy import PursuitPolicy, current
from qalqan.cases.reasons import reason
from qalqan.cases.subjects import Subject, subject_of
from qalqan.clock import DAY, HOUR
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.model.order import Asked, Order, State
from qalqan.register import audit, orm, rights
from qalqan.register.database import Database
from qalqan.register.rights import Person, Right
from qalqan.text.mask import mask
from qalqan.trust.keys import Keys

LEAST_WORDS, MOST_WORDS = 10, 400
"""Characters of an officer's reason: a sentence, and no more than fits on a card."""

_OPERATIVE = frozenset(Act) - {Act.RETURN}
DRAFTERS: Mapping[str, frozenset[Act]] = {
    "operative": _OPERATIVE,
    "investigator": frozenset(Act),
    "supervisor": frozenset(Act),
}
"""Role → what it may draft. Money goes back on an investigator's draft, not on an operative's."""

_PAYERS = frozenset({"bank", "wallet"})
_EVERY = frozenset({"bank", "wallet", "operator", "marketplace", "dns", "host"})
ADDRESSEES: Mapping[Act, frozenset[str]] = {
    **dict.fromkeys(
        (Act.CONFIRM, Act.STATEMENT, Act.HOLD, Act.PROLONG, Act.RELEASE, Act.RETURN), _PAYERS
    ),
    Act.BLOCK: frozenset({"operator", "dns"}),
    Act.TAKEDOWN: frozenset({"marketplace", "host"}),
    Act.UNBLOCK: frozenset({"operator", "dns", "marketplace", "host"}),
    Act.DATA: _EVERY,
    Act.PRESERVATION: _EVERY,
}
"""Which kinds of partner get which order."""

_DAYS_90 = 90 * DAY
TERMS: Mapping[Act, tuple[int, int, int]] = {
    # Thailand keeps numbers of frauds suspended for days; a month is the most without a new look.
    Act.BLOCK: (HOUR, 72 * HOUR, 30 * DAY),
    # Convention on Cybercrime (Budapest, 2001), art. 16 (2): at most ninety days at a time.
    Act.PRESERVATION: (DAY, 30 * DAY, _DAYS_90),
}
"""Least, usual and longest term, microseconds; holds have those of the policy."""


@dataclass(frozen=True)
class Wish:
    """What an officer asks for; sums in minor units, `term_us` microseconds from now."""

    act: Act
    ground: str
    words: str
    """The officer's own reason; numbers of people in it are masked."""
    target: str = ""
    """Key of one of `choices.offered`: an account, a report or an earlier order."""
    partner: str = ""
    """Code of whom to ask, where the target does not say."""
    subject: str = ""
    subject_kind: str = ""
    amount: int | None = None
    term_us: int | None = None
    asked: tuple[str, ...] = ()


def acts_of(person: Person) -> frozenset[Act]:
    """What this officer may draft at all."""
    return (
        DRAFTERS.get(person.role, frozenset()) if rights.has(person, Right.DRAFT) else frozenset()
    )


def grounds_of(act: Act, at_us: int) -> list[Ground]:
    """Legal grounds in force at a moment that carry such an order, the usual one first."""
    return [row for row in grounds() if act.kind in row.kinds and row.valid(at_us)]


def addressees(session: Session, act: Act) -> list[orm.Partner]:
    """Partners that may be asked, by their code."""
    rows = select(orm.Partner).where(
        orm.Partner.kind.in_(ADDRESSEES[act]), orm.Partner.active.is_(True)
    )
    return list(session.scalars(rows.order_by(orm.Partner.code)))


def term(act: Act, policy: PursuitPolicy) -> tuple[int, int, int] | None:
    """Least, usual and longest term, microseconds; None: the order has none."""
    if act is Act.HOLD:
        return HOUR, policy.hold_us, policy.prolonged_hold_us
    if act is Act.PROLONG:
        return HOUR, policy.prolonged_hold_us, policy.prolonged_hold_us
    return TERMS.get(act)


def draft(
    database: Database, keys: Keys, person: Person, case_id: str, wish: Wish, key: str
) -> Order:
    """Draft an order; the same `key` of the same person again is the same order.

    Raises:
        NotAllowed: the role may not draft this, the case is out of view, no ground is in force.
        NotFound: no such case. InputRejected: something that does not fit, named by its field.
        Conflict: the key came with another wish, or such an order is under way already.
    """
    with database.write() as session:
        made = prepare(session, keys, person, case_id, wish, key)
        if made.id:
            return made
        kept = order_book.draft(session, made, made.amount, {"wish": _digest(keys, case_id, wish)})
        audit.note(session, person.login, "order.draft", "order", kept.id, kind=kept.kind)
        return kept


def prepare(
    session: Session, keys: Keys, person: Person, case_id: str, wish: Wish, key: str
) -> Order:
    """The order as it would be drafted, or the one that the key drafted before; a phone it names
    is kept in the vault, so this is a write transaction. Raises as `draft`."""
    rights.check_case(session, person, Right.DRAFT, case_id)
    if wish.act not in acts_of(person):
        raise NotAllowed(f"draft {wish.act}", "role")
    mark = _mark(person, key)
    if (before := _before(session, keys, mark, case_id, wish)) is not None:
        return before
    trails.draft_alone(session, trails.joined(session, [case_id]))
    return _order(session, keys, person.login, case_id, wish, mark)


def _order(session: Session, keys: Keys, by: str, case_id: str, wish: Wish, mark: str) -> Order:
    now = clock.now_us()
    policy = current(session, now)
    legal = _ground(wish, now)
    choice = choices.chosen(session, case_id, wish.act, wish.target, now)
    subject = subject_of(session, keys, wish.act, wish.subject_kind, wish.subject, choice)
    order = Order(
        id="",
        case_id=case_id,
        kind=wish.act.kind,
        partner=_partner(session, wish, choice),
        state=State.DRAFTED,
        ground=legal.code,
        sanction=legal.sanction,
        drafted_by=by,
        idempotency_key=mark,
        created_us=now,
        due_us=now + policy.due_in(wish.act.kind),
        expires_us=_expires(wish, policy, now),
        reason=reason("officer", words=_words(wish.words)),
        asked=_asked(wish),
        **_about(wish, choice, subject),
    )
    _check_new(session, order, subject)
    return order


def _mark(person: Person, key: str) -> str:
    """The idempotency key in the register: it says whose key it is."""
    return "draft:" + hashlib.sha256(f"{person.login}\x00{key}".encode()).hexdigest()[:40]


def _before(session: Session, keys: Keys, mark: str, case_id: str, wish: Wish) -> Order | None:
    """What the same key drafted before.

    Raises:
        Conflict: it came with another wish.
    """
    found = order_book.one(session, orm.Order.idempotency_key == mark)
    if found is None:
        return None
    row = orm.OrderEvent
    first = select(row.detail).where(row.order_id == found.id, row.event == order_book.DRAFT)
    if session.scalars(first).one().get("wish") != _digest(keys, case_id, wish):
        raise Conflict("order", found.id, "drafted under this key", "another draft")
    return found


def _digest(keys: Keys, case_id: str, wish: Wish) -> str:
    """What was wished for, to know it again; keyed, since a number stands in it that is nobody's
    to guess."""
    text = json.dumps([case_id, *asdict(wish).values()])
    return hmac.digest(keys.token_key("document"), f"wish {text}".encode(), "sha256").hex()[:32]


def _ground(wish: Wish, now: int) -> Ground:
    try:
        return ground(wish.ground, wish.act.kind, now)
    except NotAllowed:
        raise InputRejected("ground", wish.ground, "draft.ground") from None


def _partner(session: Session, wish: Wish, choice: Choice | None) -> str:
    code = choice.partner if choice and choice.partner else wish.partner
    row = session.get(orm.Partner, code)
    if row is None or not row.active or row.kind not in ADDRESSEES[wish.act]:
        raise InputRejected("partner", code, "draft.partner")
    return code


def _words(words: str) -> str:
    text = " ".join(words.split())
    if not LEAST_WORDS <= len(text) <= MOST_WORDS:
        raise InputRejected("words", "", "draft.words", least=LEAST_WORDS, most=MOST_WORDS)
    return mask(text)


def _asked(wish: Wish) -> tuple[str, ...]:
    if wish.act not in {Act.DATA, Act.PRESERVATION}:
        return ()
    asked = tuple(dict.fromkeys(wish.asked))
    if not asked or not set(asked) <= set(Asked):
        raise InputRejected("asked", ", ".join(asked), "draft.asked")
    return asked


def _expires(wish: Wish, policy: PursuitPolicy, now: int) -> int | None:
    bounds = term(wish.act, policy)
    if bounds is None:
        return None
    least, usual, most = bounds
    asked = usual if wish.term_us is None else wish.term_us
    if not least <= asked <= most:
        raise InputRejected(
            "term", asked // HOUR, "draft.term", least=least // HOUR, most=most // HOUR
        )
    return now + asked


def _about(wish: Wish, choice: Choice | None, subject: Subject | None) -> dict[str, Any]:
    """Account, sum and earlier order, or the subject."""
    about: dict[str, Any] = {}
    if choice is not None:
        about = {
            "report_id": choice.report,
            "parent_id": choice.parent,
            "account": choice.account,
            "beneficiary": choice.beneficiary,
            "currency": choice.currency,
            "from_us": choice.from_us,
            "to_us": choice.to_us,
            "amount": _amount(wish, choice),
            "subject": choice.subject,
            "subject_kind": choice.subject_kind,
        }
    if subject is not None:
        about |= {"subject": subject.kept, "subject_kind": subject.kind}
    return about


def _amount(wish: Wish, choice: Choice) -> int | None:
    """The sum asked for, all that may be unless said otherwise; the report's own for a question."""
    if choice.most is None:
        return None
    if wish.act is Act.CONFIRM or wish.amount is None:
        return choice.most
    if not 0 < wish.amount <= choice.most:
        raise InputRejected("amount", wish.amount, "order.within_limit", limit=choice.most)
    return wish.amount


def _check_new(session: Session, order: Order, subject: Subject | None) -> None:
    """Refuse what is under way already: the same subject twice blocks nobody better."""
    if subject is None:
        return
    same = order_book.find(
        session,
        orm.Order.subject == subject.kept,
        orm.Order.kind == order.kind,
        orm.Order.partner == order.partner,
        orm.Order.state.in_(choices.LIVING),
    )
    if same and not order.asked:
        raise Conflict("order", same[-1].id, same[-1].state, f"{order.kind} again", "again")
