"""Gateways that are asked over HTTP: Kannel's `sendsms`, and a plain JSON form.

Kannel reads the message from the body and all else from headers (user guide, 10.1.5), so that no
password and no number stands in an address, and so in no log of one. It answers 202 for what it has
taken; the receipt comes to the address that stands beside the message. The JSON form is
`{"to", "from", "text", "reference", "receipt"}` under a bearer token, answered by `{"id"}`.

Whether a message went is decided by how far the request came: before the connection stands nothing
went; after it, only an answer tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import httpx

from qalqan.settings import Settings
from qalqan.work.sms.gateway import Answer, Fate, Heard

TIMEOUT_S = 10.0
_DELIVERED, _FAILED = 1, 2
_MASK = str(_DELIVERED | _FAILED | 16)
"""Receipts wanted: delivered, failed, rejected by the network's centre."""
_LONGEST_NAME = 80
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


class KannelGateway:
    """Kannel's smsbox."""

    def __init__(self, settings: Settings, receipt_to: Address) -> None:
        self._url = settings.sms_url or ""
        self._settings = settings
        self._receipt_to = receipt_to
        self._client = _client()

    def send(self, to: str, text: str, number: int) -> Answer:
        secret = self._settings.sms_password
        headers = {
            "X-Kannel-Username": self._settings.sms_user or "",
            "X-Kannel-Password": secret.get_secret_value() if secret else "",
            "X-Kannel-To": to,
            "X-Kannel-From": self._settings.sms_from,
            "X-Kannel-DLR-Mask": _MASK,
            "X-Kannel-DLR-Url": f"{self._receipt_to(number)}?state=%d",
            "X-Kannel-Coding": "0" if text.isascii() else "2",
            "Content-Type": "text/plain; charset=UTF-8",
        }
        return _asked(self._client, self._url, headers, text.encode(), lambda answer: None)

    def heard(self) -> Sequence[Heard]:
        return ()

    def close(self) -> None:
        self._client.close()


class JsonGateway:
    """A provider that takes JSON."""

    def __init__(self, settings: Settings, receipt_to: Address) -> None:
        self._url = settings.sms_url or ""
        self._settings = settings
        self._receipt_to = receipt_to
        self._client = _client()

    def send(self, to: str, text: str, number: int) -> Answer:
        secret = self._settings.sms_password
        request = self._client.build_request("POST", self._url, json={
            "to": to, "from": self._settings.sms_from, "text": text, "reference": str(number),
            "receipt": self._receipt_to(number),
        })  # fmt: skip
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"sms-{number}"}
        if secret is not None:
            headers["Authorization"] = f"Bearer {secret.get_secret_value()}"
        return _asked(self._client, self._url, headers, request.read(), _name_of)

    def heard(self) -> Sequence[Heard]:
        return ()

    def close(self) -> None:
        self._client.close()


def _client() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False)


def _asked(
    client: httpx.Client, url: str, headers: Mapping[str, str], body: bytes,
    name_of: Callable[[httpx.Response], str | None],
) -> Answer:  # fmt: skip
    try:
        answer = client.post(url, headers=headers, content=body)
    except _NEVER_BEGAN as error:
        return Answer(Fate.CLOSED, type(error).__name__)
    except httpx.HTTPError as error:
        return Answer(Fate.UNSURE, type(error).__name__)
    return _said(answer, name_of)


def _said(answer: httpx.Response, name_of: Callable[[httpx.Response], str | None]) -> Answer:
    status = answer.status_code
    if answer.is_success:
        return Answer(Fate.TAKEN, name=name_of(answer))
    reason = f"http_{status}"
    if status in _LATER:
        return Answer(Fate.NOT_SENT, reason)
    if status in _CLOSED:
        return Answer(Fate.CLOSED, reason)
    return Answer(Fate.UNSURE if status >= 500 else Fate.REFUSED, reason)


def _name_of(answer: httpx.Response) -> str | None:
    try:
        name = answer.json()["id"]
    except (ValueError, KeyError, TypeError):
        return None
    return str(name)[:_LONGEST_NAME]
