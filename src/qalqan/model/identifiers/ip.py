"""IP addresses, version 4 and 6, in the form of RFC 5952."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from qalqan.errors import InputRejected
from qalqan.model.identifiers.given import given
from qalqan.text import fold

MOST = 64


@dataclass(frozen=True, slots=True)
class Ip:
    """An address; `public` says whether it can be met on the open internet."""

    text: str
    version: int
    public: bool
    folded: tuple[str, ...] = ()
    country: str | None = None
    kind: str = "ip"


def canonical(text: str, *, field: str = "ip") -> Ip:
    """The shortest form; a version 4 address mapped into version 6 becomes version 4 again.

    Raises:
        InputRejected: `ip.shape`, or as `given`.
    """
    folded = fold.digits(given(text, field, MOST))
    inner = folded.text
    if inner.startswith("[") and inner.endswith("]"):
        inner = inner[1:-1]
    try:
        address = ipaddress.ip_address(inner)
    except ValueError:
        raise InputRejected(field, text, "ip.shape") from None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            raise InputRejected(field, text, "ip.shape")
        address = address.ipv4_mapped or address
    return Ip(str(address), address.version, address.is_global, folded.letters)
