"""Every sentence a person reads: kept as data in Kazakh, Russian and English, never glued.

An entry is a TOML table whose languages are whole sentences with named places::

    [orders.sent]
    kk = "Өкім {partner} мекемесіне жіберілді."
    ru = "Распоряжение отправлено: {partner}."
    en = "The order went to {partner}."

A language may be a table of plural categories (`ru = {one = "…", few = "…", many = "…"}`),
chosen by the value `n` with CLDR's rules. Files: `text/catalogue/*.toml`, and one beside each
detector, so that a detector arrives with its own words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Formatter

from babel import Locale

from qalqan.errors import ContractBroken

LANGUAGES = ("kk", "ru", "en")

Sentence = str | Mapping[str, str]
Entry = Mapping[str, Sentence]


def say(key: str, language: str, **values: object) -> str:
    """The sentence `key` in `language` with its places filled.

    Whole numbers from 10 000 on are grouped with non-breaking spaces; money, times and shares
    come ready from `qalqan.text.show`.

    Raises:
        ContractBroken: no such key or language, a place without a value, or plural
            categories without a value `n`.
    """
    entry = entries().get(key)
    if entry is None or language not in entry:
        raise ContractBroken(f"the catalogue has no {key} in {language}")
    shown = {name: shown_value(value) for name, value in values.items()}
    try:
        return form(entry[language], language, values.get("n")).format_map(shown)
    except KeyError as missing:
        raise ContractBroken(f"{key} in {language} needs a value for {missing}") from None


def form(sentence: Sentence, language: str, n: object) -> str:
    """The form of a sentence that goes with the number `n`; a plain sentence goes with any.

    Raises:
        KeyError: the sentence counts, and there is no number or no form for it.
    """
    if isinstance(sentence, str):
        return sentence
    if not isinstance(n, int | float):
        raise KeyError("n")
    category = _plural(language)(n)
    return sentence[category] if category in sentence else sentence["other"]


def has(key: str) -> bool:
    """Whether the catalogue knows `key`."""
    return key in entries()


def places(sentence: Sentence) -> frozenset[str]:
    """Names of the places in a sentence, over all its plural forms."""
    forms = (sentence,) if isinstance(sentence, str) else tuple(sentence.values())
    return frozenset(name for form in forms for _, name, _, _ in Formatter().parse(form) if name)


@cache
def entries() -> Mapping[str, Entry]:
    """The whole catalogue: dotted key → language → sentence.

    Raises:
        ContractBroken: a file can't be read as TOML, or two files define one key.
    """
    found: dict[str, Entry] = {}
    for file in _files():
        try:
            tree = tomllib.loads(file.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise ContractBroken(f"{file.name}: {error}") from error
        for key, entry in _flatten(tree, ""):
            if key in found:
                raise ContractBroken(f"{file.name} defines {key} a second time")
            found[key] = entry
    return found


def _files() -> Iterator[Traversable]:
    root = files("qalqan")
    yield from _toml(root / "text" / "catalogue")
    yield from _toml(root / "detectors")


def _toml(folder: Traversable) -> Iterator[Traversable]:
    if not folder.is_dir():
        return
    for child in sorted(folder.iterdir(), key=lambda item: item.name):
        if child.is_dir():
            yield from _toml(child)
        elif child.name.endswith(".toml"):
            yield child


def _flatten(tree: Mapping[str, object], prefix: str) -> Iterator[tuple[str, Entry]]:
    entry = {name: _sentence(tree[name]) for name in LANGUAGES if name in tree}
    if entry:
        yield prefix, entry
    for name, child in tree.items():
        if name not in LANGUAGES and isinstance(child, dict):
            yield from _flatten(child, f"{prefix}.{name}" if prefix else name)


def _sentence(value: object) -> Sentence:
    return {k: str(v) for k, v in value.items()} if isinstance(value, dict) else str(value)


@cache
def _plural(language: str) -> Callable[[float], str]:
    plural: Callable[[float], str] = Locale.parse(language).plural_form
    return plural


def shown_value(value: object) -> str:
    """A value as it stands in a sentence, a whole number grouped."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10_000:
        return f"{value:,}".replace(",", "\u00a0").replace("-", "\u2212")
    return str(value)
