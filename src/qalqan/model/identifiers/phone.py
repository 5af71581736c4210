"""Phone numbers: E.164, with owner country and class by the numbering table.

Taken: `+7 701 123 45 67`, `8 (701) 123-45-67`, `007 701…`, `8 10 44 …`, `7011234567`, digits
without a plus as switches write them, and Kazakh short numbers of three or four digits, which
have no E.164 form and stay as they are. Invisible marks that phones copy along, full-width
digits and a letter O among digits are folded and reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qalqan.errors import InputRejected
from qalqan.geo.numbering import number_class
from qalqan.model.identifiers.given import given
from qalqan.text import fold

MOST = 64
"""Longest text read, in characters."""

_SHAPE = re.compile(r"(?:tel:)?\s*(\+?)([\s(]*[0-9][0-9\s()./\-‐‑‒–—−]*)", re.IGNORECASE)
_NOT_DIGIT = re.compile(r"[^0-9]+")


@dataclass(frozen=True, slots=True)
class Phone:
    """A number in E.164 (or a short one), its owner and class; `folded` lists replaced letters."""

    text: str
    country: str | None
    kind: str
    folded: tuple[str, ...] = ()


def canonical(text: str, *, field: str = "phone") -> Phone:
    """The one way to write the number.

    Raises:
        InputRejected: `phone.shape` (not a number), `phone.country` (no such country code),
            `phone.length` (the country has no numbers of this length), or as `given`.
    """
    folded = fold.digits(given(text, field, MOST))
    found = _SHAPE.fullmatch(folded.text.replace("(+", "+(").strip())
    if found is None:
        raise InputRejected(field, text, "phone.shape")
    number = _NOT_DIGIT.sub("", found[2])
    e164 = _international(number, bool(found[1]))
    if e164 is None:
        raise InputRejected(field, text, "phone.shape")
    if e164.startswith("+"):
        e164 = _plus_7(e164, text, field) if e164[1] == "7" else _foreign(e164, text, field)
    owner = number_class(e164)
    return Phone(e164, owner.country, owner.kind, folded.letters)


def _international(number: str, plus: bool) -> str | None:
    """Digits as dialled in Kazakhstan → with the country code, or None if nobody dials so."""
    if plus:
        return "+" + number
    if len(number) == 11 and number[0] in "78":
        return "+7" + number[1:]
    if len(number) == 10 and number[0] in "67":
        return "+7" + number
    for prefix in ("00", "810"):
        if number.startswith(prefix) and len(number) >= len(prefix) + 8:
            return "+" + number[len(prefix) :]
    if len(number) in (3, 4) and number[0] != "0":
        return number
    return "+" + number if 11 <= len(number) <= 15 and _exists("+" + number) else None


def _plus_7(e164: str, text: str, field: str) -> str:
    if len(e164) != 12:
        raise InputRejected(field, text, "phone.length")
    return e164


def _foreign(e164: str, text: str, field: str) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException as error:
        short = error.error_type == phonenumbers.NumberParseException.TOO_SHORT_NSN
        long = error.error_type == phonenumbers.NumberParseException.TOO_LONG
        expected = "phone.length" if short or long else "phone.country"
        raise InputRejected(field, text, expected) from None
    if not phonenumbers.is_possible_number(number):
        raise InputRejected(field, text, "phone.length")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _exists(e164: str) -> bool:
    """Whether digits written without a plus are a valid number of some country."""
    import phonenumbers

    try:
        return e164[1] != "7" and phonenumbers.is_valid_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return False
