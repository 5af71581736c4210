"""Look-alike letters, recognised, reported and folded (REQ-86).

The briefing itself writes "ЅІМ-бокс" with U+0405, which no search for "SIM" finds; fraudsters
write "КZ86…" and "Kаspi" on purpose. Three folds, from careful to greedy:

* `fold` reads whole text and changes a word only if it mixes scripts, or holds a letter that no
  Kazakh or Russian word has. "Kaspiден" (a Latin name with a Kazakh ending) stays as it is.
* `latin` and `digits` serve identifiers, whose alphabet is known: every look-alike is changed.
* `search_key` is for finding: ә and а, і and и, Latin and Cyrillic o become one letter. Never
  shown, never stored as the text itself.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_LATIN_OF = dict(
    zip(
        "АВЕКМНОРСТУХЅІЈԚԜҮҺӀԌаеорсухѕіјһӏԛԝԁүΑΒΕΖΗΙΚΜΝΟΡΤΥΧοινϲϳƠ",
        "ABEKMHOPCTYXSIJQWYHIGaeopcyxsijhlqwdyABEZHIKMNOPTYXoivcjO",
        strict=True,
    )
)
_CYRILLIC_OF = dict(
    zip(
        "ABCEHIKMOPTXYaceopxyihëËəƏɵƟӏ",
        "АВСЕНІКМОРТХУасеорхуіһёЁәӘөӨі",
        strict=True,
    )
)
_GENUINE = frozenset(
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһіАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯӘҒҚҢӨҰҮҺІ"
)
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
_DECIMAL_ZEROS = (0x0660, 0x06F0, 0x0966, 0xFF10)


def _compatible() -> dict[int, str]:
    """Full-width and mathematical letters and digits: "ＫＺ", "𝐁𝐚𝐧𝐤"."""
    table = {}
    for first, last in ((0x2100, 0x214F), (0x24B6, 0x24E9), (0xFF01, 0xFF5E), (0x1D400, 0x1D7FF)):
        for code in range(first, last + 1):
            plain = unicodedata.normalize("NFKC", chr(code))
            if len(plain) == 1 and plain.isascii():
                table[code] = plain
    return table


_PLAIN: dict[int, str | None] = {**_compatible(), **{ord(c): None for c in _INVISIBLE}}
_TO_LATIN: dict[int, str | None] = {**_PLAIN, **{ord(k): v for k, v in _LATIN_OF.items()}}
_TO_DIGITS: dict[int, str | None] = {
    **_PLAIN,
    **{zero + n: str(n) for zero in _DECIMAL_ZEROS for n in range(10)},
    **dict.fromkeys(map(ord, "OoОоΟο"), "0"),
}
_TO_KEY = str.maketrans(
    "аәəвгғеёиійıкқмнңоөɵрстуұүхһѕј",
    "aaabггeeiiiikkmhhooopctyyyxxsj",
)
_PLAIN_TEXT = {code: plain for code, plain in _PLAIN.items() if code != 0x200D}
_ALIKE = frozenset(_LATIN_OF) | frozenset(_CYRILLIC_OF)
_SHADOW = {
    **{code: plain or "\x00" for code, plain in _TO_LATIN.items()},
    **{zero + n: str(n) for zero in _DECIMAL_ZEROS for n in range(10)},
    **dict.fromkeys(map(ord, "\u00a0\u1680\u202f\u205f\u3000\t\n\r"), " "),
    **dict.fromkeys(range(0x2000, 0x200B), " "),
    **dict.fromkeys(range(0x2010, 0x2016), "-"),
}
_ZERO = re.compile(r"(?<=[0-9])O(?=[0-9O ()-])")
_ONE = re.compile(r"(?<=[0-9 -])[IL](?=[0-9])")
_STRANGE = frozenset(c for c in _ALIKE - _GENUINE if not c.isascii())
_JOINER = re.compile(r"(?<=\w)\u200d(?=\w)")
_ENDING = re.compile(r"[A-Za-z]{2,}[а-яёәғқңөұүһі]+")
_WORD = re.compile(r"[^\W_]+")
_UNTRUE = _STRANGE | frozenset(map(chr, _PLAIN))
_LATIN_LETTER = re.compile(r"[A-Za-z]")
_MIXED = re.compile("[A-Za-z]\\d*[{0}]|[{0}]\\d*[A-Za-z]".format("".join(sorted(_GENUINE))))
_LONG_MARKS = re.compile(r"([^\w\s\x00-\u02ff]{17,})")


@dataclass(frozen=True)
class Folded:
    """Text after folding; `letters` are the replaced ones as they stood, each once, in order."""

    text: str
    changed: bool
    letters: tuple[str, ...]


def fold(text: str) -> Folded:
    """Whole text with look-alike letters put right, word by word; genuine words stay untouched.

    A word is folded to the script that all its letters fit: to Latin if both do and it holds
    digits or letters no Kazakh or Russian word has, else to the script of most of its letters.
    """
    if text.isascii():
        return Folded(text, False, ())
    composed = _composed(text)
    if _trusted(composed):
        return Folded(composed, composed != text, ())
    plain = _whole(composed, _PLAIN_TEXT)
    letters = dict.fromkeys(plain.letters)
    folded = _WORD.sub(lambda found: _word(found[0], letters), _JOINER.sub("", plain.text))
    return Folded(folded, folded != text, tuple(letters))


def latin(text: str) -> Folded:
    """Text meant for a Latin identifier: every look-alike letter becomes Latin, without asking."""
    return Folded(text, False, ()) if text.isascii() else _whole(text, _TO_LATIN)


def digits(text: str) -> Folded:
    """Text meant for a number: digits of other scripts and the letter O become ASCII digits."""
    return _whole(text, _TO_DIGITS)


def search_key(text: str) -> str:
    """One key for all spellings of a word that a person can't tell apart or types alike.

    Look-alikes, letter case, Kazakh letters typed on a Russian keyboard (ә as а, қ as к),
    invisible characters and runs of spaces make no difference. The key is for comparison only.
    """
    folded = fold(text).text.casefold().translate(_TO_KEY)
    return " ".join(folded.split())


def _whole(text: str, table: dict[int, str | None]) -> Folded:
    folded = text.translate(table)
    if folded == text:
        return Folded(text, False, ())
    return Folded(folded, True, tuple(c for c in dict.fromkeys(text) if ord(c) in table))


def _composed(text: str) -> str:
    """NFC, leaving out runs of marks so long that putting them in order would take for ever."""
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    pieces = _LONG_MARKS.split(text)
    pieces[::2] = [unicodedata.normalize("NFC", piece) for piece in pieces[::2]]
    return "".join(pieces)


def _trusted(text: str) -> bool:
    """Whether text needs no second look: no letter that deceives, no word of two scripts."""
    if not _UNTRUE.isdisjoint(text):
        return False
    return _LATIN_LETTER.search(text) is None or _MIXED.search(text) is None


def _word(word: str, letters: dict[str, None]) -> str:
    if word.isascii() or _genuine(word):
        return word
    table = _table_for(word)
    if table is None:
        return word
    letters.update(dict.fromkeys(c for c in word if c in table))
    return "".join([table.get(c, c) for c in word])


def _genuine(word: str) -> bool:
    if not any(c.isascii() and c.isalpha() for c in word):
        return _STRANGE.isdisjoint(word)
    return _ENDING.fullmatch(word) is not None


def _table_for(word: str) -> dict[str, str] | None:
    """The fold under which the whole word becomes one script, or None if there is none."""
    own_latin = sum(c.isascii() and c.isalpha() for c in word)
    own_cyrillic = sum(c in _GENUINE for c in word)
    strange = any(not c.isascii() and c not in _GENUINE for c in word)
    to_latin = all(c.isascii() or c in _LATIN_OF for c in word)
    to_cyrillic = all(c in _GENUINE or c in _CYRILLIC_OF or not c.isalpha() for c in word)
    if to_latin and to_cyrillic:
        numbered = any(c.isdigit() for c in word)
        to_cyrillic = own_cyrillic > own_latin and not (numbered or strange)
        to_latin = not to_cyrillic
    if to_latin:
        return _LATIN_OF
    return _CYRILLIC_OF if to_cyrillic else None


def latin_shadow(text: str) -> str:
    """A copy for pattern matching, character for character as long as the text.

    Upper case, look-alikes as Latin, digits of other scripts as ASCII, invisible marks as NUL,
    the letters O, I and L between digits as zero and one, spaces of every kind as plain spaces.
    """
    shadow = text if text.isascii() else text.translate(_SHADOW)
    upper = shadow.upper()
    if len(upper) != len(shadow):
        upper = "".join(c.upper() if len(c.upper()) == 1 else c for c in shadow)
    if not upper.isascii():
        upper = upper.translate(_SHADOW)
    return _ONE.sub("1", _ZERO.sub("0", upper))
