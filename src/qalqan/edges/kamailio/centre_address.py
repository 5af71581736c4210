"""The centre's address, as an edge's programs take it: no key goes over a network in clear.

The standard library alone.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def read(address: str, ca: Path | None = None) -> tuple[SplitResult, ssl.SSLContext | None]:
    """The address in its parts, and by which certificates the centre is believed: those that `ca`
    (PEM) signed, without it those that the machine trusts; None on this machine over http.

    Raises:
        ValueError: no address of a centre; the key would go over a network in clear.
        OSError: `ca` can't be read.
    """
    told = urlsplit(address)
    if not told.hostname or told.scheme not in ("http", "https"):
        raise ValueError("the centre's address is https://…")
    if told.scheme == "http":
        if told.hostname not in LOOPBACK:
            raise ValueError("the key would go in clear: the centre's address is https://…")
        return told, None
    return told, ssl.create_default_context(cafile=ca)
