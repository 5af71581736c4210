"""The rules and tables of calls as plain rows, for border controllers that run no edge (REQ-45).

Everything that a verdict rests on, a file a table, and nothing that only we can read: numbers are
E.164 without their plus, words are those of `calls.row` and `calls.rules`. Rows stand in a fixed
order, so that two exports differ where the tables do. What each column means and how a controller
uses it: `docs/how-to/screen-calls.md`. A reader that knows these files alone decides as
`Screen.decide` does (`tests/screening/test_call_export.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import IntEnum
from itertools import groupby
from typing import NamedTuple

import numpy as np

from qalqan.screening.call_plan import UNNAMED
from qalqan.screening.calls import lookup
from qalqan.screening.calls.decisions import compiled
from qalqan.screening.calls.layout import OPERATORS
from qalqan.screening.calls.numbers import NOBODY
from qalqan.screening.calls.row import Allowed, Callee, Trunk
from qalqan.screening.calls.rules import CODES, RULES, When
from qalqan.screening.calls.screen import Tables

Row = tuple[str | int, ...]
CLASSES = ("foreign", "fixed", "mobile", "network", "unused", "nobodys")
"""Words of the classes that `codes` holds."""
IN_USE = "*"
"""Operator of numbers in use of which nobody told whose they are."""
SHORT, NUMBER, BARE = (
    "[1-9][0-9]{2,4}", "7[0-9]{10}|[1-689][0-9]{6,14}", "7[0-9]{10}|[1-689][0-9]{7,14}",
)  # fmt: skip


class Sheet(NamedTuple):
    """One file: its columns, and its rows in their order."""

    columns: tuple[str, ...]
    rows: Callable[[Tables], Iterable[Row]]


def _policy(tables: Tables) -> Iterator[Row]:
    live = live_of(tables)
    for place, rule in enumerate(RULES, start=1):
        mode = "live" if rule.code in live else "shadow"
        yield (place, rule.code, mode, rule.answer.name.lower(), *_when(rule.when))


def _when(on: When) -> tuple[str, ...]:
    """Conditions as words; an empty one asks nothing."""
    return (
        _words(on.trunks), _words(on.either), _words(on.each), _yes_or_no(on.told),
        _words(on.callee), _words(on.allowed), _yes_or_no(on.own),
    )  # fmt: skip


def _words(those: Iterable[IntEnum]) -> str:
    return " ".join(one.name.lower() for one in sorted(those))


def _yes_or_no(asked: bool | None) -> str:
    return "" if asked is None else "yes" if asked else "no"


def live_of(tables: Tables) -> frozenset[str]:
    """Codes of the rules that count in these tables: one in shadow leaves its mark wherever it
    holds.

    Raises:
        ValueError: the tables were made by the rules of another version.
    """
    shadow = int(np.bitwise_or.reduce(np.frombuffer(tables.parts["shadow"], np.uint32)))
    live = frozenset(code for place, code in enumerate(CODES) if not shadow >> place & 1)
    if compiled(live).rule != bytes(tables.parts["rule"]):
        raise ValueError("the tables were made by the rules of another version")
    return live


def _allocation(tables: Tables) -> Iterator[Row]:
    """Runs of thousands of one class and operator."""
    names = _operators(tables)
    runs = (
        (klass, operator, first, last)
        for code, klass in enumerate(bytes(tables.parts["codes"]))
        for operator, first, last in _of_code(bytes(_blocks(tables, code)), code)
    )
    at = 0
    for (klass, operator), run in groupby(runs, key=lambda one: one[:2]):
        *_, (_, _, _, last) = run
        first = lookup.PLUS_7 + at * lookup.THOUSAND
        at = last + 1
        yield first, lookup.PLUS_7 + at * lookup.THOUSAND - 1, CLASSES[klass], names[operator]


def _blocks(tables: Tables, code: int) -> memoryview:
    a_code = lookup.CODE // lookup.THOUSAND
    return tables.parts["blocks"][code * a_code : (code + 1) * a_code]


def _of_code(blocks: bytes, code: int) -> Iterator[tuple[int, int, int]]:
    """Operator, first and last thousand of each run."""
    at = code * len(blocks)
    if blocks.count(blocks[0]) == len(blocks):
        yield blocks[0], at, at + len(blocks) - 1
        return
    for operator, run in groupby(blocks):
        size = len(list(run))
        yield operator, at, at + size - 1
        at += size


def _operators(tables: Tables) -> list[str]:
    """Code of each operator by its number, which stands for one that has none."""
    names = [str(number) for number in range(OPERATORS)]
    names[0], names[UNNAMED] = "", IN_USE
    for code, number in tables.about["codes"].items():
        names[number] = code
    return names


def _trunks(tables: Tables) -> Iterator[Row]:
    about, names = tables.about, _operators(tables)
    for place, name in enumerate(about["trunks"][1:], start=1):
        peers = sorted(
            source for source, trunk in about["addresses"].items()
            if trunk == place and source != f"trunk:{name}"
        )  # fmt: skip
        klass = Trunk(about["classes"][place]).name.lower()
        yield name, klass, names[about["operators"][place]], " ".join(peers)


def _exceptions(tables: Tables) -> Iterator[Row]:
    about, part = tables.about, tables.parts
    for trunk, name in enumerate(about["trunks"]):
        for place in range(part["starts"][trunk], part["starts"][trunk + 1]):
            until = datetime.fromtimestamp(part["until"][place], UTC)
            yield (
                name, part["first"][place], part["last"][place],
                Allowed(part["kind"][place]).name.lower(), about["contracts"][place],
                until.strftime("%Y-%m-%dT%H:%M:%SZ"),
            )  # fmt: skip


def _flagged(flag: int) -> Callable[[Tables], Iterator[Row]]:
    def rows(tables: Tables) -> Iterator[Row]:
        for number, value in _values(tables):
            if value >> 8 & flag:
                yield (number,)

    return rows


def _ported(tables: Tables) -> Iterator[Row]:
    names = _operators(tables)
    for number, value in _values(tables):
        if value & 255:
            yield number, names[value & 255]


def _values(tables: Tables) -> list[tuple[int, int]]:
    words = np.frombuffer(tables.parts["words"], np.int64)
    found = np.sort(words[words != 0])
    numbers, values = found >> lookup.VALUE_BITS, found & lookup.MOST_VALUE
    return list(zip(numbers.tolist(), values.tolist(), strict=True))


def _abroad(tables: Tables) -> Iterator[Row]:
    held = np.frombuffer(tables.parts["abroad"], np.uint8)
    for byte in np.flatnonzero(held).tolist():
        for bit in range(8):
            if held[byte] >> bit & 1:
                yield (lookup.MOBILES + 8 * byte + bit,)


def _places(tables: Tables) -> Iterator[Row]:
    fed = tables.parts["fed"]
    for operator, name in enumerate(_operators(tables)):
        if fed[operator]:
            yield name, fed[operator]


def _emergency(tables: Tables) -> Iterator[Row]:
    codes = tables.parts["codes"]
    for number in range(1_000):
        if lookup.callee_of(number, codes) == Callee.EMERGENCY:
            yield (number,)


def _notations(_: Tables) -> Iterator[Row]:
    nobody = "|".join(sorted(NOBODY - {""}))
    yield 1, "absent", "any", "any", f"({nobody})?", ""
    yield 2, "remove", "any", "any", r"[-.() /\u00a0]", ""
    yield 3, "rewrite", "no", "any", "00([0-9]+)", r"\1"
    yield 4, "rewrite", "no", "any", "810([0-9]{8,})", r"\1"
    yield 5, "rewrite", "no", "international", "8([79][0-9]{9})", r"7\1"
    yield 6, "rewrite", "no", "other", "8([0-9]{10})", r"7\1"
    yield 7, "rewrite", "no", "any", "(7[0-9]{9})", r"7\1"
    yield 8, "rewrite", "no", "other", "(6[0-9]{9})", r"7\1"
    yield 9, "short", "no", "any", SHORT, ""
    yield 10, "number", "yes", "any", NUMBER, ""
    yield 11, "number", "no", "other", NUMBER, ""
    yield 12, "number", "no", "international", BARE, ""


SHEETS: Mapping[str, Sheet] = {
    "policy.csv": Sheet(
        (
            "order",
            "rule",
            "mode",
            "answer",
            "trunk",
            "either",
            "each",
            "told",
            "callee",
            "allowed",
            "own",
        ),
        _policy,
    ),
    "trunks.csv": Sheet(("trunk", "class", "operator", "addresses"), _trunks),
    "allocation.csv": Sheet(("first", "last", "class", "operator"), _allocation),
    "ported.csv": Sheet(("number", "operator"), _ported),
    "do-not-originate.csv": Sheet(("number",), _flagged(lookup.IS_PROTECTED)),
    "listed.csv": Sheet(("number",), _flagged(lookup.IS_LISTED)),
    "found.csv": Sheet(("number",), _flagged(lookup.IS_FOUND)),
    "exceptions.csv": Sheet(("trunk", "first", "last", "kind", "contract", "until"), _exceptions),
    "abroad.csv": Sheet(("number",), _abroad),
    "places.csv": Sheet(("operator", "told_s"), _places),
    "emergency.csv": Sheet(("number",), _emergency),
    "notations.csv": Sheet(("order", "step", "plus", "trunk", "pattern", "becomes"), _notations),
}
"""File → what stands in it."""
