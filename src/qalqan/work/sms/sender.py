"""The one who sends short messages: a round of the worker, by lease one at a time (REQ-76).

A message is marked as being sent and that is committed; then it goes; then what became of it is
written down. Whoever takes the lease finds what the last one left half done, and calls it unknown.
While a restored centre stands still, at night, and where the gateway says no to us, nothing goes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin.outreach import consent, policy, queue
from qalqan.bulletin.outreach.queue import Claimed
from qalqan.cases.order_book import MACHINE
from qalqan.errors import Conflict, NotFound
from qalqan.register import orm, pauses, vault
from qalqan.register.database import Database
from qalqan.register.leases import Held, hold
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work.sms import marks
from qalqan.work.sms.by_http import JsonGateway, KannelGateway
from qalqan.work.sms.gateway import Answer, Fate, Gateway, Receipt

log = logging.getLogger("qalqan.work.sms")

EVERY_S = 1.0
LEASE = "outreach.sms"
LEASE_S = 15.0
TURN_S = 5.0
"""How long one round sends at most: then it looks what came back."""
REST_S = 60.0
"""How long nothing goes to a gateway that can't be had or takes nothing from us."""
UNSURE_MOST = 3
"""After so many messages in a row of which nobody knows, a rest too, and after each further one
until one is answered: none of them is tried again, and a gateway that dies would spend them all."""
GONE = "number_gone"


def gateway_of(settings: Settings, keys: Keys) -> Gateway | None:
    """The gateway that the settings name; None: none is set."""

    def receipt_to(number: int) -> str:
        return f"{settings.address}/v1/sms/receipts/{number}/{marks.mark(keys, number)}"

    if settings.sms == "kannel":
        return KannelGateway(settings, receipt_to)
    if settings.sms == "json":
        return JsonGateway(settings, receipt_to)
    if settings.sms == "smpp":
        from qalqan.work.sms.by_smpp import SmppGateway  # 6 MB that few workers need

        return SmppGateway(settings)
    return None


class Sender:
    """Looks what is to be sent, and what came back."""

    def __init__(
        self, database: Database, keys: Keys, settings: Settings, gateway: Gateway | None = None
    ) -> None:
        self._database, self._keys = database, keys
        self._make: Callable[[], Gateway | None] = (
            (lambda: gateway) if gateway is not None else partial(gateway_of, settings, keys)
        )
        self._gateway: Gateway | None = None
        self._is_set = gateway is not None or settings.sms is not None
        self._not_before_s = 0.0
        self._unsure = 0
        self._last_s = 0.0
        self._rate = 1

    def look(self) -> None:
        """One round."""
        if not self._is_set:
            return
        if self._gateway is None:
            self._gateway = self._make()
        if self._gateway is None:
            return
        self._hear(self._gateway)
        if time.monotonic() < self._not_before_s or not self._is_anything_due():
            return
        try:
            with hold(self._database, LEASE, LEASE_S) as held:
                self._send(self._gateway, held)
        except Conflict:
            return  # another sends

    def close(self) -> None:
        """End the gateway's connections."""
        if self._gateway is not None:
            self._gateway.close()

    def _is_anything_due(self) -> bool:
        left = select(orm.OutreachSms.id).where(orm.OutreachSms.state == queue.SENDING)
        with self._database.session() as session:
            due = queue.next_due_us(session)
            if due is not None and due <= clock.now_us():
                return True
            return session.scalar(left.limit(1)) is not None

    def _hear(self, gateway: Gateway) -> None:
        for each in gateway.heard():
            with self._database.write() as session:
                if not isinstance(each, Receipt):
                    consent.replied(session, self._keys, each.sender, each.text)
                elif (row := queue.by_gateway(session, each.name)) is not None:
                    queue.receipt(session, row, each.delivered, each.reason)

    def _send(self, gateway: Gateway, held: Held) -> None:
        with self._database.write() as session:
            held.check(session)
            queue.left_behind(session, held.owner)
        until_s = time.monotonic() + TURN_S
        while time.monotonic() < until_s:
            taken = self._claim(held)
            if taken is None:
                return
            claimed, number = taken
            self._pace()
            answer = gateway.send(number, claimed.text, claimed.id)
            self._keep(held, claimed, answer)
            if self._is_to_rest(answer):
                self._not_before_s = time.monotonic() + REST_S
                return

    def _is_to_rest(self, answer: Answer) -> bool:
        self._unsure = self._unsure + 1 if answer.fate is Fate.UNSURE else 0
        if answer.fate is Fate.CLOSED:
            log.warning("the SMS gateway takes nothing now: %s", answer.reason)
            return True
        if self._unsure >= UNSURE_MOST:
            told = (self._unsure, answer.reason, REST_S)
            log.warning("no word on %d messages in a row (%s): no SMS goes for %d s", *told)
            return True
        return False

    def _claim(self, held: Held) -> tuple[Claimed, str] | None:
        """The next message and its number, once that is on disk."""
        while True:
            with self._database.write() as session:
                held.check(session)
                if pauses.paused(session, pauses.DELIVERY) is not None:
                    return None
                claimed = queue.claim(session, held.owner)
                if claimed is None:
                    return None
                self._rate = policy.current(session, clock.now_us()).gateway_second
                purpose = f"outreach {claimed.campaign}"
                try:
                    number = vault.reveal(session, self._keys, claimed.phone, MACHINE, purpose)
                except NotFound:  # retention took it
                    queue.refused(session, claimed, held.owner, GONE)
                    continue
            return claimed, number

    def _pace(self) -> None:
        """No faster than the gateway takes it."""
        wait_s = self._last_s + 1 / self._rate - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)
        self._last_s = time.monotonic()

    def _keep(self, held: Held, claimed: Claimed, answer: Answer) -> None:
        with self._database.write() as session:
            if answer.fate is Fate.TAKEN:
                queue.accepted(session, claimed, held.owner, answer.name)
            else:
                _ENDS[answer.fate](session, claimed, held.owner, answer.reason)


_End = Callable[[Session, Claimed, str, str], None]
_ENDS: Mapping[Fate, _End] = {
    Fate.REFUSED: queue.refused,
    Fate.NOT_SENT: queue.not_sent,
    Fate.UNSURE: queue.unsure,
    Fate.CLOSED: queue.put_back,
}
