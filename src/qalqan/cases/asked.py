"""What somebody may mean by what he typed: numbers of our own, identifiers, their near misses.

Numbers may be written short ("123", "26-123") and with look-alike letters; an IBAN without its
KZ, a phone without its country code. Of an identifier that nobody knows, those are offered that
one slip parts from it: a character changed, left out, put in, or two swapped. Where an identifier
carries a check digit (IBAN, card, IIN) hardly any but the right one is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from string import ascii_lowercase, digits

from qalqan.cases.entities import CANONICAL
from qalqan.errors import InputRejected
from qalqan.model.identifiers import host
from qalqan.model.identifiers.given import closed_up
from qalqan.text.fold import latin

LONGEST = 100
FIRST_YEAR = 20
LETTERS = "CROAD"
"""Case, report, order, appeal, drop."""
_NUMBER = re.compile(rf"(?:([{LETTERS}])[- ]?)?(?:(\d\d)-)?0*(\d{{1,6}})")
_TEN_DIGITS = re.compile(r"(?:[^\w@]*\d){10,17}\W*")
_DIGITS = re.compile(r"\d{10,17}")
_IBAN = re.compile(r"[A-Z]{2}[A-Z0-9]{16,19}")
_BARE_IBAN = re.compile(r"[0-9]{5}[A-Z0-9]{13}")
_LOCAL = re.compile(r"[A-Z0-9]{2,11}:[A-Za-z0-9._-]{4,40}")
_MOST_SHAPES = 4000
_KEYS = dict(
    zip("1234567890", ("24", "135", "264", "1575", "24688", "3597", "486", "57909", "680", "89"),
        strict=True)
)  # fmt: skip
_KINDS_OF_LENGTH = {
    10: ("phone",), 11: ("phone", "person"), 12: ("phone", "person"), 13: ("person",),
    15: ("card", "imei"), 16: ("card", "imei"), 17: ("card",),
}  # fmt: skip
"""Digits typed → what they may be, one too few or too many included."""
_READ = ("account", "phone", "card", "person", "imei", "ip", "handle", "url", "domain")


@dataclass(frozen=True)
class Meant:
    """One identifier that may be meant; `text` is its canonical form."""

    kind: str
    text: str
    almost: bool = False


def numbers(asked: str, year: int) -> list[str]:
    """Numbers of ours that are meant, those of this year first; `year` has two digits."""
    found = _NUMBER.fullmatch(latin(asked).text.upper())
    if found is None:
        return []
    letter, told, number = found.groups()
    years = [told] if told else [f"{each:02d}" for each in range(year, FIRST_YEAR - 1, -1)]
    letters = [letter] if letter else LETTERS
    return [f"{one}-{each}-{int(number):06d}" for each in years for one in letters]


def identifiers(asked: str) -> list[Meant]:
    """Every identifier that reads so; none if it reads as words."""
    if not any(c.isdigit() or c in "@.:/" for c in asked):
        return []
    found: list[Meant] = []
    for kind in _READ:
        if kind in ("phone", "card", "person", "imei") and not _TEN_DIGITS.fullmatch(asked):
            continue
        found += _read(kind, asked)
    compact = closed_up(latin(asked).text.upper())
    if not found and _BARE_IBAN.fullmatch(compact):
        found += _read("account", f"KZ{compact}")
    found += [Meant("domain", alike, True) for alike in _looks_like(found)]
    return list(dict.fromkeys(found))


def near(asked: str) -> list[Meant]:
    """Identifiers that one slip parts from what was typed; bounded."""
    found: dict[Meant, None] = {}
    own = {(one.kind, one.text) for one in identifiers(asked)}
    for kind, text, alphabet in _shapes(asked):
        for shape in _slips(text, alphabet):
            for one in _read(kind, shape):
                if (one.kind, one.text) not in own:
                    found[Meant(kind, one.text, True)] = None
    return list(found)


def _shapes(asked: str) -> Iterator[tuple[str, str, str]]:
    """(kind, text as it is to be varied, signs that may stand in it)"""
    compact = closed_up(latin(asked).text)
    capital = compact.upper()
    number = re.sub(r"\D", "", asked)
    if _BARE_IBAN.fullmatch(capital):
        capital = f"KZ{capital}"
    if _IBAN.fullmatch(capital) and number:
        yield "account", capital, digits
    elif _LOCAL.fullmatch(compact):
        yield "account", compact, digits
    elif _DIGITS.fullmatch(number) and _TEN_DIGITS.fullmatch(asked):
        yield from ((kind, number, digits) for kind in _KINDS_OF_LENGTH.get(len(number), ()))
    else:
        for one in identifiers(asked):
            if one.kind in ("domain", "handle"):
                yield one.kind, one.text, f"{ascii_lowercase}{digits}-_"


def _slips(text: str, alphabet: str) -> Iterator[str]:
    """Every text that one slip parts from this one, the likeliest slips first: two swapped, one
    said twice or left out, the key beside, any other."""
    first = text.rfind(":") + 1
    last = text.find(".") if "." in text else len(text)
    made = (
        _swapped(text, first, last),
        _left_out(text, first, last),
        _changed(text, first, last, _beside),
        _put_in(text, first, last, _twice),
        _changed(text, first, last, lambda _: alphabet),
        _put_in(text, first, last, lambda _: alphabet),
    )
    yield from islice(dict.fromkeys(chain(*made)), _MOST_SHAPES)


def _swapped(text: str, first: int, last: int) -> Iterator[str]:
    for at in range(first, last - 1):
        if text[at] != text[at + 1]:
            yield f"{text[:at]}{text[at + 1]}{text[at]}{text[at + 2 :]}"


def _left_out(text: str, first: int, last: int) -> Iterator[str]:
    for at in range(first, last):
        yield text[:at] + text[at + 1 :]


_Signs = Callable[[str], str]
"""A sign → what may be meant in its place, or behind it."""


def _changed(text: str, first: int, last: int, signs: _Signs) -> Iterator[str]:
    for at in range(first, last):
        for sign in signs(text[at]):
            if sign != text[at]:
                yield f"{text[:at]}{sign}{text[at + 1 :]}"


def _put_in(text: str, first: int, last: int, signs: _Signs) -> Iterator[str]:
    for at in range(first, last + 1):
        for sign in signs(text[at - 1] if at > first else ""):
            yield f"{text[:at]}{sign}{text[at:]}"


def _beside(sign: str) -> str:
    """Digits beside one on a telephone's keys and in a keyboard's row."""
    return _KEYS.get(sign, "")


def _twice(sign: str) -> str:
    return sign


def _read(kind: str, text: str) -> list[Meant]:
    with suppress(InputRejected):
        found = CANONICAL[kind](text, field="q")
        if kind == "account" and not getattr(found, "bank_code", None):
            return []
        return [Meant(kind, found.text)]
    return []


def _looks_like(found: Sequence[Meant]) -> Iterator[str]:
    for one in found:
        if one.kind == "domain":
            alike = host.canonical(one.text).looks_like
            if alike:
                yield alike
