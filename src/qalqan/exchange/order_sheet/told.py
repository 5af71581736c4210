"""What a filled sheet tells, order by order, and what of it can't be taken."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qalqan.errors import InputRejected
from qalqan.exchange.order_sheet import cells
from qalqan.exchange.order_sheet.rows import Row

TENGE = "KZT"
"""The currency of a row that names none."""


@dataclass(frozen=True)
class Refused:
    """A cell, row or part that can't be taken: an `InputRejected` with its place and order."""

    place: str
    order: str | None
    field: str
    value: object
    expected: str
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass
class Told:
    """What the sheet tells about one order."""

    order: str
    blank: list[Row] = dataclasses.field(default_factory=list)
    """Rows that name it and say nothing."""
    answers: list[Row] = dataclasses.field(default_factory=list)
    lines: list[Row] = dataclasses.field(default_factory=list)
    refused: list[Refused] = dataclasses.field(default_factory=list)

    def refuse(self, row: Row, name: str, value: object, expected: str, **params: object) -> None:
        """Note what can't be taken; it spoils this order and no other."""
        self.refused.append(Refused(row.place, self.order, name, value, expected, params))

    def add(self, row: Row) -> None:
        """Put a row where it belongs."""
        if row.is_answer:
            self.answers.append(row)
        if row.is_line:
            self.lines.append(row)
        if not row.is_answer and not row.is_line:
            self.blank.append(row)
        if row.surplus:
            columns, given = row.surplus
            self.refuse(row, "order", self.order, "file.fields", columns=columns, given=given)


def by_order(tables: Iterable[Sequence[Row]]) -> tuple[list[Told], list[Refused]]:
    """The rows by order, and refusals of rows that belong to none.

    A line without a number spoils the order above it: most likely it is one of that order's,
    which is not whole without it.
    """
    found: dict[str, Told] = {}
    strays: list[Refused] = []
    for rows in tables:
        above: Told | None = None
        for row in rows:
            order, refused = _order(row)
            if order is not None:
                above = found.setdefault(order, Told(order))
                above.add(row)
            elif refused is not None and row.is_line and above is not None:
                above.refuse(row, refused.field, refused.value, refused.expected)
            elif refused is not None:
                strays.append(refused)
    return list(found.values()), strays


def _order(row: Row) -> tuple[str | None, Refused | None]:
    """The order that a row names, or why it names none; neither if it says nothing at all."""
    try:
        if "order" in row.cells:
            return str(cells.value(row.cells, "order", TENGE)), None
    except InputRejected as error:
        return None, Refused(row.place, None, "order", error.value, error.expected)
    if row.is_answer or row.is_line or row.surplus:
        return None, Refused(row.place, None, "order", None, "fact.missing")
    return None, None
