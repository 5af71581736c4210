"""What operators and the regulator tell about numbers and trunks: one TOML file, and lists of
numbers beside it as CSV (REQ-45).

    ported_as_of                    moment of `ported`; what was told by machine later stands
    [operators]                     code = "name"
    [[ranges]]                      first, last, operator           whole thousands of numbers
    [[trunks]]                      name, class, operator, addresses
    [[allowed]]                     trunk, first, last, kind, contract, until
    [places]                        operator = moment of its list of who is abroad
    [files]                         ported, protected, abroad = names of CSV files

`ported.csv` has the columns number and operator, `protected.csv` and `abroad.csv` number.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from qalqan.errors import InputRejected
from qalqan.model.identifiers import phone

CLASSES = ("international", "domestic", "voip")
KINDS = ("contract", "looped", "visitor")
FILES: Mapping[str, tuple[str, ...]] = {
    "ported": ("number", "operator"),
    "protected": ("number",),
    "abroad": ("number",),
}
"""List of numbers → its columns."""
MOST_OPERATORS = 254
_PLAIN = re.compile(r"\+7[0-9]{10}")
"""The usual spelling of most numbers, of which nothing needs to be asked: lists are long."""


class Range(NamedTuple):
    """Numbers given to an operator, without their plus."""

    first: int
    last: int
    operator: str


class Trunk(NamedTuple):
    """A trunk as its operator names it."""

    name: str
    klass: str
    operator: str
    addresses: tuple[str, ...]


class Allowed(NamedTuple):
    """Numbers that may come over a trunk from abroad, and by what."""

    trunk: str
    first: int
    last: int
    kind: str
    contract: str
    until_s: int


class Lists(NamedTuple):
    """The TOML file, read."""

    operators: Mapping[str, str]
    """Code → name."""
    ranges: tuple[Range, ...]
    trunks: tuple[Trunk, ...]
    allowed: tuple[Allowed, ...]
    places_s: Mapping[str, int]
    files: Mapping[str, str]
    ported_s: int = 0
    """What was told by machine before this moment, the list of ported numbers holds."""


def read(body: str) -> Lists:
    """The file's contents.

    Raises:
        InputRejected: what stands there can't be taken; the field tells where it stands.
    """
    try:
        told = tomllib.loads(body)
    except tomllib.TOMLDecodeError as error:
        raise InputRejected("file", str(error), "policy.shape") from None
    known = ("operators", "ranges", "trunks", "allowed", "places", "files", "ported_as_of")
    for name in told:
        _one_of(name, name, known)
    operators = _named(told, "operators")
    if len(operators) > MOST_OPERATORS:
        raise InputRejected("operators", len(operators), "number.range", least=0, most=254)
    codes = tuple(operators)
    trunks = tuple(_trunk(*row, codes) for row in _rows(told, "trunks"))
    names = tuple(trunk.name for trunk in trunks)
    return Lists(
        operators,
        tuple(_range(*row, codes) for row in _rows(told, "ranges")),
        trunks,
        tuple(_allowed(*row, names) for row in _rows(told, "allowed")),
        {_one_of("places", code, codes): _moment(f"places.{code}", at)
         for code, at in told.get("places", {}).items()},
        {_one_of("files", name, tuple(FILES)): path
         for name, path in _named(told, "files").items()},
        _moment("ported_as_of", told["ported_as_of"]) if "ported_as_of" in told else 0,
    )  # fmt: skip


def numbers(name: str, lines: Iterable[str], operators: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Numbers of a list, and the operator where the list has one.

    Raises:
        InputRejected: other columns, or a line that can't be taken; its field is `file:line`.
    """
    reader = csv.reader(lines)
    columns, codes = FILES[name], tuple(operators)
    head = tuple(field.strip() for field in next(reader, []))
    if head[: len(columns)] != columns:
        raise InputRejected(f"{name}.csv", ",".join(head), "one_of", choices=",".join(columns))
    for row in reader:
        if row:
            place = f"{name}.csv:{reader.line_num}"
            operator = row[1].strip() if len(columns) > 1 and len(row) > 1 else ""
            if len(columns) > 1 and operator not in codes:
                _one_of(f"{place} operator", operator, codes)
            yield number(f"{place} number", row[0]), operator


def number(field: str, text: object) -> int:
    """A number in any notation, as the tables hold it: E.164 without its plus.

    Raises:
        InputRejected: it is none, or a short one.
    """
    if isinstance(text, str) and _PLAIN.fullmatch(text):
        return int(text[1:])
    found = phone.canonical(str(text), field=field).text
    if not found.startswith("+"):
        raise InputRejected(field, text, "phone.shape")
    return int(found[1:])


def _rows(told: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    rows = told.get(name, [])
    for place, row in enumerate(rows if isinstance(rows, list) else [rows], start=1):
        if not isinstance(row, Mapping):
            raise InputRejected(f"{name}.{place}", row, "policy.shape")
        yield f"{name}.{place}", row


def _named(told: Mapping[str, Any], name: str) -> Mapping[str, str]:
    found = told.get(name, {})
    if not isinstance(found, Mapping) or not all(isinstance(one, str) for one in found.values()):
        raise InputRejected(name, found, "policy.shape")
    return found


def _text(place: str, row: Mapping[str, Any], name: str) -> str:
    found = row.get(name)
    if not isinstance(found, str) or not 1 <= len(found) <= 100:
        raise InputRejected(f"{place}.{name}", found, "fact.missing")
    return found


def _one_of(field: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise InputRejected(field, value, "one_of", choices=", ".join(known) or "-")
    return value


def _range(place: str, row: Mapping[str, Any], codes: tuple[str, ...]) -> Range:
    first, last = _ends(place, row)
    if first % 1_000 or last % 1_000 != 999:
        raise InputRejected(f"{place}.first", row.get("first"), "calls.thousands")
    return Range(first, last, _one_of(f"{place}.operator", _text(place, row, "operator"), codes))


def _ends(place: str, row: Mapping[str, Any]) -> tuple[int, int]:
    first = number(f"{place}.first", _text(place, row, "first"))
    last = number(f"{place}.last", _text(place, row, "last"))
    if last < first:
        raise InputRejected(f"{place}.last", row.get("last"), "calls.ends")
    return first, last


def _trunk(place: str, row: Mapping[str, Any], codes: tuple[str, ...]) -> Trunk:
    klass = _one_of(f"{place}.class", _text(place, row, "class"), CLASSES)
    operator = row.get("operator", "")
    if operator or klass == "voip":
        _one_of(f"{place}.operator", str(operator), codes)
    addresses = row.get("addresses")
    if not isinstance(addresses, list) or not all(isinstance(one, str) for one in addresses):
        raise InputRejected(f"{place}.addresses", addresses, "fact.missing")
    return Trunk(_text(place, row, "name"), klass, str(operator), tuple(addresses))


def _allowed(place: str, row: Mapping[str, Any], names: tuple[str, ...]) -> Allowed:
    return Allowed(
        _one_of(f"{place}.trunk", _text(place, row, "trunk"), names),
        *_ends(place, row),
        _one_of(f"{place}.kind", _text(place, row, "kind"), KINDS),
        _text(place, row, "contract"),
        _moment(f"{place}.until", row.get("until")),
    )


def _moment(field: str, value: object) -> int:
    """Seconds; a day without a time begins at midnight UTC."""
    if isinstance(value, datetime):
        return int((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp())
    if isinstance(value, date):
        return int(datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp())
    raise InputRejected(field, value, "calls.moment")
