"""Names in messengers and networks, such as @qarjy_kerek in Telegram, where drops are recruited
(REQ-38).

Taken: `@name`, `t.me/name`, `https://t.me/name/12`, `instagram:name`, a profile's link. The
canonical form is the service, a colon and the name in small letters: `telegram:qarjy_kerek`.
Names are never folded: letters that only look alike are another's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qalqan.errors import InputRejected
from qalqan.model.identifiers.given import given

MOST = 200
SERVICES = ("telegram", "whatsapp", "instagram", "tiktok", "vk", "facebook")
_HOSTS = {
    "t.me": "telegram", "telegram.me": "telegram", "wa.me": "whatsapp",
    "instagram.com": "instagram", "tiktok.com": "tiktok", "vk.com": "vk",
    "facebook.com": "facebook", "fb.com": "facebook",
}  # fmt: skip
_NAMES = {
    "telegram": re.compile(r"[a-z][a-z0-9_]{3,31}"),
    "whatsapp": re.compile(r"\d{7,15}"),
}
"""Telegram: 4 to 32 letters (shorter ones are sold); whatsapp: the number without its plus."""
_ANY_NAME = re.compile(r"[a-z0-9][a-z0-9._]{1,40}")
_LINK = re.compile(r"(?:h(?:tt|xx)ps?://)?(?:www\.)?([a-z.]+)/(?:s/)?@?([^/?#\s]+)(?:[/?#]\S*)?")
_SPOKEN = re.compile(r"([a-z]+):\s*@?(\S+)")


@dataclass(frozen=True, slots=True)
class Handle:
    """A name in a service; `kind` is the service."""

    text: str
    kind: str
    folded: tuple[str, ...] = ()
    country: str | None = None


def canonical(text: str, *, field: str = "handle") -> Handle:
    """The service, a colon and the name in small letters; a bare `@name` is Telegram's.

    Raises:
        InputRejected: `handle.shape`, or as `given`.
    """
    stripped = given(text, field, MOST).lower().replace("[.]", ".")
    service, name = _parts(stripped)
    if service not in SERVICES or not _NAMES.get(service, _ANY_NAME).fullmatch(name):
        raise InputRejected(field, text, "handle.shape")
    return Handle(f"{service}:{name}", service)


def _parts(text: str) -> tuple[str, str]:
    if text.startswith("@"):
        return "telegram", text[1:]
    if (link := _LINK.fullmatch(text)) is not None:
        return _HOSTS.get(link[1], ""), link[2].lstrip("+")
    spoken = _SPOKEN.fullmatch(text)
    return (spoken[1], spoken[2].lstrip("+")) if spoken is not None else ("", "")
