"""Personal numbers in text made unreadable, for logs, the lake and refusals (DESIGN section 7).

A mask errs towards hiding: any run of nine digits, or of ten with separators, counts as a
phone, a card or an IIN, also when look-alike letters, full-width digits or invisible marks
stand in it. Sums grouped by thousands below ten digits and calendar dates stay readable.
"""

from __future__ import annotations

import re

from qalqan.text.fold import latin_shadow

DOTS = "•••"

_GAP = "[ \\-().·_\x00/]"
_DATE = re.compile(
    r"(?<![\d])(?:(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.(?:19|20)\d\d"
    r"|(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?!\d)"
)
_GROUPED = re.compile(r"[1-9]\d{0,2}(?: \d{3})+")
_IBAN = re.compile(
    rf"(?<![A-Z0-9])(?:K{_GAP}?Z(?:{_GAP}?[0-9]){{2}}(?:{_GAP}?[A-Z0-9]){{16}}"
    rf"|[A-Z]{{2}}[0-9]{{2}}(?:[A-Z0-9]{{11,30}}|(?: [A-Z0-9]{{4}}){{2,7}}(?: [A-Z0-9]{{1,3}})?))"
    r"(?![A-Z0-9])"
)
_DIGITS = re.compile(r"\d(?:\D*\d){2}")
_NUMBER = re.compile(rf"\+?[0-9](?:{_GAP}{{0,3}}[0-9])*")


def mask(text: str) -> str:
    """Text with phones, cards, IIN/BIN and IBANs replaced by dots and at most their last four."""
    if _DIGITS.search(text) is None:
        return text
    shadow = latin_shadow(text)
    found = [match.span() for match in _IBAN.finditer(shadow)]
    shadow = _blank(shadow, found)
    shadow = _blank(shadow, [match.span() for match in _DATE.finditer(shadow)])
    found += [m.span() for m in _NUMBER.finditer(shadow) if _personal(m[0])]
    found.sort()
    pieces, at = [], 0
    for start, end in found:
        pieces += [text[at:start], _dots(text[start:end])]
        at = end
    return "".join([*pieces, text[at:]])


def _personal(number: str) -> bool:
    count = sum(c.isdigit() for c in number)
    if count < 9 or (count == 9 and _GROUPED.fullmatch(number)):
        return False
    return count > 9 or number.isdigit() or number.startswith("+")


def _dots(found: str) -> str:
    kept = [c for c in found if c.isalnum()]
    is_iin = len(kept) == 12 and all(c.isdigit() for c in kept)
    return DOTS if is_iin else DOTS + "".join(kept[-4:])


def _blank(text: str, spans: list[tuple[int, int]]) -> str:
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], "|" * (end - start)]
        at = end
    return "".join([*pieces, text[at:]])


_CODE = re.compile(r"[a-z][a-z0-9:/._-]{0,39}|[A-Z]{1,4}")
_WHOLE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?Z?")
_OF = r"(?:19|2[01])\d\d(?:-Q[1-4]|-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?"
_PERIOD = re.compile(rf"{_OF}\.\.{_OF}")
_TOKEN = re.compile(r"[^\W_]+")
_SHOWN = 40


def mask_value(value: object) -> str:
    """One refused value, shown so that its owner knows it again and nobody else learns it.

    Short numbers, dates, periods, small Latin words and links (`transfer`) stay; of everything
    else only the first letter of a word, the capitals of a code and its last two digits are left,
    each digit a dot, so that a missing one shows. At most 40 characters are shown.
    """
    huge = isinstance(value, int) and value.bit_length() > 256
    text = "" if value is None else "•" * 99 if huge else str(value).strip()
    shown = "".join(c if c.isprintable() else "\ufffd" for c in text[:_SHOWN])
    if not _readable(shown):
        last = [at for at, c in enumerate(shown) if c.isdigit()][-2:]
        shown = _TOKEN.sub(lambda found: _veiled(found[0], found.start(), last), shown)
    return (shown + ("…" if len(text) > _SHOWN else "")) or "\u2205"


def _readable(text: str) -> bool:
    if _WHOLE_DATE.fullmatch(text) or _PERIOD.fullmatch(text):
        return True
    few_digits = sum(c.isdigit() for c in text) <= 6
    worded = any(c.isalpha() for c in text)
    return few_digits and (not worded or _CODE.fullmatch(text) is not None)


def _veiled(token: str, start: int, last: list[int]) -> str:
    if token.isalpha():
        return token if len(token) == 1 else token[0] + DOTS
    return "".join(c if c.isupper() or start + at in last else "•" for at, c in enumerate(token))
