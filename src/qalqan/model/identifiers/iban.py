"""IBAN (ISO 13616): length and structure by country, check digits by ISO 7064 mod 97-10.

A Kazakh IBAN is KZ, two check digits, a bank code of three digits, and thirteen letters or digits.
Cyrillic look-alikes ("КZ86…") are folded and reported: a forged or retyped number reads
the same to a person and differs to a machine (REQ-86).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from qalqan.errors import InputRejected
from qalqan.model.identifiers.given import closed_up, given
from qalqan.text import fold

MOST = 64

STRUCTURES = {
    line.split()[0]: line.split()[1]
    for line in """
    AD 4n4n12c|AE 3n16n|AL 8n16c|AT 5n11n|AZ 4a20c|BA 3n3n8n2n|BE 3n7n2n|BG 4a4n2n8c|BH 4a14c
    BI 5n5n11n2n|BR 8n5n10n1a1c|BY 4c4n16c|CH 5n12c|CR 4n14n|CY 3n5n16c|CZ 4n16n|DE 8n10n
    DJ 5n5n11n2n|DK 4n9n1n|DO 4c20n|EE 2n14n|EG 4n4n17n|ES 4n4n1n1n10n|FI 3n11n|FK 2a12n
    FO 4n9n1n|FR 5n5n11c2n|GB 4a6n8n|GE 2a16n|GI 4a15c|GL 4n9n1n|GR 3n4n16c|GT 4c20c|HN 4a20n
    HR 7n10n|HU 3n4n1n15n1n|IE 4a6n8n|IL 3n3n13n|IQ 4a3n12n|IS 4n2n6n10n|IT 1a5n5n12c|JO 4a4n18c
    KW 4a22c|KZ 3n13c|LB 4n20c|LC 4a24c|LI 5n12c|LT 5n11n|LU 3n13c|LV 4a13c|LY 3n3n15n
    MC 5n5n11c2n|MD 2c18c|ME 3n13n2n|MK 3n10c2n|MN 4n12n|MR 5n5n11n2n|MT 4a5n18c
    MU 4a2n2n12n3n3a|NI 4a20n|NL 4a10n|NO 4n6n1n|OM 3n16c|PK 4a16c|PL 8n16n|PS 4a21c
    PT 4n4n11n2n|QA 4a21c|RO 4a16c|RS 3n13n2n|RU 9n5n15c|SA 2n18c|SC 4a2n2n16n3a|SD 2n12n
    SE 3n16n1n|SI 5n8n2n|SK 4n16n|SM 1a5n5n12c|SO 4n3n12n|ST 4n4n11n2n|SV 4a20n|TL 3n14n2n
    TN 2n3n13n2n|TR 5n1n16c|UA 6n19c|VA 3n15n|VG 4a16n|XK 4n10n2n|YE 4a4n18c
    """.replace("\n", "|").split("|")
    if line.strip()
}
"""Structure behind the check digits by country, as the SWIFT registry writes it: n digits,
a capital letters, c either."""

_CLASSES = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Z0-9]"}
_PART = re.compile(r"(\d+)([nac])")
_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}")
_VALUES = {c: str(int(c, 36)) for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_EXPANDED = str.maketrans(_VALUES)


@dataclass(frozen=True, slots=True)
class Iban:
    """An IBAN; `bank_code` is the three digits of a Kazakh one, else None."""

    text: str
    country: str
    bank_code: str | None
    folded: tuple[str, ...] = ()
    kind: str = "iban"


def canonical(text: str, *, field: str = "iban") -> Iban:
    """Capital letters and digits without spaces.

    Raises:
        InputRejected: `iban.shape`, `iban.country`, `iban.length`, `iban.check_digits`,
            `iban.bank_code`, or as `given`.
    """
    folded = fold.latin(given(text, field, MOST).upper())
    number = closed_up(folded.text).removeprefix("IBAN").removeprefix(":")
    if _SHAPE.fullmatch(number) is None:
        raise InputRejected(field, text, "iban.shape")
    country = number[:2]
    if country not in STRUCTURES:
        raise InputRejected(field, text, "iban.country")
    length = length_of(country)
    if len(number) != length:
        raise InputRejected(field, text, "iban.length", country=country, length=length)
    if remainder(number) != 1:
        raise InputRejected(field, text, "iban.check_digits")
    if _pattern(country).fullmatch(number, 4) is None:
        expected = "iban.bank_code" if country == "KZ" else "iban.shape"
        raise InputRejected(field, text, expected)
    return Iban(number, country, number[4:7] if country == "KZ" else None, folded.letters)


@cache
def length_of(country: str) -> int:
    """How many characters a country's IBAN has."""
    return 4 + sum(int(count) for count, _ in _PART.findall(STRUCTURES[country]))


def remainder(number: str) -> int:
    """ISO 7064 mod 97-10 of an IBAN, the first four characters moved behind; 1 if it is right."""
    return int((number[4:] + number[:4]).translate(_EXPANDED)) % 97


def check_digits(country: str, rest: str) -> str:
    """The two check digits that make `country` + digits + `rest` an IBAN."""
    return f"{98 - remainder(country + '00' + rest):02d}"


@cache
def _pattern(country: str) -> re.Pattern[str]:
    parts = _PART.findall(STRUCTURES[country])
    return re.compile("".join(f"{_CLASSES[letter]}{{{count}}}" for count, letter in parts))
