"""The invented people of `search.py`: names as they are spread in Kazakhstan, identifiers, and
questions about them as hurried hands type."""

from __future__ import annotations

import bisect
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from qalqan.model.identifiers import iban
from qalqan.register import names
from qalqan.trust import tokens
from qalqan.trust.keys import Keys

_PARTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
_FIRST, _LAST_M, _LAST_F, _RUSSIAN_M, _RUSSIAN_F, _RUSSIAN_S, _SITES, _SITE_WORDS = (
    _PARTS[name].split()
    for name in (
        "first", "last_m", "last_f", "russian_m", "russian_f", "russian_s", "sites", "site_words",
    )
)  # fmt: skip
_LATIN = _PARTS["latin"]
_TWINS = dict(zip("АВЕКМНОРСТХасеорху", "ABEKMHOPCTXaceopxy", strict=True))
_PLAIN = dict(zip("әіңғүұқөһӘІҢҒҮҰҚӨҺ", "аингуукохАИНГУУКОХ", strict=True))
_ROW = ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю")
_BANKS = ("125", "722", "914", "601", "826", "070", "998", "563")
_CODES = ("701", "702", "705", "707", "747", "771", "775", "776", "777", "778")


@dataclass(frozen=True)
class Person:
    """Somebody with a name."""

    surname: str
    given: str
    father: str

    @property
    def full(self) -> str:
        return f"{self.surname} {self.given} {self.father}"

    def named(self, asked: str) -> bool:
        """Whether he is called so; without the father's name if that was not asked."""
        return self.full == asked or f"{self.surname} {self.given}" == asked


@dataclass(frozen=True)
class Question:
    """What is typed, and what should come first."""

    kind: str
    """name, number, account, phone, domain"""
    text: str
    right: str
    slip: str


@cache
def _men() -> list[str]:
    made = dict.fromkeys(f"{a}{b}" for a in _FIRST for b in _LAST_M)
    return _shuffled([*made, *_RUSSIAN_M], 1)


@cache
def _women() -> list[str]:
    made = dict.fromkeys(f"{a}{b}" for a in _FIRST for b in _LAST_F)
    return _shuffled([*made, *_RUSSIAN_F], 2)


@cache
def _surnames() -> list[str]:
    made = [
        f"{name.rstrip('ыйіиь')}{'ев' if name[-1] in 'ыйіияеь' else 'ов'}" for name in _men()[:1000]
    ]
    return _shuffled([*made, *_RUSSIAN_S], 3)


def _shuffled(some: list[str], seed: int) -> list[str]:
    random.Random(seed).shuffle(some)
    return some


@lru_cache(maxsize=8)
def _weights(n: int) -> list[float]:
    """Few names are very common and most are rare (Zipf, flattened)."""
    return list(accumulate(1 / (rank + 20) ** 0.8 for rank in range(n)))


def _one(r: random.Random, some: list[str]) -> str:
    weights = _weights(len(some))
    return some[bisect.bisect_left(weights, r.random() * weights[-1])]


@lru_cache(maxsize=200_000)
def person_of(number: int) -> Person:
    """The victim of a report; the same in every run."""
    r = random.Random(number * 7919 + 5)
    woman = r.random() < 0.55
    given, father, surname = (
        _one(r, _women() if woman else _men()),
        _one(r, _men()),
        _one(r, _surnames()),
    )
    if woman and surname.endswith(("ов", "ев")):
        surname += "а"
    if r.random() < 0.4:
        return Person(surname, given, father + ("қызы" if woman else "ұлы"))
    stem = father.rstrip("йиь")
    return Person(surname, given, stem + ("овна" if woman else "ович"))


def account_of(number: int) -> str:
    """A Kazakh IBAN."""
    r = random.Random(number * 104_729 + 11)
    rest = f"{r.choice(_BANKS)}{r.randrange(10**13):013d}"
    return f"KZ{iban.check_digits('KZ', rest)}{rest}"


def phone_of(number: int) -> str:
    """A mobile number."""
    r = random.Random(number * 1_299_709 + 3)
    return f"+7{r.choice(_CODES)}{r.randrange(10**7):07d}"


def domain_of(number: int) -> str:
    """A site that poses as something else."""
    r = random.Random(number * 15_485_863 + 9)
    what, how = r.choice(_SITES), r.choice(_SITE_WORDS)
    number = r.randrange(10_000)
    return f"{what}-{how}{number}.{r.choice(['kz', 'com', 'site', 'online', 'top', 'info'])}"


def iin_of(number: int) -> str:
    """A person's number with a right check digit."""
    r = random.Random(number * 86_028_121 + 1)
    while True:
        born = f"{r.randrange(60, 99):02d}{r.randrange(1, 13):02d}{r.randrange(1, 29):02d}"
        first = f"{born}{r.choice('34')}{r.randrange(10**4):04d}"
        digit = _check_digit(first)
        if digit is not None:
            return f"{first}{digit}"


def _check_digit(first: str) -> int | None:
    for weights in (range(1, 12), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)):
        rest = sum(int(d) * w for d, w in zip(first, weights, strict=True)) % 11
        if rest < 10:
            return rest
    return None


def report_id(number: int) -> str:
    """As the register numbers it; a million a year."""
    year, rest = divmod(number, 1_000_000)
    return f"R-{26 + year:02}-{rest:06}"


def rows_of(keys: Keys, cases: int, each: int) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """(table, rows) in pieces, columns in the tables' order."""
    now = 1_790_000_000_000_000
    yield (
        "cases",
        [
            (
                f"C-26-{n:06}",
                "open",
                f"KZ-{(10, 75, 35, 19, 71)[n % 5]}",
                None,
                None,
                now + n,
                0,
                None,
                None,
            )
            for n in range(cases)
        ],
    )
    known: set[int] = set()
    for start in range(0, cases * each, 20_000):
        some = range(start, min(start + 20_000, cases * each))
        yield from _reports(keys, some, each, now)
        yield from _marks(keys, some, known)


def _reports(
    keys: Keys, some: range, each: int, now: int
) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    people = tokens.token_list(keys, "person", [iin_of(n) for n in some])
    payers = tokens.token_list(keys, "account", [account_of(n) for n in some])
    payees = tokens.token_list(keys, "account", [account_of(10**9 + n % 50_021) for n in some])
    phones = tokens.token_list(keys, "phone", [phone_of(n % 300_007) for n in some])
    reports, entities = [], []
    for place, n in enumerate(some):
        case = f"C-26-{n // each:06}"
        reports.append((
            report_id(n), case, "hotline", None, f"{n:064x}", '["28"]', "2026-1", "KZ-75", None,
            "kk", people[place], None, payers[place], "125", payees[place], 10_000_00, "KZT",
            now, now, now + n, None, None,
        ))  # fmt: skip
        entities += [
            (case, "person", people[place], "victim", "partner:hotline", now, None),
            (case, "account", payers[place], "victim", "partner:hotline", now, None),
            (case, "account", payees[place], "report", "partner:hotline", now, None),
            (case, "phone", phones[place], "report", "partner:hotline", now, None),
        ]
        if n % 5 == 0:
            entities.append(
                (case, "domain", domain_of(n % 60_013), "report", "partner:hotline", now, None)
            )
    yield "reports", reports
    yield "case_entities", entities


def _marks(keys: Keys, some: range, known: set[int]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    words, nears = [], []
    for n in some:
        marked = names.marked(keys, person_of(n).full)
        words += [(word, n + 1, spelt) for word, spelt in marked.words]
        fresh = {word for word, _ in marked.words} - known
        if fresh:
            nears += [row for row in marked.nears if row[1] in fresh]
            known |= fresh
    yield "search_names", [(n + 1, "victim", report_id(n)) for n in some]
    yield "search_words", words
    yield "search_near", nears


def questions(reports: int, most: int, seed: int = 20_261_125) -> Iterator[Question]:
    """Questions of officers: two in five by name, one in five by number of a case or report, the
    rest by account, phone and domain; five in six with a slip or written otherwise."""
    r = random.Random(seed)
    kinds = (
        "name",
        "name",
        "number",
        "account",
        "phone",
        "name",
        "name",
        "number",
        "account",
        "domain",
    )
    for place in range(most):
        yield _MAKERS[kinds[place % len(kinds)]](r, r.randrange(reports))


def _name(r: random.Random, n: int) -> Question:
    person = person_of(n)
    whole = r.random() < 0.3
    words = person.full.split() if whole else [person.surname, person.given]
    right = " ".join(words)
    slip = r.choice(("none", *_SLIPS))
    if slip in ("latin", "plain"):
        words = [_ALL[slip](r, word) for word in words]
    elif slip == "order":
        words = words[1:] + words[:1]
    elif slip != "none":
        at = r.randrange(len(words))
        words[at] = _ALL[slip](r, words[at])
    return Question("name", " ".join(words), right, slip)


def _number(r: random.Random, n: int) -> Question:
    case = r.random() < 0.5
    right = f"C-26-{n // 10:06}" if case else report_id(n)
    way = r.choice(("whole", "short", "small", "twins"))
    letter, year, number = right.split("-")
    typed = {
        "whole": right, "short": f"{letter}-{year}-{int(number)}",
        "small": right.lower(), "twins": right.replace("C", "С").replace("R", "R"),
    }[way]  # fmt: skip
    return Question("number", typed, right, way)


def _account(r: random.Random, n: int) -> Question:
    right = account_of(n if r.random() < 0.5 else 10**9 + n % 50_021)
    slip = r.choice(("none", "spaces", "twins", "swap", "change", "drop", "double"))
    typed = right
    if slip == "spaces":
        typed = " ".join(right[at : at + 4] for at in range(0, 20, 4))
    elif slip == "twins":
        typed = right.replace("K", "К")
    elif slip != "none":
        typed = right[:2] + _digit_slip(r, right[2:], slip)
    return Question("account", typed, right, slip)


def _phone(r: random.Random, n: int) -> Question:
    right = phone_of(n % 300_007)
    slip = r.choice(("none", "eight", "spaces", "no country", "swap", "change", "drop"))
    ten = right[2:]
    typed = {
        "none": right, "eight": f"8{ten}", "no country": ten,
        "spaces": f"8 ({ten[:3]}) {ten[3:6]}-{ten[6:8]}-{ten[8:]}",
    }.get(slip)  # fmt: skip
    return Question("phone", typed or f"+7{ten[:3]}{_digit_slip(r, ten[3:], slip)}", right, slip)


def _domain(r: random.Random, n: int) -> Question:
    right = domain_of(n // 5 * 5 % 60_013)
    name, _, suffix = right.partition(".")
    slip = r.choice(("none", "capital", "swap", "drop", "double", "defanged"))
    typed = {
        "none": right, "capital": right.upper(), "defanged": right.replace(".", "[.]"),
    }.get(slip)  # fmt: skip
    return Question("domain", typed or f"{_ALL[slip](r, name)}.{suffix}", right, slip)


def _digit_slip(r: random.Random, text: str, slip: str) -> str:
    if slip != "change":
        return _ALL[slip](r, text)
    at = r.randrange(len(text))
    return text[:at] + r.choice([d for d in "0123456789" if d != text[at]]) + text[at + 1 :]


def _swap(r: random.Random, word: str) -> str:
    places = [at for at in range(len(word) - 1) if word[at] != word[at + 1]]
    at = r.choice(places)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _drop(r: random.Random, word: str) -> str:
    at = r.randrange(1, len(word))
    return word[:at] + word[at + 1 :]


def _double(r: random.Random, word: str) -> str:
    at = r.randrange(len(word))
    return word[:at] + word[at] + word[at:]


def _change(r: random.Random, word: str) -> str:
    """The key beside."""
    at = r.randrange(len(word))
    row = next((row for row in _ROW if word[at].lower() in row), "йцукен")
    place = row.find(word[at].lower())
    other = row[place - 1] if place > 0 else row[1]
    return word[:at] + other + word[at + 1 :]


def _twins(_: random.Random, word: str) -> str:
    return "".join(_TWINS.get(c, c) for c in word)


def _latin(_: random.Random, word: str) -> str:
    return "".join(_LATIN.get(c, c) for c in word.lower()).capitalize()


def _plain(_: random.Random, word: str) -> str:
    return "".join(_PLAIN.get(c, c) for c in word)


_SLIPS = ("swap", "drop", "double", "change", "twins", "latin", "plain", "order")
_ALL = {
    "swap": _swap, "drop": _drop, "double": _double, "change": _change, "twins": _twins,
    "latin": _latin, "plain": _plain,
}  # fmt: skip
_MAKERS = {
    "name": _name,
    "number": _number,
    "account": _account,
    "phone": _phone,
    "domain": _domain,
}
