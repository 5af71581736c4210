"""Two supervisors and a prosecutor who look at what waits for them and decide (REQ-18).

They sign in by the API like anybody. None of them decides on what he drafted himself (the
centre refuses it anyway), and none agrees to hold or return more than the case's trail shows at
that account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from qalqan.errors import Unavailable
from qalqan.simulate.banks import Officer

DECIDES = ("supervisor", "prosecutor")
AGREED = "Сомасы іздегі сомадан аспайды / Сумма не больше прослеженной"
REFUSED = "Сомасы іздегі сомадан асады / Сумма больше прослеженной"


@dataclass
class OnDuty:
    """One officer, signed in."""

    officer: Officer
    http: httpx.Client

    def waiting(self) -> list[dict[str, Any]]:
        """Orders that wait for this officer."""
        return list(_json(self.http.get("/v1/approvals"))["orders"])

    def decide_all(self) -> int:
        """Say yes or no to everything that waits; returns how many were decided."""
        waiting = [o for o in self.waiting() if o.get("drafted_by") != self.officer.login]
        for order in waiting:
            agreed = not exceeds(order)
            note = AGREED if agreed else REFUSED
            _json(
                self.http.post(
                    f"/v1/orders/{order['id']}/approvals", json={"approved": agreed, "note": note}
                )
            )
        return len(waiting)


def exceeds(order: Mapping[str, Any]) -> bool:
    """Is more asked for than the trail shows at the account (`traced`), if it is shown?"""
    traced, amount = order.get("traced"), order.get("amount")
    return traced is not None and amount is not None and amount > traced


def sign_in(
    address: str, officers: Sequence[Officer], passwords: Mapping[str, str], timeout_s: float
) -> list[OnDuty]:
    """Sign in everybody who decides."""
    on_duty = []
    for officer in officers:
        if officer.role not in DECIDES:
            continue
        http = httpx.Client(base_url=address, timeout=timeout_s, trust_env=False)
        body = {"login": officer.login, "password": passwords[officer.login]}
        token = _json(http.post("/v1/sign-in", json=body))["token"]
        http.headers["Authorization"] = f"Bearer {token}"
        on_duty.append(OnDuty(officer, http))
    return on_duty


def decide(on_duty: Sequence[OnDuty]) -> int:
    """Everybody decides in turn; the prosecutor last, once supervisors have agreed.

    Whatever waits, waits for the first supervisor too: if there is nothing, nobody else looks.
    """
    first, *others = sorted(on_duty, key=lambda each: DECIDES.index(each.officer.role))
    decided = first.decide_all()
    return decided + sum(each.decide_all() for each in others) if decided else 0


def _json(response: httpx.Response) -> Any:
    if not response.is_success:
        raise Unavailable(f"{response.url}: HTTP {response.status_code} {response.text[:300]}")
    return response.json()
