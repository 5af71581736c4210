"""Appeals: somebody says that an order harms him without reason; two hours to decide (REQ-21, 44;
DESIGN section 7, 2).

An appeal moves its order to `appealed`: nothing of it is returned or prolonged meanwhile. Somebody
who neither drafted nor agreed to the order decides. What was wrong is let go at once, by a release
that the policy may approve; nobody has to wait for two more people. An appeal that is not decided
in time climbs the ladder of `cases.escalation`; one whose order has ended by itself lapses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import appeal_book, order_book, undoing
from qalqan.cases.appeal_book import Appeal, Channel, Verdict
from qalqan.cases.order_book import CLOCKS, EVERY_ORDER
from qalqan.cases.orders import Event
from qalqan.cases.policy import current
from qalqan.clock import HOUR
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.model.order import TERMINAL, Order
from qalqan.register import audit, jobs, numbers, orm, rights, vault
from qalqan.register.database import Database
from qalqan.register.rights import Person, Right
from qalqan.trust.keys import Keys

LEAST_WORDS, MOST_WORDS = 5, 5000
MOST_NOTE = 400
TERM_US = 2 * HOUR
"""How long a decision may take, where no policy says otherwise."""


REASONS: Mapping[Verdict, tuple[str, ...]] = {
    Verdict.UPHELD: ("own_money", "wages", "wrong_one", "no_evidence"),
    Verdict.PART: ("own_money", "wages", "sum"),
    Verdict.DISMISSED: ("traced", "nothing_new", "not_concerned"),
}
"""Decision → codes of why."""


@dataclass(frozen=True)
class Decision:
    """What somebody decides; `amount`: minor units to let go, for an appeal upheld in part."""

    verdict: Verdict
    reason: str
    words: str
    amount: int | None = None
    version: int | None = None


def record(
    database: Database, keys: Keys, person: Person, order_id: str, channel: str, words: str,
    key: str,
) -> Appeal:  # fmt: skip
    """Write down an appeal that came to an officer; the same `key` again is the same appeal.

    Raises:
        NotFound: no such order. NotAllowed: no right, or a case out of view.
        Conflict: the order is not in force, or somebody has appealed already.
        InputRejected: no such channel, too few words or too many.
    """
    if channel not in set(Channel) - {Channel.PARTNER}:
        raise InputRejected("channel", channel, "appeal.channel")
    with database.write() as session:
        order = order_book.load(session, order_id)
        rights.check_case(session, person, Right.APPEALS, order.case_id)
        return _keep(session, keys, order, Channel(channel), words, person.login, key)


def hand_in(
    database: Database, keys: Keys, partner: str, order_id: str, words: str, key: str
) -> Appeal:
    """Take an appeal from the order's own partner. Raises as `record`; another partner's order is
    as good as none."""
    with database.write() as session:
        order = order_book.one(session, orm.Order.id == order_id, orm.Order.partner == partner)
        if order is None or order.sent_us is None:
            raise NotFound("order", order_id)
        return _keep(session, keys, order, Channel.PARTNER, words, f"partner:{partner}", key)


def _keep(
    session: Session, keys: Keys, order: Order, channel: Channel, words: str, by: str, key: str
) -> Appeal:
    text = words.strip()
    if not LEAST_WORDS <= len(text) <= MOST_WORDS:
        raise InputRejected("words", "", "draft.words", least=LEAST_WORDS, most=MOST_WORDS)
    mark = hashlib.sha256(f"{by}\x00{key}".encode()).hexdigest()
    token = vault.keep(session, keys, "words", text)
    before = session.scalar(select(orm.AppealRow).where(orm.AppealRow.idempotency_key == mark))
    if before is not None:
        if (before.order_id, before.words, before.channel) != (order.id, token, channel):
            raise Conflict("appeal", before.id, "recorded under this key", "another appeal")
        return appeal_book.value(before)
    now = clock.now_us()
    appeal = numbers.next_id(session, "A")
    order_book.step(session, order, Event.APPEAL, by, now, detail={"appeal": appeal})
    row = orm.AppealRow(
        id=appeal, order_id=order.id, case_id=order.case_id, channel=channel, words=token,
        handed_by=by, idempotency_key=mark, received_us=now, state=Verdict.OPEN, escalated=0,
        due_us=now + current(session, now).appeal_due_us, version=0,
    )  # fmt: skip
    session.add(row)
    jobs.put(session, CLOCKS, EVERY_ORDER, due_us=row.due_us or now)
    audit.note(session, by, "appeal.record", "order", order.id, appeal=appeal)
    return appeal_book.value(row)


def decide(
    database: Database, keys: Keys, appeal_id: str, person: Person, told: Decision
) -> Appeal:
    """Decide an appeal; what was wrong is let go at once. The same person's same decision again
    changes nothing.

    Raises:
        NotFound: no such appeal. NotAllowed: no right, a case out of view, or somebody who
            drafted the order or agreed to it.
        Conflict: it is decided, or has changed (`version`).
        InputRejected: a reason or a sum that does not go with the verdict.
    """
    _check_told(told)
    with database.write() as session:
        appeal = appeal_book.load(session, appeal_id)
        order = order_book.load(session, appeal.order_id)
        rights.check_case(session, person, Right.DECIDE, appeal.case_id)
        check_apart(order, person)
        now = clock.now_us()
        version = appeal.version if told.version is None else told.version
        note = vault.keep(session, keys, "words", " ".join(told.words.split()))
        if _has_decided(session, appeal, person, told, note):
            return appeal
        undone = _carry_out(session, order, appeal, person, told, now)
        appeal_book.write(
            session, appeal.id, version, state=told.verdict, decided_by=person.login,
            decided_us=now, due_us=None, reason=told.reason, note=note, undone_by=undone,
        )  # fmt: skip
        audit.note(
            session, person.login, f"appeal.{told.verdict}", "order", order.id, appeal=appeal.id
        )
        return appeal_book.load(session, appeal_id)


def _has_decided(
    session: Session, appeal: Appeal, person: Person, told: Decision, note: str
) -> bool:
    """Whether this person decided just this before."""
    was = (appeal.decided_by, appeal.state, appeal.reason, appeal.note)
    if was != (person.login, told.verdict, told.reason, note):
        return False
    part = told.verdict is Verdict.PART and appeal.undone_by
    return not part or order_book.load(session, part).amount == told.amount


def check_apart(order: Order, person: Person) -> None:
    """Nobody judges his own work.

    Raises:
        NotAllowed: this person drafted the order or said yes to it.
    """
    if person.login == order.drafted_by or any(a.login == person.login for a in order.approvals):
        raise NotAllowed("decide appeal", "a person who had no part in the order")


def _check_told(told: Decision) -> None:
    if told.verdict not in REASONS:
        raise InputRejected("verdict", told.verdict, "appeal.verdict")
    if told.reason not in REASONS[told.verdict]:
        raise InputRejected("reason", told.reason, "appeal.reason")
    if not LEAST_WORDS <= len(told.words.strip()) <= MOST_NOTE:
        raise InputRejected("words", "", "draft.words", least=LEAST_WORDS, most=MOST_NOTE)


def _carry_out(
    session: Session, order: Order, appeal: Appeal, person: Person, told: Decision, now: int
) -> str | None:
    """Let go what was wrong; the number of the order that does so.

    An order that was wrong as a whole stays `appealed` until its partner has let it go: nothing
    else may become of it.
    """
    if told.verdict is Verdict.UPHELD:
        return undoing.undo(session, order, appeal.id, person.login, None, now)
    event = Event.DISMISS
    undone = None
    if told.verdict is Verdict.PART:
        event = Event.SETTLE
        undone = undoing.undo(session, order, appeal.id, person.login, told.amount or 0, now)
    fresh = order_book.load(session, order.id)
    order_book.step(session, fresh, event, person.login, now, detail={"appeal": appeal.id})
    return undone


def climb(session: Session, now: int) -> int:
    """What nobody decided in time goes to the next people; appeals of ended orders lapse.
    Returns how many moved."""
    policy = current(session, now)
    moved = 0
    # what somebody decides at this moment is his
    for row in session.scalars(appeal_book.open_rows().with_for_update(skip_locked=True)):
        order = session.get_one(orm.Order, row.order_id)
        if order.state in TERMINAL:
            row.state, row.decided_us, row.due_us = Verdict.LAPSED, now, None
        elif row.due_us is not None and row.due_us <= now:
            row.escalated += 1
            last = row.escalated >= len(policy.ladder) - 1
            row.due_us = None if last else now + policy.appeal_every_us
        else:
            continue
        row.version += 1
        moved += 1
    return moved
