"""A campaign's short messages as rows: each goes once, or it is said that nobody knows (REQ-76).

queued → sending → sent → delivered or undelivered; also refused, unknown, dropped. A row is
`sending` on disk before its first byte goes, so that whoever is killed leaves at most one row of
which nobody knows whether it went: it becomes `unknown`, is shown as that, and is never sent again.
Only what certainly did not go is tried again. At the last moment a row is looked at once more: its
campaign runs, its consent stands, the person's quota has room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin.outreach import consent, policy, texts
from qalqan.bulletin.outreach.campaigns import State
from qalqan.bulletin.outreach.policy import OutreachPolicy
from qalqan.clock import HOUR, MINUTE
from qalqan.errors import Conflict, NotFound
from qalqan.exchange import sms_text
from qalqan.register import dialect
from qalqan.register.orm import OutreachCampaign, OutreachConsent, OutreachSms
from qalqan.register.rights import COUNTRY
from qalqan.text.catalogue import LANGUAGES

QUEUED, SENDING, SENT = "queued", "sending", "sent"
DELIVERED, UNDELIVERED = "delivered", "undelivered"
REFUSED, UNKNOWN, DROPPED = "refused", "unknown", "dropped"
STATES = (QUEUED, SENDING, SENT, DELIVERED, UNDELIVERED, UNKNOWN, REFUSED, DROPPED)
WENT = (SENT, DELIVERED, UNDELIVERED, UNKNOWN, SENDING)
"""States in which it may have reached a telephone."""
_PAID = (SENT, DELIVERED, UNDELIVERED)
TRIES = 6
_AGAIN_US = MINUTE


class Claimed(NamedTuple):
    """A row in hand."""

    id: int
    campaign: str
    phone: str
    """Vault token."""
    text: str
    parts: int


def fill(session: Session, row: OutreachCampaign) -> int:
    """Put everybody who agreed and fits the segment on the list, once; how many are new. A write
    transaction.

    Raises:
        Conflict: no SMS campaign that runs.
    """
    if row.channel != "sms" or row.state != State.RUNNING or not row.text:
        raise Conflict("outreach", row.id, row.state, "send")
    words = texts.one(session, "message", row.text, row.text_version or texts.FIRST).texts
    parts = {language: sms_text.length(words[language]).parts for language in LANGUAGES}
    there = set(session.scalars(select(OutreachSms.phone).where(OutreachSms.campaign == row.id)))
    now = clock.now_us()
    new = [each for each in session.scalars(_fitting(row)) if each.phone not in there]
    for each in new:
        session.add(OutreachSms(
            campaign=row.id, phone=each.phone, language=each.language, parts=parts[each.language],
            state=QUEUED, due_us=max(now, row.from_us), reason="", created_us=now, attempts=0,
            cost=0,
        ))  # fmt: skip
    session.flush()
    return len(new)


def _fitting(row: OutreachCampaign) -> Any:
    table = OutreachConsent
    asked = select(table).where(consent.living(), table.purpose == consent.PREVENTION)
    if row.region != COUNTRY:
        asked = asked.where(table.region == row.region)
    for name, code in row.segment.items():
        asked = asked.where(getattr(table, name) == code)
    return asked.order_by(table.id).limit(row.planned_reach)


def claim(session: Session, owner: str) -> Claimed | None:
    """The next message that may go now, marked as being sent; None: none may. A write transaction,
    which is to commit before anything is sent."""
    now = clock.now_us()
    limits = policy.current(session, now)
    if limits.is_quiet(now):
        return None
    for campaign in _with_room(session, limits, now):
        while (row := _next(session, campaign.id, now)) is not None:
            reason = _forbidden(session, row, limits, now)
            if reason:
                row.state, row.reason, row.ended_us = DROPPED, reason, now
                session.flush()
                continue
            row.state, row.owner, row.sent_us = SENDING, owner, now
            row.attempts += 1
            version = campaign.text_version or texts.FIRST
            words = texts.one(session, "message", campaign.text or "", version).texts
            return Claimed(row.id, campaign.id, row.phone, words[row.language], row.parts)
    return None


def _with_room(session: Session, limits: OutreachPolicy, now: int) -> list[OutreachCampaign]:
    """Running campaigns that have sent fewer than their hour's quota."""
    table = OutreachCampaign
    running = select(table).where(
        table.channel == "sms", table.state == State.RUNNING, table.from_us <= now,
        table.to_us > now,
    )  # fmt: skip
    hour = select(func.count()).select_from(OutreachSms).where(
        OutreachSms.state.in_(WENT), OutreachSms.sent_us > now - HOUR
    )  # fmt: skip
    return [
        row
        for row in session.scalars(running.order_by(table.id))
        if (session.scalar(hour.where(OutreachSms.campaign == row.id)) or 0) < limits.campaign_hour
    ]


def _next(session: Session, campaign: str, now: int) -> OutreachSms | None:
    due = select(OutreachSms).where(
        OutreachSms.campaign == campaign, OutreachSms.state == QUEUED, OutreachSms.due_us <= now
    )
    return session.scalars(
        dialect.skip_locked(due.order_by(OutreachSms.due_us, OutreachSms.id).limit(1))
    ).first()


def _forbidden(session: Session, row: OutreachSms, limits: OutreachPolicy, now: int) -> str:
    """Why this person is not written to after all; empty: he may be."""
    agreed = select(OutreachConsent.id).where(
        OutreachConsent.phone == row.phone, OutreachConsent.purpose == consent.PREVENTION,
        consent.living(),
    )  # fmt: skip
    if session.scalar(agreed) is None:
        return "stopped"
    lately = select(func.count()).where(
        OutreachSms.phone == row.phone, OutreachSms.state.in_(WENT),
        OutreachSms.sent_us > now - limits.person_us,
    )  # fmt: skip
    return "quota" if (session.scalar(lately) or 0) >= limits.person_messages else ""


def accepted(session: Session, claimed: Claimed, owner: str, gateway: str | None) -> None:
    """The gateway has taken it."""
    part = policy.current(session, clock.now_us()).part_tiyn
    _end(session, claimed, owner, SENT, gateway=gateway, cost=claimed.parts * part)


def refused(session: Session, claimed: Claimed, owner: str, reason: str) -> None:
    """The gateway has said no to this message, for good."""
    now = clock.now_us()
    _end(session, claimed, owner, REFUSED, reason=reason[:40], sent_us=None, ended_us=now)


def unsure(session: Session, claimed: Claimed, owner: str, reason: str) -> None:
    """No answer came to what was begun: nobody knows."""
    _end(session, claimed, owner, UNKNOWN, reason=reason[:40], ended_us=clock.now_us())


def not_sent(session: Session, claimed: Claimed, owner: str, reason: str) -> None:
    """It certainly did not go: again later, until it was tried often enough."""
    row = session.get_one(OutreachSms, claimed.id)
    if row.attempts >= TRIES:
        refused(session, claimed, owner, reason)
        return
    due = clock.now_us() + _AGAIN_US * row.attempts
    _end(session, claimed, owner, QUEUED, reason=reason[:40], sent_us=None, due_us=due)


def put_back(session: Session, claimed: Claimed, owner: str, reason: str) -> None:
    """It did not go, for no fault of its own: the attempt does not count."""
    row = session.get_one(OutreachSms, claimed.id)
    tried = max(0, row.attempts - 1)
    _end(session, claimed, owner, QUEUED, reason=reason[:40], sent_us=None, attempts=tried)


def _end(session: Session, claimed: Claimed, owner: str, state: str, **values: Any) -> None:
    """Of a row that this sender has, also where another has just called it unknown."""
    mine = (
        OutreachSms.id == claimed.id, OutreachSms.owner == owner,
        OutreachSms.state.in_((SENDING, UNKNOWN)),
    )  # fmt: skip
    session.execute(update(OutreachSms).where(*mine).values(state=state, **values))


def left_behind(session: Session, owner: str) -> int:
    """Rows that another sender had in hand when it died: nobody knows whether they went. Only for
    whoever holds the senders' lock."""
    others = (OutreachSms.state == SENDING, OutreachSms.owner != owner)
    now = clock.now_us()
    left = update(OutreachSms).where(*others)
    gone = session.execute(left.values(state=UNKNOWN, reason="sender_died", ended_us=now))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def receipt(session: Session, row_id: int, delivered: bool, reason: str = "") -> None:
    """What the network says became of it; also of one that nobody knew of. The first word counts:
    the same again changes nothing. `NotFound`."""
    row = session.get(OutreachSms, row_id, with_for_update=True)
    if row is None:
        raise NotFound("sms", str(row_id))
    if row.state in (SENT, UNKNOWN, SENDING):
        row.state = DELIVERED if delivered else UNDELIVERED
        row.reason, row.ended_us = reason[:40], clock.now_us()


def by_gateway(session: Session, name: str) -> int | None:
    """The row that the gateway calls so."""
    found = select(OutreachSms.id).where(OutreachSms.gateway == name)
    return session.scalars(found.order_by(OutreachSms.id.desc()).limit(1)).first()


@dataclass(frozen=True)
class Progress:
    """Where a campaign's messages stand."""

    states: dict[str, int]
    parts: int
    """Short messages that were handed over."""
    cost: int
    """tiyn"""

    @property
    def whole(self) -> int:
        return sum(self.states.values())

    @property
    def reached(self) -> int:
        """People whom the gateway has taken a message for, and the network did not fail."""
        return self.states.get(SENT, 0) + self.states.get(DELIVERED, 0)


def progress(session: Session, campaign: str) -> Progress:
    """Counts by state, and what was paid."""
    of = OutreachSms.campaign == campaign
    counted = select(OutreachSms.state, func.count()).where(of).group_by(OutreachSms.state)
    found: dict[str, int] = {state: n for state, n in session.execute(counted)}
    paid = select(func.sum(OutreachSms.parts), func.sum(OutreachSms.cost)).where(
        of, OutreachSms.state.in_(_PAID)
    )
    parts, cost = session.execute(paid).one()
    states = {state: found[state] for state in STATES if state in found}
    return Progress(states, int(parts or 0), int(cost or 0))


def settle(session: Session, row: OutreachCampaign) -> None:
    """At a campaign's end: what did not go will not, and whom it reached is written down."""
    now = clock.now_us()
    waits = (OutreachSms.campaign == row.id, OutreachSms.state == QUEUED)
    ended = update(OutreachSms).where(*waits)
    session.execute(ended.values(state=DROPPED, reason="campaign_over", ended_us=now))
    row.reach = progress(session, row.id).reached


def next_due_us(session: Session) -> int | None:
    """When something waits to be sent; None: nothing does."""
    return session.scalar(select(func.min(OutreachSms.due_us)).where(OutreachSms.state == QUEUED))
