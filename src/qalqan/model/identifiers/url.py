"""Links: one way to write what a browser would open (RFC 3986, http and https alone).

Defanged links ("hxxps://kaspi[.]example") are read as meant. A name before "@" and an address
hidden in a number ("http://134744072/") are tricks to make a link look like another site: they
are undone and reported. The fragment never reaches
the site and is left out; the query stays.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from qalqan.errors import InputRejected
from qalqan.model.identifiers import host as host_name
from qalqan.model.identifiers import ip
from qalqan.model.identifiers.given import given

MOST = 4096
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?=//|\\\\|[^0-9])", re.IGNORECASE)
_SCHEMES = {"http": 80, "https": 443, "hxxp": 80, "hxxps": 443}
_HIDDEN = re.compile(r"(?:0x[0-9a-f]{0,12}|[0-9]{1,12})(?:\.(?:0x[0-9a-f]{0,12}|[0-9]{1,12})){0,3}")
_PLACE = re.compile(r"(\[[^\]]*\]|[^:]*)(?::([0-9]{0,5}))?")
_PLAIN = "!$&'()*+,;=:@-._~"
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_STRAY = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True)
class Url:
    """A link; `host` and `registrable` as in `host` (both the address if it names an IP).

    `disguised` tells that a name stood before "@", or the address was hidden in a number.
    `looks_like` and `folded` are the host's.
    """

    text: str
    host: str
    registrable: str
    looks_like: str | None = None
    disguised: bool = False
    folded: tuple[str, ...] = ()
    country: str | None = None
    kind: str = "url"


def canonical(text: str, *, field: str = "url") -> Url:
    """Scheme and host in small letters, no default port, path without dots; https if none is said;
    at most 4096 characters, also when written out.

    Raises:
        InputRejected: `url.scheme`, `url.shape`, as `host`, or as `given`.
    """
    stripped = given(text, field, MOST)
    if any(c.isspace() for c in stripped):
        raise InputRejected(field, text, "url.shape")
    found = _SCHEME.match(stripped)
    scheme = found[1].lower() if found else "https"
    if scheme not in _SCHEMES:
        raise InputRejected(field, text, "url.scheme")
    rest = stripped[found.end() :] if found else stripped
    rest = rest.replace("\\", "/").lstrip("/").partition("#")[0]
    place, mark, tail = _cut(rest)
    user, _, site = place.rpartition("@")
    site, hidden = _uncovered(site)
    port, name, registrable, alike, letters = _site(site, text, field)
    scheme = scheme.replace("hxxp", "http")
    shown = "" if port in (None, _SCHEMES[scheme]) else f":{port}"
    address = f"[{name}]" if ":" in name else name
    url = f"{scheme}://{address}{shown}{_path(mark + tail)}"
    if len(url) > MOST:
        raise InputRejected(field, text, "text.too_long", most=MOST)
    return Url(url, name, registrable, alike, bool(user) or hidden, letters)


def _cut(rest: str) -> tuple[str, str, str]:
    at = min((i for i in (rest.find("/"), rest.find("?")) if i >= 0), default=len(rest))
    return rest[:at], rest[at : at + 1], rest[at + 1 :]


def _site(
    site: str, text: str, field: str
) -> tuple[int | None, str, str, str | None, tuple[str, ...]]:
    plain = site.replace("[.]", ".").replace("(.)", ".")
    found = _PLACE.fullmatch(plain)
    if found is None or (found[2] and int(found[2]) > 65535):
        raise InputRejected(field, text, "url.shape")
    port = int(found[2]) if found[2] else None
    if not found[1]:
        raise InputRejected(field, text, "url.shape")
    try:
        address = ip.canonical(found[1], field=field).text
    except InputRejected:
        if found[1].startswith("["):
            raise InputRejected(field, text, "url.shape") from None
    else:
        return port, address, address, None, ()
    try:
        name = host_name.canonical(found[1], field=field)
    except InputRejected as error:
        raise InputRejected(field, text, error.expected, **error.params) from None
    return port, name.text, name.registrable, name.looks_like, name.folded


def _uncovered(site: str) -> tuple[str, bool]:
    """An IPv4 address written as browsers also read it (decimal, octal, hexadecimal, short)."""
    name, mark, port = site.partition(":")
    if _HIDDEN.fullmatch(name.lower()) is None:
        return site, False
    try:
        parts = [_number(part) for part in name.lower().split(".")]
        last = parts.pop()
        whole = sum(part << (24 - 8 * place) for place, part in enumerate(parts))
        if any(part > 255 for part in parts) or last >> (32 - 8 * len(parts)):
            return site, False
        address = str(ipaddress.IPv4Address(whole + last))
    except ValueError:
        return site, False
    return address + mark + port, address != name


def _number(part: str) -> int:
    """One part of such an address: 0x… is hexadecimal, 0… octal."""
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if part.startswith("0") else 10)


def _path(tail: str) -> str:
    path, mark, query = tail.partition("?")
    parts = _escaped(path, "/").split("/")[1:]
    kept: list[str] = []
    for part in parts:
        if part == "..":
            del kept[-1:]
        elif part != ".":
            kept.append(part)
    if parts and parts[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept) + (mark + _escaped(query, "/?") if mark else "")


def _escaped(text: str, also: str) -> str:
    """Percent-encoding in one form: in capitals, and only where it is needed (RFC 3986, 6.2.2)."""
    whole = _STRAY.sub("%25", text)
    return _ESCAPED.sub(_one_form, quote(whole, safe=_PLAIN + also + "%"))


def _one_form(found: re.Match[str]) -> str:
    octets = unquote_to_bytes(found[0])
    return "".join(chr(o) if o in _UNRESERVED else f"%{o:02X}" for o in octets)
