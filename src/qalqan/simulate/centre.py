"""The centre's API as a partner calls it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from qalqan.errors import Unavailable
from qalqan.exchange.order_message import Answer

TIMEOUT_S = 60.0
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Centre:
    """One partner's connection to the centre; every refusal is an error here."""

    def __init__(self, address: str, token: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=address,
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_S,
            trust_env=False,
        )
        self._key: str | None = None

    async def _call(self, method: str, path: str, **what: Any) -> httpx.Response:
        response = await self._http.request(method, path, **what)
        if not response.is_success:
            raise Unavailable(f"{method} {path}: HTTP {response.status_code} {response.text[:300]}")
        return response

    async def key(self) -> str:
        """The centre's public key in PEM, asked once."""
        if self._key is None:
            response = await self._call("GET", "/v1/key")
            self._key = public_key(response)
        return self._key

    async def answer(self, answer: Answer) -> None:
        """Answer one order."""
        body = answer.model_dump(mode="json", exclude_none=True)
        await self._call("POST", f"/v1/orders/{answer.order}/answers", json=body)

    async def facts(self, kind: str, facts: Sequence[dict[str, Any]], key: str) -> None:
        """Tell facts of one kind; the same key twice counts once."""
        await self._call(
            "POST", f"/v1/facts/{kind}", json={"facts": list(facts)},
            headers={"Idempotency-Key": key},
        )  # fmt: skip

    async def sheet(self, language: str) -> bytes:
        """The orders that wait for this partner, as a workbook."""
        asked = {"Accept-Language": language}
        return (await self._call("GET", "/v1/orders.xlsx", headers=asked)).content

    async def answer_sheet(self, workbook: bytes) -> None:
        """Answers and statement lines, as a workbook; every row must be taken."""
        told = await self._call(
            "POST", "/v1/answers", content=workbook, headers={"Content-Type": XLSX}
        )
        if told.json()["refused"]:
            raise Unavailable(f"POST /v1/answers: {told.text[:1_000]}")


def public_key(response: httpx.Response) -> str:
    """The PEM, whether it came bare or in JSON."""
    if response.headers.get("content-type", "").startswith("application/json"):
        body = response.json()
        return str(body["key"] if isinstance(body, dict) else body)
    return response.text
