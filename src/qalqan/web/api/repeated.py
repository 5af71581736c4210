"""What becomes of a request that comes again since no answer reached its sender: it counts once,
and is answered as the first time.

Here stand, by name, the operations of which that can't be said, and why; their descriptions tell
it. `tests/web/api/test_repeated.py` walks all others and these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SPENT = "the proof is spent and the session has a new token, so the old one is answered with 401"
_GIVEN = "the password is shown once and kept as a hash alone, so "

ONCE: Mapping[str, str] = {
    "/v1/sign-in/factor": f"A code counts once (RFC 6238): {_SPENT}.",
    "/v1/account/proof": f"Once {_SPENT}.",
    "/v1/account/password": f"Once {_SPENT}.",
    "/v1/account/totp/confirm": f"A code counts once (RFC 6238): {_SPENT}.",
    "/v1/account/devices/end": "It answers how many sessions this call ended: none the next time.",
    "/v1/account/devices/{mark}/end": "A session that ended leaves no trace: 404 the next time.",
    "/v1/people": f"A login is taken once, and {_GIVEN}the next time is 409.",
}
"""Again changes nothing, but is answered otherwise; path of the POST → why."""

ANEW: Mapping[str, str] = {
    "/v1/sign-in": "Each time opens a session of its own, since its token is shown once.",
    "/v1/people/{login}/password": f"One-time: {_GIVEN}each time makes another.",
    "/v1/people/{login}/factors": f"One-time: {_GIVEN}each time makes another.",
    "/v1/search": "It changes nothing, but each search stands in the record.",
    "/v1/cases/{case}/number-user": "It changes nothing, but each look-up stands in the record.",
    "/v1/cases/{case}/pack": "It changes nothing, but each handing out stands in the record.",
}
"""Each time is another act; path of the POST → why."""


def tell(whole: dict[str, Any]) -> None:
    """Write it into a description."""
    for path, why in {**ONCE, **ANEW}.items():
        whole["paths"][path]["post"]["description"] += f"\n\nNot alike when repeated. {why}"
