"""A gateway that is bound to over SMPP 3.4, as a transceiver (docs/decisions/0017).

A message of several parts goes as several `submit_sm`, joined by the header of TS 23.040; the
receipt is asked for the last of them. If the first part is refused nothing went; if a later one is,
or no answer comes, nobody knows. Receipts and replies come as `deliver_sm` over the same session,
which is made anew when it breaks. The library runs its own threads; the loop here is turned by
whoever asks, and by nobody else.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import smpp34

from qalqan.exchange import sms_text
from qalqan.settings import Settings
from qalqan.work.sms.gateway import Answer, Fate, Heard, Receipt, Reply, name_of

ANSWER_S = 10.0
"""For all parts of a message; shorter than a sender's lease."""
HEAR_S = 0.02
_MOST_HEARD = 500
"""At once: the rest waits until what there is to send has had its turn."""
_CONNECT_MS = 3_000
"""A centre that says no to a bind is told from one that is away by nothing but this time."""
_INTERNATIONAL, _ALPHANUMERIC, _ISDN = 1, 5, 1
_UCS2, _HEADER = 8, 0x40
_IS_RECEIPT, _OF_TYPE = 0x04, 0x3C
_NAME_TAG, _STATE_TAG = 0x001E, 0x0427
"""receipted_message_id, message_state (SMPP 3.4, 5.3.2)."""
_MESSAGE_STATE_DELIVERED = 2
_RECEIPT = re.compile(r"id:(\S{1,80}).*?stat:(\w{1,12})", re.S | re.I)
_FINAL = {"DELIVRD": True, "ACCEPTD": None, "ENROUTE": None, "UNKNOWN": None}
"""What a receipt says: delivered, nothing final; all others: not delivered."""
_ROOM = {0x14: "queue_full", 0x58: "throttled"}
"""ESME_RMSGQFUL, ESME_RTHROTTLED: later."""


class SmppGateway:
    """One session with a message centre."""

    def __init__(self, settings: Settings) -> None:
        host, _, port = (settings.sms_smpp or "").rpartition(":")
        secret = settings.sms_password
        self._bind: dict[str, Any] = {
            "host": host, "port": int(port), "system_id": settings.sms_user or "",
            "password": secret.get_secret_value() if secret else "", "bind_type": "TRX",
            "tls": settings.sms_tls, "connect_timeout_ms": _CONNECT_MS,
        }  # fmt: skip
        self._from = settings.sms_from
        self._loop = asyncio.new_event_loop()
        self._client: smpp34.Client | None = None
        self._smsc: smpp34.Smsc | None = None
        self._coming: asyncio.Task[Any] | None = None
        self._joins = 0

    def send(self, to: str, text: str, number: int) -> Answer:
        return self._loop.run_until_complete(self._send(to, text))

    async def _send(self, to: str, text: str) -> Answer:
        smsc = await self._bound()
        if smsc is None:
            return Answer(Fate.CLOSED, "connect")
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._submitted(smsc, to, text)
        except _BROKEN as error:
            self._lost()
            return Answer(Fate.UNSURE, type(error).__name__)

    async def _submitted(self, smsc: smpp34.Smsc, to: str, text: str) -> Answer:
        bodies = sms_text.parts(text)
        self._joins = (self._joins + 1) % 256
        name = None
        for place, body in enumerate(bodies, 1):
            last = place == len(bodies)
            header = bytes([5, 0, 3, self._joins, len(bodies), place]) if len(bodies) > 1 else b""
            said = await smsc.submit_sm(
                to.lstrip("+"), header + body, source_addr=self._from,
                source_addr_ton=_INTERNATIONAL if self._from.isdigit() else _ALPHANUMERIC,
                source_addr_npi=_ISDN if self._from.isdigit() else 0,
                dest_addr_ton=_INTERNATIONAL, dest_addr_npi=_ISDN,
                esm_class=_HEADER if header else 0, registered_delivery=int(last),
                data_coding=_UCS2 if sms_text.alphabet(text) == "ucs2" else 0,
            )  # fmt: skip
            if not said.is_success:
                return _no(said.command_status, began=place > 1)
            name = name_of(said.message_id)
        return Answer(Fate.TAKEN, name=name)

    def heard(self) -> Sequence[Heard]:
        return self._loop.run_until_complete(self._heard())

    async def _heard(self) -> Sequence[Heard]:
        found: list[Heard] = []
        smsc = await self._bound()
        if smsc is None:
            return found
        for _ in range(_MOST_HEARD):
            if self._coming is None:
                self._coming = self._loop.create_task(_next(smsc))
            await asyncio.wait({self._coming}, timeout=HEAR_S)
            if not self._coming.done():
                break
            event, self._coming = self._coming.result(), None
            if not isinstance(event, smpp34.DeliverSmEvent):
                self._lost()
                break
            if (told := _told(event)) is not None:
                found.append(told)
        return found

    async def _bound(self) -> smpp34.Smsc | None:
        """The session, made anew if there is none; None: it can't be had."""
        if self._smsc is None:
            self._client = smpp34.Client(**self._bind)
            try:
                self._smsc = await self._client.connect()
            except _BROKEN:
                self._lost()
        return self._smsc

    def _lost(self) -> None:
        """Leave a broken session to the library, which ends it 30 s after its last question."""
        if self._coming is not None:
            self._coming.cancel()
        self._client, self._smsc, self._coming = None, None, None

    def close(self) -> None:
        if self._smsc is not None:
            self._loop.run_until_complete(self._leave(self._smsc))
        self._lost()
        self._loop.close()

    async def _leave(self, smsc: smpp34.Smsc) -> None:
        if self._coming is not None:
            self._coming.cancel()
        try:
            async with asyncio.timeout(1.0):
                await smsc.unbind()
        except _BROKEN:
            return


_BROKEN = (smpp34.SmppError, OSError, TimeoutError)


async def _next(smsc: smpp34.Smsc) -> Any:
    try:
        return await smsc.next()
    except _BROKEN:
        return None


def _no(status: int, began: bool) -> Answer:
    if began:
        return Answer(Fate.UNSURE, f"part_{status:#x}")
    if status in _ROOM:
        return Answer(Fate.NOT_SENT, _ROOM[status])
    return Answer(Fate.REFUSED, f"smpp_{status:#x}")


def _told(event: smpp34.DeliverSmEvent) -> Heard | None:
    text = sms_text.decoded(event.short_message, event.data_coding)
    if event.esm_class & _OF_TYPE != _IS_RECEIPT:
        return Reply(f"+{event.source_addr.lstrip('+')}", text)
    by_tag = {each.tag: each for each in event.tlvs}
    name, state = by_tag.get(_NAME_TAG), by_tag.get(_STATE_TAG)
    if name is not None and state is not None and (code := state.as_int()) is not None:
        final = None if code in (0, 1, 6, 7) else code == _MESSAGE_STATE_DELIVERED
        return _receipt(name.as_string() or "", final, f"state_{code}")
    found = _RECEIPT.search(text)
    if found is None:
        return None
    return _receipt(found[1], _FINAL.get(found[2].upper(), False), found[2].lower())


def _receipt(name: str, final: bool | None, reason: str) -> Receipt | None:
    return None if final is None else Receipt(name, final, "" if final else reason)
