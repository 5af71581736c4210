"""Gateways that are asked over HTTP: Kannel's `sendsms`, and a plain JSON form.

Kannel reads the message from the body and all else from headers (user guide, 10.1.5), so that no
password and no number stands in an address, and so in no log of one. It answers 202 for what it has
taken; the receipt comes to the address that stands beside the message. The JSON form is
`{"to", "from", "text", "reference", "receipt"}` under a bearer token, answered by `{"id"}`.

Whether a message went is decided by how far the request came: before the connection stands nothing
went; after it, only an answer tells. A gateway is given so long for the whole of a message, however
it deals out its bytes, and no more than so many of them are read: only then does whoever sends keep
its lease. The loop here is turned by whoever asks, and by nobody else.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence

import httpx

from qalqan.settings import Settings
from qalqan.work.sms.gateway import Answer, Fate, Heard, name_of

ANSWER_S = 10.0
"""For a whole exchange; shorter than a sender's lease."""
_CONNECT_S = 3.0
_MOST_BYTES = 64 << 10
_DELIVERED, _FAILED = 1, 2
_MASK = str(_DELIVERED | _FAILED | 16)
"""Receipts wanted: delivered, failed, rejected by the network's centre."""
_NEVER_BEGAN = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)
_LATER = frozenset({429, 503})
_CLOSED = frozenset({401, 403, 407})
Address = Callable[[int], str]
"""Our number of a message → the address that its receipt is to come to."""


class _Asked:
    """A gateway that takes one message a request."""

    def __init__(self, settings: Settings, receipt_to: Address) -> None:
        self._url = settings.sms_url or ""
        self._settings = settings
        self._receipt_to = receipt_to
        secret = settings.sms_password
        self._password = secret.get_secret_value() if secret else ""
        timeout = httpx.Timeout(ANSWER_S, connect=_CONNECT_S)
        self._client = httpx.AsyncClient(timeout=timeout, trust_env=False, follow_redirects=False)
        self._loop = asyncio.new_event_loop()

    def heard(self) -> Sequence[Heard]:
        return ()

    def close(self) -> None:
        self._loop.run_until_complete(self._client.aclose())
        self._loop.close()

    def _answer(
        self, headers: Mapping[str, str], body: bytes, named: Callable[[bytes], str | None]
    ) -> Answer:
        try:
            status, told = self._loop.run_until_complete(self._exchange(headers, body))
        except _NEVER_BEGAN as error:
            return Answer(Fate.CLOSED, type(error).__name__)
        except (httpx.HTTPError, OSError) as error:  # TimeoutError is an OSError
            return Answer(Fate.UNSURE, type(error).__name__)
        if told is None:
            return Answer(Fate.UNSURE, "answer_size")
        return _said(status, told, named)

    async def _exchange(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes | None]:
        """The status and the octets of its body, which nothing unpacks; None: too many."""
        asked = {**headers, "Accept-Encoding": "identity"}
        told = bytearray()
        async with (
            asyncio.timeout(ANSWER_S),
            self._client.stream("POST", self._url, headers=asked, content=body) as answer,
        ):
            async for piece in answer.aiter_raw():
                told += piece
                if len(told) > _MOST_BYTES:
                    return answer.status_code, None
        return answer.status_code, bytes(told)


class KannelGateway(_Asked):
    """Kannel's smsbox."""

    def send(self, to: str, text: str, number: int) -> Answer:
        headers = {
            "X-Kannel-Username": self._settings.sms_user or "",
            "X-Kannel-Password": self._password,
            "X-Kannel-To": to,
            "X-Kannel-From": self._settings.sms_from,
            "X-Kannel-DLR-Mask": _MASK,
            "X-Kannel-DLR-Url": f"{self._receipt_to(number)}?state=%d",
            "X-Kannel-Coding": "0" if text.isascii() else "2",
            "Content-Type": "text/plain; charset=UTF-8",
        }
        return self._answer(headers, text.encode(), lambda answer: None)


class JsonGateway(_Asked):
    """A provider that takes JSON."""

    def send(self, to: str, text: str, number: int) -> Answer:
        message = {
            "to": to, "from": self._settings.sms_from, "text": text, "reference": str(number),
            "receipt": self._receipt_to(number),
        }  # fmt: skip
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"sms-{number}"}
        if self._password:
            headers["Authorization"] = f"Bearer {self._password}"
        return self._answer(headers, json.dumps(message).encode(), _id_of)


def _said(status: int, body: bytes, named: Callable[[bytes], str | None]) -> Answer:
    if 200 <= status < 300:
        return Answer(Fate.TAKEN, name=named(body))
    reason = f"http_{status}"
    if status in _LATER:
        return Answer(Fate.NOT_SENT, reason)
    if status in _CLOSED:
        return Answer(Fate.CLOSED, reason)
    return Answer(Fate.UNSURE if status >= 500 else Fate.REFUSED, reason)


def _id_of(answer: bytes) -> str | None:
    try:
        return name_of(json.loads(answer)["id"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
