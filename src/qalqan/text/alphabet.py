"""Where a name stands in a list: the Kazakh alphabet, in which Russian fits (REQ-86).

No database sorts Kazakh by itself: by code point ә stands after я. The place is computed once,
here, and kept beside the name, so that every database gives one and the same order.
"""

from __future__ import annotations

import unicodedata

_ORDER = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
"""The alphabet of 42 letters as it is taught."""
_FIRST = 0x4000
_PLACE = {ord(letter): chr(_FIRST + number) for number, letter in enumerate(_ORDER)}


def place(text: str) -> str:
    """A key whose order by code points is the order of names: digits, Latin, Kazakh; capital
    and small letters alike, signs and spaces before any letter."""
    folded = unicodedata.normalize("NFC", text).casefold()
    return " ".join(folded.split()).translate(_PLACE)
