"""How three languages word figures, as data: one TOML file a language, read by one reader."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("kk", "ru", "en")
_LONGEST = 90
"""Letters of the longest listed words, with room for endings."""
_NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True)
class Words:
    """The words of one language, in groups such as `directions.rise`."""

    language: str
    table: Mapping[str, Any]

    def group(self, name: str) -> Any:
        """What stands under a dotted name."""
        found: Any = self.table
        for part in name.split("."):
            found = found[part]
        return found

    def find(self, name: str, text: str, start: int = 0, end: int | None = None) -> list[Span]:
        """Where words of a group stand in lower-case text."""
        last = len(text) if end is None else end
        found = [one.span() for one in _compiled(self.language, name).finditer(text, start, last)]
        if name.startswith("directions."):
            return [span for span in found if not self._turned(text, span)]
        return found

    def _turned(self, text: str, span: Span) -> bool:
        """Whether the word before takes away a direction: "made up", "taken down"."""
        before: Mapping[str, str] = self.group("directions.not_after")
        listed = before.get(text[span[0] : span[1]])
        return listed is not None and re.search(rf"(?:{listed})\s+$", text[: span[0]]) is not None

    def has(self, name: str, text: str) -> bool:
        """Whether a word of the group stands in the text."""
        return _compiled(self.language, name).search(text) is not None

    def ends(self, name: str, text: str) -> re.Match[str] | None:
        """The words of the group with which the text ends, spaces aside."""
        start = max(0, len(text) - _LONGEST)
        return _compiled(self.language, name, "end").search(text, start)

    def begins(self, name: str, text: str) -> re.Match[str] | None:
        """The words of the group with which the text begins, spaces aside."""
        return _compiled(self.language, name, "begin").match(text)


Span = tuple[int, int]


@cache
def words(language: str) -> Words:
    """The words of `kk`, `ru` or `en`."""
    return Words(language, _table(language))


def values(language: str, name: str) -> list[tuple[re.Pattern[str], Fraction]]:
    """A group whose words stand for numbers: pattern at the place, and value; longest first."""
    return _values(language, name)


@cache
def kinds(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Kinds of unit with the pattern that begins with one."""
    table = _table(language)["kinds"]
    return tuple(
        (kind, re.compile(r"\s*" + ("-?" if kind == "percent" else "") + _union(listed)))
        for kind, listed in table.items()
    )


@cache
def magnitudes(language: str) -> tuple[tuple[int, re.Pattern[str]], ...]:
    """1000 and its powers with the pattern that begins with a word for it."""
    table = _table(language)["magnitudes"]
    return tuple(
        (int(size), re.compile(r"[\s-]*" + _union(listed) + r"\.?"))
        for size, listed in table.items()
    )


def word_pattern(one: str) -> str:
    """A listed word as a regular expression."""
    body = re.escape(one.strip()).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")
    body = body.replace(r"\[", "[").replace(r"\]", "]").replace(r"\|", "|")
    left = r"(?<!\w)" if one[0].isalnum() else ""
    right = r"(?!\w)" if one[-1].isalnum() else ""
    return f"{left}(?:{body}){right}"


def _union(listed: Iterable[str]) -> str:
    ordered = sorted(listed, key=len, reverse=True)
    return "(?:" + "|".join(map(word_pattern, ordered)) + ")"


@cache
def _compiled(language: str, name: str, side: str = "") -> re.Pattern[str]:
    listed: Sequence[str] = Words(language, _table(language)).group(name)
    if not listed:
        return _NOTHING
    union = _union(listed)
    return re.compile({"": union, "end": rf"{union}\s*$", "begin": rf"\s*{union}"}[side])


@cache
def _values(language: str, name: str) -> list[tuple[re.Pattern[str], Fraction]]:
    table = Words(language, _table(language)).group(name)
    ordered = sorted(table.items(), key=lambda item: -len(item[0]))
    return [(re.compile(word_pattern(one)), Fraction(value)) for one, value in ordered]


@cache
def _table(language: str) -> Mapping[str, Any]:
    return tomllib.loads((files(__package__) / f"{language}.toml").read_text(encoding="utf-8"))


@cache
def every(language: str, name: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The groups under a name, each with its pattern: the concepts."""
    groups = Words(language, _table(language)).group(name)
    return tuple((key, re.compile(_union(listed))) for key, listed in groups.items() if listed)
