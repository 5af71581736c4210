"""Host names: IDNA 2008 A-labels, with the domain somebody registered (public suffix list).

A name is never folded: "kаspi.kz" with a Cyrillic а is another site, and that is the crime.
Its look-alike letters are reported in `folded`, and `looks_like` is the name a person reads
(REQ-86). The suffix list is the snapshot that comes with `tldextract`: no network, no cache.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import idna

from qalqan.errors import InputRejected
from qalqan.model.identifiers.given import given
from qalqan.text import fold

if TYPE_CHECKING:
    import tldextract

MOST = 1024
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_DOTS = re.compile(r"[.。．｡]|\[\.\]|\(\.\)")


@dataclass(frozen=True, slots=True)
class Host:
    """A name in A-labels; `unicode` as people read it; `registrable` is suffix plus one label.

    `looks_like` is the ASCII name that it can be mistaken for, or None.
    """

    text: str
    unicode: str
    registrable: str
    suffix: str
    looks_like: str | None = None
    folded: tuple[str, ...] = ()
    country: str | None = None
    kind: str = "host"


def canonical(text: str, *, field: str = "host") -> Host:
    """Small letters, A-labels, no final dot; `[.]` of defanged names is read as a dot.

    Raises:
        InputRejected: `host.shape`, `host.label` (against IDNA 2008), `host.suffix` (unknown
            suffix, or nothing but a suffix), or as `given`.
    """
    labels = _DOTS.split(given(text, field, MOST).lower().rstrip("."))
    if len(labels) < 2 or not all(labels):
        raise InputRejected(field, text, "host.shape")
    names = [_ascii(label, text, field) for label in labels]
    name = ".".join(names)
    if len(name) > 253 or names[-1].isdigit():
        raise InputRejected(field, text, "host.shape")
    parts = _suffixes().extract_str(name)
    if not parts.suffix or not (parts.domain or parts.is_private):
        raise InputRejected(field, text, "host.suffix")
    registrable = f"{parts.domain}.{parts.suffix}" if parts.domain else parts.suffix
    shown = [_unicode(label) for label in names]
    alike, letters = _looks_like(shown)
    return Host(name, ".".join(shown), registrable, parts.suffix, alike, letters)


def _looks_like(labels: list[str]) -> tuple[str | None, tuple[str, ...]]:
    """The name with its deceptive labels as a person reads them, and the letters that deceive.

    A label deceives if all of it can be read as Latin and it mixes scripts or stands under a
    Latin suffix; a Cyrillic word under a Cyrillic suffix is what it is.
    """
    letters: list[str] = []
    read = list(labels)
    for place, label in enumerate(labels[:-1]):
        alike = fold.latin(label)
        mixed = any(c.isascii() and c.isalpha() for c in label)
        if alike.changed and alike.text.isascii() and (mixed or labels[-1].isascii()):
            read[place] = alike.text
            letters += alike.letters
    return (".".join(read), tuple(dict.fromkeys(letters))) if letters else (None, ())


def _ascii(label: str, text: str, field: str) -> str:
    if label.isascii():
        if _LABEL.fullmatch(label) is None:
            raise InputRejected(field, text, "host.shape")
        return label
    try:
        return idna.encode(label, uts46=True, std3_rules=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise InputRejected(field, text, "host.label") from None


def _unicode(label: str) -> str:
    """The label as people read it; an A-label outside IDNA 2008 (an emoji) stays as it is."""
    if not label.startswith("xn--"):
        return label
    try:
        return str(idna.decode(label))
    except (idna.IDNAError, UnicodeError):
        return label


@cache
def _suffixes() -> tldextract.TLDExtract:
    import tldextract  # slow to load, and most processes read no host names

    return tldextract.TLDExtract(
        cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True
    )
