"""How words sound, whatever letters and alphabet they were typed in, and how near two of them are.

`sound` writes a word as it is heard in Kazakhstan, in plain Latin letters: "Әйгерім", "Айгерим",
"Aigerim" and "AYGERIM" sound alike, and so do "Серікұлы" and "Serikuly". Words are **near** if
one slip of the finger parts them: a letter left out, put in, changed, or two swapped. That is
told by the forms of a word with one letter left out (as SymSpell does), so a word is found
by looking up forms, and a keyed mark of each form serves a blind index as well as the form
itself (`register.names`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache

from qalqan.text.fold import fold

LONGEST = 200
"""Signs of a text that are compared …"""
MOST_WORDS = 8
"""… and words of it."""
LONGEST_WORD = 24
SHORTEST_NEAR = 4
"""Shorter words are found as they are: with a letter left out they could be anything."""
WHOLE = -1
"""The place of the letter left out where none is."""

EXACT, SWAP, SLIP, FAR = 1.0, 0.78, 0.75, 0.5
"""What a word is worth as it is, with two letters swapped (the commonest slip), with one left out,
put in or changed, and with two slips in a long word."""
ENOUGH = 0.6
"""Share of the asked words that a name must answer."""
_LONG = 7
"""Letters from which on two slips are forgiven."""

_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_LETTERS = str.maketrans(
    {
        **dict(
            zip(
                "аәбвгғдеёэжзийіықкқлмнңоөпрстуұүфхһцчшщ",
                "aabvggdeeejziiiikkklmnnooprstuuufhhccss",
                strict=True,
            )
        ),
        "ъ": "", "ь": "", "ю": "iu", "я": "ia",
        "q": "k", "w": "v", "y": "i", "ı": "i", "ß": "s",
    }
)  # fmt: skip
_SPELT = (
    ("shch", "s"), ("sch", "s"), ("dzh", "j"), ("zh", "j"), ("kh", "h"), ("gh", "g"), ("sh", "s"),
    ("ch", "c"), ("ts", "c"), ("ph", "f"), ("th", "t"), ("x", "ks"), ("ye", "e"), ("yo", "e"),
)  # fmt: skip
"""Latin spellings of one sound; the longest first."""
_CYRILLIC = str.maketrans("ABCEHIKMOPTXY", "АВСЕНІКМОРТХУ")
_TWO_FACED = re.compile("[ABCEHIKMOPTXY]{2,}")
_TWICE = re.compile(r"(.)\1+")
_FATHER = re.compile(r"(.{2,}?)(?:uli|kizi|[oe]vic|[oe]vna|inicna|ic)")
_DAUGHTER = "kizi"
_CHILD = frozenset({"uli", _DAUGHTER})
FATHER = "~"
"""Stands before the father's name that a patronymic is made of."""


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """The words of a text as they sound, in their order, at most `MOST_WORDS`; "Серік ұлы" is
    one word, as "Серікұлы" is."""
    found: list[str] = []
    for word in _WORD.findall(fold(text[:LONGEST]).text.casefold()):
        heard = sound(word)
        if heard in _CHILD and found:
            found[-1] += heard
        elif heard:
            found.append(heard)
    return tuple(found[:MOST_WORDS])


def readings(text: str) -> tuple[tuple[str, ...], ...]:
    """Every way to hear each of the `words`: with letters that are said twice, a Latin x as a
    Cyrillic one, and a word of nothing but look-alike capitals as a Cyrillic word."""
    return tuple(
        tuple(dict.fromkeys((heard, *_otherwise(written))))
        for heard, written in zip(words(text), spelt(text), strict=True)
    )


def _otherwise(written: str) -> Iterator[str]:
    yield _heard(written)[:LONGEST_WORD]  # a letter left out may have made two alike neighbours
    if not written.isascii():
        return
    if "x" in written:
        yield sound(written.replace("x", "h"))
    capitals = written.upper()
    if _TWO_FACED.fullmatch(capitals):
        yield sound(capitals.translate(_CYRILLIC).casefold())


def spelt(text: str) -> tuple[str, ...]:
    """The words of a text as they are written, in small letters: to tell apart what sounds
    alike. One for each of `words`."""
    found: list[str] = []
    for word in _WORD.findall(fold(text[:LONGEST]).text.casefold()):
        heard = sound(word)
        if heard in _CHILD and found:
            found[-1] += word
        elif heard:
            found.append(word)
    return tuple(found[:MOST_WORDS])


def sound(word: str) -> str:
    """One word in small letters as it sounds; numbers stay as they are, and letters said twice
    count once."""
    plain = _heard(word)
    if _DIGIT.search(plain):
        return plain[:LONGEST_WORD]
    if plain.endswith(_DAUGHTER) and plain != _DAUGHTER:  # Серікқызы is Серік's, not Сері's
        return _TWICE.sub(r"\1", plain.removesuffix(_DAUGHTER))[:LONGEST_WORD] + _DAUGHTER
    return _TWICE.sub(r"\1", plain)[:LONGEST_WORD]


def _heard(word: str) -> str:
    if word.isascii():
        for spelling, heard in _SPELT:
            word = word.replace(spelling, heard)
    return _unmarked(word.translate(_LETTERS))


def father(word: str) -> str | None:
    """The father's name in a patronymic as it sounds, marked as one; None if it is none:
    "serikuli" and "serikovic" both give "~serik"."""
    found = _FATHER.fullmatch(word)
    return FATHER + found[1] if found else None


def forms(word: str) -> Iterator[tuple[str, int]]:
    """The word, and itself with each letter left out, with the place of that letter. A number,
    a short word and a mark have no other form than their own."""
    yield word, WHOLE
    mark, letters = (FATHER, word[1:]) if word.startswith(FATHER) else ("", word)
    if len(letters) < SHORTEST_NEAR or _DIGIT.search(letters):
        return
    for at in range(len(letters)):
        yield f"{mark}{letters[:at]}{letters[at + 1 :]}", at


def worth(shared: Collection[tuple[int, int]], letters: int) -> float:
    """What it is worth that two words share forms, each told by the places of the letter left out
    of the one and of the other: the same place is one letter changed; two neighbouring places, each
    way round, are two letters swapped; anything else is two slips."""
    if (WHOLE, WHOLE) in shared:
        return EXACT
    if any((other, one) in shared and abs(one - other) == 1 for one, other in shared):
        return SWAP
    if any(WHOLE in pair or pair[0] == pair[1] for pair in shared):
        return SLIP
    return FAR if shared and letters >= _LONG else 0.0


def likeness(asked: str, names: Iterable[str], prefix: bool = False) -> float:
    """How well the best of some names answers, 0 to 1: the share of the asked words that it has,
    each by its worth. With `prefix` the beginning of a word is worth as much as a slip."""
    wanted = words(asked)
    if not wanted:
        return 0.0
    return max((_answers(wanted, words(name), prefix) for name in names), default=0.0)


def best(
    asked: str, named: Mapping[str, Iterable[str]], prefix: bool = False
) -> list[tuple[str, float]]:
    """The keys of names that answer, the likest first, then in the order in which they came."""
    scored = [(key, likeness(asked, names, prefix)) for key, names in named.items()]
    return sorted((one for one in scored if one[1] >= ENOUGH), key=lambda one: -one[1])


def _answers(wanted: tuple[str, ...], told: tuple[str, ...], prefix: bool) -> float:
    whole = sum(max((_near(one, other, prefix) for other in told), default=0.0) for one in wanted)
    return whole / len(wanted) - 0.001 * max(0, len(told) - len(wanted))


@lru_cache(maxsize=65536)
def _near(asked: str, told: str, prefix: bool) -> float:
    if asked == told:
        return EXACT
    near = worth(sharing(asked, told), min(len(asked), len(told)))
    begins = prefix and len(asked) >= 2 and told.startswith(asked)
    return max(near, SLIP if begins else 0.0)


def sharing(one: str, other: str) -> set[tuple[int, int]]:
    """The forms that two words share, by the places of the letters left out."""
    mine, theirs = _forms(one), _forms(other)
    return {
        (at, there) for form in mine.keys() & theirs.keys() for at in mine[form]
        for there in theirs[form]
    }  # fmt: skip


@lru_cache(maxsize=65536)
def _forms(word: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for form, at in forms(word):
        found.setdefault(form, []).append(at)
    return found


def _unmarked(text: str) -> str:
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFKD", text)
    return "".join(c for c in parts if not unicodedata.combining(c))
