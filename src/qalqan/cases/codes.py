"""Codes a report may carry: methods, causes, regions; versioned data (REQ-17, 27 to 33, 88)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files

from qalqan.clock import SECOND
from qalqan.errors import ContractBroken, InputRejected

FIRST_US = 946_684_800 * SECOND
"""1 January 2000: a crime before it is a slip of the pen."""
METHOD = "method"
"""A code that says how the victim was deceived; others say by what means."""


@dataclass(frozen=True)
class CodeBook:
    """One version of the code book: code → names in kk, ru, en."""

    version: str
    valid_from_us: int
    methods: Mapping[str, Mapping[str, str]]
    causes: Mapping[str, Mapping[str, str]]


def day_us(day: date) -> int:
    """Midnight UTC of a day, microseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * SECOND


@cache
def code_books() -> tuple[CodeBook, ...]:
    """All versions, oldest first."""
    folder = files("qalqan.cases") / "data"
    found = []
    for file in folder.iterdir():
        if file.name.startswith("methods_"):
            body = tomllib.loads(file.read_text(encoding="utf-8"))
            start = day_us(body["valid_from"])
            found.append(CodeBook(body["version"], start, body["methods"], body["causes"]))
    return tuple(sorted(found, key=lambda book: book.valid_from_us))


def code_book(at_us: int) -> CodeBook:
    """The version in force at `at_us`.

    Raises:
        ContractBroken: none was in force then.
    """
    for book in reversed(code_books()):
        if book.valid_from_us <= at_us:
            return book
    raise ContractBroken(f"no code book is in force at {at_us}")


def code_book_of(version: str) -> CodeBook:
    """The version by which a report was taken, whatever its own times are.

    Raises:
        ContractBroken: there is none of that name.
    """
    for book in code_books():
        if book.version == version:
            return book
    raise ContractBroken(f"there is no code book {version}")


@cache
def regions() -> Mapping[str, Mapping[str, str]]:
    """Region code (ISO 3166-2) → names."""
    text = (files("qalqan.cases") / "data" / "regions.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def first_method(told: Iterable[tuple[Iterable[str], str]]) -> tuple[str, str]:
    """The method that names a case, and the version of its code book: the first that is told of
    its reports' (codes, version); empty if none is."""
    for codes, version in told:
        book = code_book_of(version).methods
        for code in codes:
            if book[code]["part"] == METHOD:
                return code, version
    return "", ""


def check_methods(codes: Iterable[str], at_us: int) -> tuple[str, ...]:
    """The codes once each, in order (REQ-33: several are welcome).

    Raises:
        InputRejected: an unknown code, or none that says how.
    """
    book = code_book(at_us)
    kept = tuple(sorted(set(codes)))
    for code in kept:
        if code not in book.methods:
            raise InputRejected("methods", code, "report.method", known=", ".join(book.methods))
    if not any(book.methods[code]["part"] == METHOD for code in kept):
        raise InputRejected("methods", ", ".join(kept), "report.method", known="27–32")
    return kept


def check_cause(code: str | None, at_us: int) -> str | None:
    """The cause as it is, if the code book has it (REQ-88).

    Raises:
        InputRejected: unknown.
    """
    known = code_book(at_us).causes
    if code is not None and code not in known:
        raise InputRejected("cause", code, "report.cause", known=", ".join(known))
    return code


def check_region(code: str) -> str:
    """The region as it is, if there is one (REQ-17).

    Raises:
        InputRejected: unknown.
    """
    if code not in regions():
        raise InputRejected("region", code, "report.region")
    return code
