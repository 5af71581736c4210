"""Sums and shares of a table (REQ-72)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from qalqan.bulletin.claims.marks import At
from qalqan.bulletin.claims.mention import Number, agrees, cut
from qalqan.bulletin.claims.numbers import numbers
from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.reading import Paragraph
from qalqan.bulletin.claims.seen import Seen
from qalqan.bulletin.claims.words import Words, words

SUM = Kind("table.sum", "false", ("REQ-72",))
SHARE = Kind("table.share", "false", ("REQ-4",))
CHANGE = Kind("table.change", "false", ("REQ-7",))
KINDS = (SUM, SHARE, CHANGE)

_LEAST_ROWS = 2
_CHANGES = re.compile(
    r"±|\+/[-−–]|өсім|өзгеріс|динамика|рост|изменение|прирост|change|growth|increase|айырма"
)
_SHARES = re.compile(r"үлес|доля|удельн|share|proportion|% of")


@dataclass(frozen=True)
class Row:
    """A row's cells as numbers; None where a cell holds none."""

    paragraph: Paragraph
    label: str
    values: tuple[Number | None, ...]


def find(seen: Seen) -> Iterator[Problem]:
    """Columns that don't add up, shares and changes that the row's own numbers refute."""
    for table in seen.reading.rows():
        head, rows = table[0], [_row(p) for p in table[1:]]
        rows = [row for row in rows if len(row.values) == len(head.block.cells)]
        total = next(
            (row for row in rows if words(row.paragraph.language).has("roles.total", row.label)),
            None,
        )
        for column, title in enumerate(head.block.cells):
            title = title.lower()
            if _CHANGES.search(title):
                yield from _changes(seen, rows, column, title)
            elif _SHARES.search(title) and total is not None:
                yield from _shares(seen, rows, total, column)
            elif column and total is not None and "%" not in title:
                yield from _sum(seen, rows, total, column)


def _row(paragraph: Paragraph) -> Row:
    of = words(paragraph.language)
    cells = paragraph.block.cells
    values = tuple(_cell(paragraph, cell, of) if at else None for at, cell in enumerate(cells))
    return Row(paragraph, cells[0].lower(), values)


def _cell(paragraph: Paragraph, text: str, of: Words) -> Number | None:
    plain = re.sub(r"[\u00a0\u202f]", " ", text).strip().lower()
    if re.fullmatch(r"(?:19|20)\d\d", plain):  # a value that looks like a year
        plain = f"{plain[0]} {plain[1:]}"
    found = numbers(At(paragraph.index, 0, 0, plain, plain), of)
    if len(found) != 1 or not re.fullmatch(r"[+−–-]?\s*[\d .,%]+(?:[^\W\d_]*\.?\s*)*", plain):
        return None
    sign = -1 if plain[:1] in "−–-" else found[0].sign
    return found[0].moved(
        sign=sign, text=text.strip(), paragraph=paragraph.index, start=0, end=0, digits=0
    )


def _sum(seen: Seen, rows: Sequence[Row], total: Row, column: int) -> Iterator[Problem]:
    parts = [row.values[column] for row in rows if row is not total]
    whole = total.values[column]
    if whole is None or len(parts) < _LEAST_ROWS or None in parts or whole.kind == "percent":
        return
    low = sum(p.low for p in parts if p)
    high = sum(p.high for p in parts if p)
    if low <= whole.high and whole.low <= high:
        return
    if any(
        re.match(
            r"\s*(?:оның ішінде|соның ішінде|в том числе|из них|including|of which)", row.label
        )
        for row in rows
    ):
        return
    reckoned = Fraction(sum(p.value for p in parts if p))
    yield _at(SUM, seen, total, reckoned=reckoned, told=whole, n=len(parts))


def _shares(seen: Seen, rows: Sequence[Row], total: Row, column: int) -> Iterator[Problem]:
    base = _counted(total, column)
    if base is None or not (whole := total.values[base]) or not whole.value:
        return
    for row in rows:
        told, part = row.values[column], row.values[base]
        if told is None or part is None or row is total:
            continue
        low, high = part.low * 100 / whole.high, part.high * 100 / whole.low
        if not agrees(told, low, high) and not cut(told, low, high):
            yield _at(
                SHARE,
                seen,
                row,
                reckoned=part.value * 100 / whole.value,
                told=told,
                part=part,
                whole=whole,
            )


def _counted(row: Row, column: int) -> int | None:
    """The counts that a column of shares is of: the nearest column of counts to its left."""
    for at in range(column - 1, 0, -1):
        value = row.values[at]
        if value is not None and value.kind in ("count", "money"):
            return at
    return None


def _changes(seen: Seen, rows: Sequence[Row], column: int, title: str) -> Iterator[Problem]:
    """Changes in percent, or in units, of the two columns to the left, older first or newer
    first."""
    for row in rows:
        told = row.values[column]
        left = [v for v in row.values[1:column] if v is not None and v.kind != "percent"]
        if told is None or len(left) != 2 or not left[0].value or not left[1].value:
            continue
        told = told.moved(kind="percent" if "%" in title or told.kind == "percent" else "count")
        sizes = [_size(told, left[0], left[1]), _size(told, left[1], left[0])]
        signed = [size for size in sizes if told.sign == 0 or (size < 0) == (told.sign < 0)]
        if not any(agrees(told, abs(size), abs(size)) for size in signed):
            yield _at(CHANGE, seen, row, reckoned=sizes[0], told=told, old=left[0], new=left[1])


def _size(told: Number, old: Number, new: Number) -> Fraction:
    gap = new.value - old.value
    return gap * 100 / old.value if told.kind == "percent" else gap


def _at(kind: Kind, seen: Seen, row: Row, **values: Number | Fraction | int) -> Problem:
    return kind.over(row.paragraph, 0, 0, len(row.paragraph.clean.shown), **values)
