"""How long a text is as short messages: GSM 03.38 where it has all letters, else UCS-2.

One message takes 160 septets or 70 UTF-16 units; of several each gives seven septets, or three
units, to the header that joins them (3GPP TS 23.038 and 23.040: 153 and 67). No Kazakh or Russian
letter is in the basic alphabet, so their texts are UCS-2. A sign that takes two units is never cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Alphabet = Literal["gsm", "ucs2"]

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = {
    "\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E,
    "|": 0x40, "€": 0x65,
}  # fmt: skip
_ESCAPE = 0x1B
_CODES = {sign: code for code, sign in enumerate(_BASIC) if code != _ESCAPE}
ONE = {"gsm": 160, "ucs2": 70}
"""Units of a message that stands alone …"""
OF_SEVERAL = {"gsm": 153, "ucs2": 67}
"""… and of one of several."""


@dataclass(frozen=True)
class Length:
    """What a text takes."""

    alphabet: Alphabet
    units: int
    parts: int
    room: int
    """Units that still fit without another part."""


def alphabet(text: str) -> Alphabet:
    """`gsm` if its alphabet has every sign, else `ucs2`."""
    return "gsm" if all(sign in _CODES or sign in _EXTENDED for sign in text) else "ucs2"


def length(text: str) -> Length:
    """How many messages a text takes; an empty one takes one."""
    of = alphabet(text)
    pieces = _pieces(text, of)
    units = sum(_units(sign, of) for sign in text)
    most = ONE[of] if len(pieces) == 1 else OF_SEVERAL[of]
    last = sum(_units(sign, of) for sign in pieces[-1])
    return Length(of, units, len(pieces), most - last)


def parts(text: str) -> list[bytes]:
    """The text as the bodies of its messages, without headers: a septet an octet, or UTF-16."""
    of = alphabet(text)
    return [_encoded(piece, of) for piece in _pieces(text, of)]


def _pieces(text: str, of: Alphabet) -> list[str]:
    if sum(_units(sign, of) for sign in text) <= ONE[of]:
        return [text]
    found, piece, taken = [], "", 0
    for sign in text:
        size = _units(sign, of)
        if taken + size > OF_SEVERAL[of]:
            found.append(piece)
            piece, taken = "", 0
        piece, taken = piece + sign, taken + size
    return [*found, piece]


def _units(sign: str, of: Alphabet) -> int:
    return 2 if (sign in _EXTENDED and of == "gsm") or ord(sign) > 0xFFFF else 1


def _encoded(piece: str, of: Alphabet) -> bytes:
    if of == "ucs2":
        return piece.encode("utf-16-be")
    return b"".join(
        bytes([_CODES[sign]]) if sign in _CODES else bytes([_ESCAPE, _EXTENDED[sign]])
        for sign in piece
    )


def decoded(body: bytes, coding: int) -> str:
    """What somebody wrote to us, by its data coding (SMPP 3.4, 5.2.19): 8 is UCS-2, 3 Latin 1,
    1 ASCII, else the network's own alphabet."""
    if coding == 8:
        return body.decode("utf-16-be", "replace")
    if coding in (1, 3):
        return body.decode("latin-1")
    found, escaped = "", False
    back = {code: sign for sign, code in _EXTENDED.items()}
    for code in body:
        if code == _ESCAPE and not escaped:
            escaped = True
            continue
        found += back.get(code, "?") if escaped else (_BASIC[code] if code < 128 else "?")
        escaped = False
    return found
