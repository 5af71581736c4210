"""Numbers as signalling writes them → one integer: E.164 without its plus.

Every notation in use is read: `+7 701…`, `8 701…`, `007701…`, `810 44…`, ten digits of a
Kazakh number, bare digits of a switch, `sip:` and `tel:` URIs (RFC 3261, 3966). A caller who
writes 8 701 on a trunk from abroad is read like one who writes +7 701: the phone that rings
shows a Kazakh number either way.
"""

from __future__ import annotations

import re

ABSENT = 0
"""No number was told, or it was withheld."""
MALFORMED = -1
"""Something was told that is no number."""
SHORTEST, LONGEST = 7, 15
"""Digits of a number in E.164 (ITU-T E.164, 6.1), country code included."""
SHORTEST_BARE = 8
"""Of digits without a plus from abroad: seven are a city's own number, and whose, nobody said."""
MOST_SHORT = 99_999
"""Short numbers have three to five digits (102, 1414): no country code is so short with its
subscriber's number."""
NOBODY = frozenset({"", "anonymous", "unavailable", "unknown", "restricted", "private"})
"""User parts that stand for no number (RFC 3323, 4.1.1.3)."""

_LEAST = tuple(10 ** max(SHORTEST - 1, size - 2) for size in range(LONGEST + 2))
"""Length of a text with its plus → the least number that fills it with digits."""
_QUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
"""A display name; what stands in it is no address (RFC 3261, 25.1)."""
_NAME_ADDR = re.compile(r"<([^<>]*)>")
_VISUAL = str.maketrans("", "", "-.() /\u00a0")
_CONTEXT = re.compile(r";phone-context=\+([^;@>]*)", re.IGNORECASE)
_MOST_TEXT = 1_024


def number(text: str | None, abroad: bool = False) -> int:
    """The number of a header's user part or URI; `ABSENT` or `MALFORMED` where there is none.

    `abroad`: it came over a trunk from abroad, where bare digits begin with a country code.
    """
    if not text:
        return ABSENT
    size = len(text)
    if size <= 16 and text[0] == "+" and text.isascii():
        try:
            whole = int(text)
        except ValueError:
            return _read(text, abroad)
        if size == 12 and whole >= 10_000_000_000:  # eleven digits, as all of +7 have
            return whole
        if whole >= _LEAST[size]:  # fewer digits than letters: something else stands among them
            return whole if text[1] != "7" else MALFORMED
    return _read(text, abroad)


def _read(text: str, abroad: bool) -> int:
    """Several addresses (RFC 3325 has two for one caller: sip and tel) must say one number."""
    if len(text) > _MOST_TEXT:
        return MALFORMED
    text = _QUOTED.sub("", text)
    if "," in text:
        found = {_one(each, abroad) for each in _NAME_ADDR.findall(text)}
        return found.pop() if len(found) == 1 else MALFORMED
    return _one(text, abroad)


def _one(text: str, abroad: bool) -> int:
    user = _user(text)
    if user.lower() in NOBODY:
        return ABSENT
    plus, digits = user.startswith("+"), user.lstrip("+").translate(_VISUAL)
    if not digits.isascii() or not digits.isdigit() or user.startswith("++"):
        return MALFORMED
    if not plus and (whole := _with_context(digits, text)) != MALFORMED:
        return whole
    told = digits if plus else _with_country(digits, abroad)
    if not plus and 3 <= len(told) <= 5 and told[0] != "0":
        return int(told)
    if abroad and not plus and len(told) < SHORTEST_BARE:
        return MALFORMED
    return _global(told)


def _with_context(digits: str, text: str) -> int:
    """A local number where a global one says whose it is (RFC 3966, 5.1.5): 250-00-00 within +7727
    is a number of Almaty. Short numbers are the same everywhere."""
    context = _CONTEXT.search(text) if len(digits) > 5 and ";" in text else None
    before = context[1].translate(_VISUAL) if context else ""
    return _global(before + digits) if before.isascii() and before.isdigit() else MALFORMED


def _global(whole: str) -> int:
    if whole[0] == "0" or not SHORTEST <= len(whole) <= LONGEST:
        return MALFORMED
    # +7 is the only country code that begins with 7, and has eleven digits.
    return int(whole) if whole[0] != "7" or len(whole) == 11 else MALFORMED


def _user(text: str) -> str:
    """The user part of a URI or name-addr (RFC 3261, 20.10), without parameters."""
    if "<" in text:
        text = text.partition("<")[2].partition(">")[0]
    scheme, colon, rest = text.partition(":")
    if colon and scheme.lower() in ("sip", "sips", "tel"):
        text = rest
    return text.partition("@")[0].partition(";")[0].strip(" \"'")


def _with_country(digits: str, abroad: bool) -> str:
    """Digits without a plus, as dialled or as a switch writes them → with the country code."""
    if digits.startswith("00"):
        return digits[2:] or digits
    if digits.startswith("810") and len(digits) >= 11:
        return digits[3:]
    # 87… and 89… of eleven digits are nobody's abroad, and a Kazakh or Russian number at home.
    if len(digits) == 11 and digits[0] == "8" and (not abroad or digits[1] in "79"):
        return "7" + digits[1:]
    # A +7 number has eleven digits, so ten that begin with 7 lack the country code.
    if len(digits) == 10 and (digits[0] == "7" or (digits[0] == "6" and not abroad)):
        return "7" + digits
    return digits
