"""What a request tells of whoever proves who he is: his device and network in short, and the site
whose passkeys he may use (REQ-18)."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from fastapi import Request

from qalqan.register.sessions import Caller
from qalqan.trust.passkeys import Site
from qalqan.web.access import settings_of

_BROWSERS = (
    ("Edge", re.compile(r"Edg(?:A|iOS)?/")),
    ("Yandex", re.compile(r"YaBrowser/")),
    ("Opera", re.compile(r"OPR/")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/")),
    ("Firefox", re.compile(r"(?:Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"(?:Chrome|CriOS)/")),
    ("Safari", re.compile(r"Version/[0-9.]+ (?:Mobile/\w+ )?Safari/")),
)
"""The first that fits: most browsers name others as well."""
_SYSTEMS = (
    ("Android", re.compile(r"Android")),
    ("iOS", re.compile(r"iPhone|iPad")),
    ("Windows", re.compile(r"Windows")),
    ("macOS", re.compile(r"Macintosh")),
    ("ChromeOS", re.compile(r"CrOS")),
    ("Linux", re.compile(r"Linux")),
)
_LOCAL = "localhost"


def wants_factor(request: Request) -> bool:
    """Whether this centre lets nobody in without a second factor."""
    return settings_of(request).wants_second_factor


def caller_of(request: Request) -> Caller:
    """What is kept of where a session comes from."""
    host = request.client.host if request.client else ""
    return Caller(device(request.headers.get("user-agent", "")), network(host))


def device(agent: str) -> str:
    """Browser and system: `Firefox, Windows`; empty for a program."""
    agent = agent[:400]
    names = [
        next((name for name, mark in known if mark.search(agent)), "")
        for known in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(name for name in names if name)


def network(host: str) -> str:
    """An address without its last part: enough to know one's own, too little to follow anybody."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ""
    length = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network((address, length), strict=False))


def site_of(request: Request) -> Site | None:
    """The site whose passkeys count here: the public address, or this machine by its name. None
    where it is reached otherwise, or is no domain: a passkey belongs to one."""
    public = settings_of(request).public_url
    asked = urlsplit(f"{request.url.scheme}://{request.headers.get('host', '')}")
    told = urlsplit(public) if public else asked
    domain = told.hostname or ""
    if not public and domain != _LOCAL:
        return None
    if domain != _LOCAL and (told.scheme != "https" or _is_address(domain)):
        return None
    return Site(domain, f"{told.scheme}://{told.netloc}")


def _is_address(domain: str) -> bool:
    try:
        ipaddress.ip_address(domain)
    except ValueError:
        return False
    return True
