"""Qalqan from a partner's side, in one file: fetch orders, verify, answer, tell facts, hear events.

    pip install httpx "PyJWT[crypto]"

    key = Path("centre.pem").read_text()
    centre = Centre("https://centre.example", token, me="saryarqa", key=key)
    for order in centre.orders():
        centre.answer(order["order"], "held", amount=order["amount"])

`key` is the centre's public key: get it once, by a way you trust. Apache-2.0; keep your own copy.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key

log = logging.getLogger("qalqan")
_JWS = jwt.PyJWS(algorithms=["EdDSA"])
FRESH_S = 300
"""An event that was signed longer ago is somebody's copy."""


class Centre:
    """The centre, as one partner sees it."""

    def __init__(
        self, address: str, token: str, me: str, key: str, *, http: Any = None, tries: int = 5
    ) -> None:
        self.me = me
        self._key: Any = load_pem_public_key(key.encode())
        self._http = http or httpx.Client(base_url=address, timeout=60)
        self._token = token
        self._tries = tries

    def opened(self, jws: str) -> dict[str, Any]:
        """What the centre signed for us. Raises `jwt.InvalidTokenError` or `ValueError` if anybody
        else wrote it, or if it is for another."""
        told: dict[str, Any] = json.loads(_JWS.decode(jws, self._key, algorithms=["EdDSA"]))
        if told.get("partner") != self.me:
            raise ValueError(f"signed for {told.get('partner')}")
        return told

    def opened_event(self, jws: str, now_s: float | None = None) -> dict[str, Any]:
        """An event that was pushed, if it is fresh; count each `event` number once."""
        told, signed_s = self.opened(jws), jwt.get_unverified_header(jws).get("iat", 0)
        if abs((time.time() if now_s is None else now_s) - signed_s) > FRESH_S:
            raise ValueError("signed too long ago")
        return told

    def orders(self) -> Iterator[dict[str, Any]]:
        """Every order that waits for our answer, verified; the centre then knows it has come."""
        after = ""
        while (page := self._get("/v1/orders", after=after))["orders"]:
            for each in page["orders"]:
                order = self.opened(each["order"])
                self._post(f"/v1/orders/{order['order']}/received")
                yield order
            after = page["next"]

    def answer(self, order: str, outcome: str, **more: Any) -> dict[str, Any]:
        """Answer one order; the same answer again changes nothing."""
        body = {"order": order, "outcome": outcome, **more}
        return self._post(f"/v1/orders/{order}/answers", body)

    def tell(self, kind: str, facts: Sequence[dict[str, Any]], key: str) -> dict[str, Any]:
        """Facts of one kind; the receipt names each that was refused. The same `key` again answers
        the first receipt again."""
        return self._post(f"/v1/facts/{kind}", {"facts": list(facts)}, key, refused=(207, 422))

    def batches(self, kind: str = "") -> Iterator[dict[str, Any]]:
        """What we handed in and what became of it, the newest first; for our own books."""
        after: str | None = ""
        while after is not None:
            page = self._get("/v1/facts/batches", after=after, kind=kind)
            yield from page["batches"]
            after = page["next"] or None

    def events(self, after: int = 0) -> Iterator[dict[str, Any]]:
        """What happened since the event with this number; keep the last number that you saw."""
        while (page := self._get("/v1/events", after=after))["events"]:
            yield from page["events"]
            after = page["next"]

    def warnings(self, after: str = "") -> Iterator[dict[str, Any]]:
        """Our own customers to be warned."""
        while (page := self._get("/v1/warnings", after=after))["warnings"]:
            yield from page["warnings"]
            after = page["next"]

    def _get(self, path: str, **asked: Any) -> dict[str, Any]:
        return self._call("GET", path, params=asked)

    def _post(
        self, path: str, body: Any = None, key: str | None = None, refused: tuple[int, ...] = ()
    ) -> dict[str, Any]:
        headers = {} if key is None else {"Idempotency-Key": key}
        return self._call("POST", path, refused, json=body, headers=headers)

    def _call(
        self, method: str, path: str, fine: tuple[int, ...] = (), headers: Any = None, **more: Any
    ) -> dict[str, Any]:
        """Ask, and again where that may help: all that we send counts once. Raises
        `httpx.HTTPStatusError` for a refusal, the centre's words in `response.json()`."""
        sent = {"Authorization": f"Bearer {self._token}", **(headers or {})}
        for left in reversed(range(self._tries)):
            try:
                response = self._http.request(method, path, headers=sent, **more)
            except httpx.TransportError:
                if not left:
                    raise
            else:
                if not left or response.status_code not in (429, 503):
                    break
            time.sleep(min(2.0 ** (self._tries - left), 30))
        if sunset := response.headers.get("Sunset"):
            log.warning("%s %s ends %s: %s", method, path, sunset, response.headers.get("Link"))
        if response.status_code not in fine:
            response.raise_for_status()
        told: dict[str, Any] = response.json()
        return told
