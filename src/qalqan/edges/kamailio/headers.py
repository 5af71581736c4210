"""What an edge does to the headers of a call: who is shown, and where a redirected call goes on.

Loaded by `edge.py`, inside Kamailio. The standard library alone.
"""

from __future__ import annotations

import re

import KSR

IDENTITY = "P-Asserted-Identity"
UNSCREENED = ("P-Preferred-Identity", "Remote-Party-ID")
"""Headers by which some gateways and phones show a caller, and that no rule looks at."""
_user, _get = KSR.kx.get_fuser, KSR.pv.get
_DOMESTIC, _TRUNK_AT = 1, 13
"""A `row.Trunk`, and where it stands in a row."""
_ESCAPED = re.compile(r"[^A-Za-z0-9\-_.!~*'()&=+$,;?/%]")
"""What stands in the user part of a URI by its code alone (RFC 3261, 25.1)."""

_LONGEST_CONTACT = 400
"""Kamailio's own buffer for a redirect holds 512 bytes with what stands around the URI."""


def shown() -> str:
    """Who is shown: the user part of From; all of it where that is no whole number, since a tel URI
    says beside its number what that is local to."""
    user: str = _user() or ""
    return user if user[:1] in ("", "+") else str(_get("$fu"))


def diverting() -> str | None:
    """The user part of the newest Diversion. Kamailio logs an error when it is asked for a part of
    what is not there, and most calls are diverted by nobody."""
    user: str | None = _get("$(di{uri.user})") if _get("$di") else None
    return user


def withhold() -> None:
    """Nobody's number goes on (RFC 3323, 4.1; RFC 3325, 7)."""
    for name in (IDENTITY, *UNSCREENED):
        KSR.hdr.remove(name)
    KSR.pv.sets("$fn", "Anonymous")
    KSR.pv.sets("$fu", "sip:anonymous@anonymous.invalid")
    KSR.hdr.append("Privacy: id\r\n")


def forget(row: int) -> None:
    """Take off numbers that nobody looked at, but those of another licensed operator: who is shown
    is who was screened; `row` is what was known of the call."""
    if row >> _TRUNK_AT == _DOMESTIC:
        return
    for name in UNSCREENED:
        KSR.hdr.remove(name)


def redirect(callee: str, to: str) -> None:
    """Have the answer name the next hop (`sip:10.0.0.2:5060`) for a callee, and nobody else: his
    text is the caller's. Kamailio makes the Contact out of the request's URI, and logs a warning
    about each redirect without; it leaves out one that is longer than its buffer."""
    uri = f"sip:{_ESCAPED.sub(_escape, callee)}@{to.partition(':')[2]}"
    if len(uri) > _LONGEST_CONTACT:
        KSR.hdr.append_to_reply(f"Contact: <{uri}>\r\n")
    else:
        KSR.pv.sets("$ru", uri)


def _escape(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())
