"""A bank's statement as people print it: account, period and balances above the table, totals
below it, columns named in the bank's language, debit and credit apart (REQ-19, 42).

The mapping's `head` finds what stands around the table by its labels, `lines` names the table's
columns: `at_us`, `debit` and `credit` (or a signed `amount`), `counter_account`, `counter_bank`,
`counter_holder`, and any column of a payment. Each line becomes a payment seen from the
statement's own account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qalqan.clock import DAY
from qalqan.errors import InputRejected
from qalqan.exchange.given import Given, Places, column_of
from qalqan.exchange.mapping import Label, Mapping, names_in, spelling, turn
from qalqan.exchange.xlsx_table import Sheet, any_filled, header_row, sheet, table_of

_COUNTER = ("account", "bank", "holder")
_MONEY = ("debit", "credit", "amount")
_AFTER_LABEL = " :№-–—\t"
_TIME_PARTS = {
    "%d": r"\d{1,2}", "%m": r"\d{1,2}", "%Y": r"\d{4}", "%y": r"\d{2}",
    "%H": r"\d{1,2}", "%M": r"\d{2}", "%S": r"\d{2}",
}  # fmt: skip


def read(data: bytes, mapping: Mapping) -> tuple[Given, Given]:
    """The statement (one record, columns of our `statement`) and its lines (of `payment`).

    Raises:
        InputRejected: no workbook, no such table, or a label that is nowhere.
    """
    return of_sheet(sheet(data, mapping.file.sheet), mapping)


def of_sheet(found: Sheet, mapping: Mapping) -> tuple[Given, Given]:
    """The same of cells that are read already.

    Raises:
        InputRejected: no such table, or a label that is nowhere.
    """
    header = header_row(found, names_in(mapping))
    rows = list(_lines_below(found, header, mapping))
    around = [*range(header), *range((rows[-1] if rows else header) + 1, len(found.rows))]
    given = table_of(found, header, rows)
    head = _head([found.rows[row] for row in around], mapping, len(rows))
    lines = turn(_with_currency(mapping), given.table, 1)
    places = Places(f"{found.name}!{{}}" if found.name else ":{}")
    return Given(head, places), _sided(lines, head, given, mapping)


def _lines_below(found: Sheet, header: int, mapping: Mapping) -> Iterator[int]:
    """Rows of the table: the filled ones until one begins with a word for totals."""
    for row in range(header + 1, len(found.rows)):
        filled = [cell for cell in found.rows[row] if cell is not None]
        if filled and spelling(str(filled[0])).startswith(mapping.totals):
            return
        if any_filled(filled):
            yield row


# ── around the table ───────────────────────────────────────────────────────────────────────


def _head(around: Sequence[Sequence[Any]], mapping: Mapping, lines: int) -> pa.Table:
    columns, values = {}, {}
    for name, source in mapping.head.items():
        columns[name] = source
        if source.label:
            values[name] = column_of([_labelled(around, source)])
            columns[name] = source.model_copy(update={"from_": (name,), "label": ()})
    table = turn(dict(columns), pa.table(values or {"": pa.nulls(1)}), 1)
    for name, source in mapping.head.items():
        if source.end_of_day and pa.types.is_int64(table[name].type):
            place = table.column_names.index(name)
            table = table.set_column(place, name, pc.add(table[name], DAY))
    return table.append_column("lines", pa.array([lines]))


def _labelled(around: Sequence[Sequence[Any]], source: Label) -> Any:
    """The value beside the first of the labels that stands anywhere."""
    for label in map(spelling, source.label):
        for row in around:
            for place, cell in enumerate(row):
                if isinstance(cell, str) and spelling(cell).startswith(label):
                    value = _beside(cell, label, row[place + 1 :])
                    if value is not None:
                        return _part(value, source)
    wanted = " / ".join(source.label)
    raise InputRejected("file", wanted, "file.label", label=wanted)


def _beside(cell: str, label: str, right: Sequence[Any]) -> Any:
    """What follows the label in its cell, after a colon or with a digit in it (other words only
    go on with the label), else the next filled cell of the row."""
    rest = " ".join(cell.split())[len(label) :]
    if ":" in rest:
        rest = rest.partition(":")[2]
    elif not any(letter.isdigit() for letter in rest):
        rest = ""
    return rest.strip(_AFTER_LABEL) or next((cell for cell in right if cell is not None), None)


def _part(value: Any, source: Label) -> Any:
    """The wanted part of a text, such as the second date of "01.06.2026 – 30.06.2026"."""
    shape = source.match or _time_shape(source.time)
    if shape is None or not isinstance(value, str):
        return value
    found = [match.group(match.re.groups and 1).strip() for match in re.finditer(shape, value)]
    return found[source.part - 1] if len(found) >= source.part else value


def _time_shape(pattern: str | None) -> str | None:
    if pattern is None or pattern == "iso":
        return None
    parts = re.split(r"(%[dmYyHMS])", pattern)
    return "".join(_TIME_PARTS.get(part, re.escape(part)) for part in parts)


# ── the lines ──────────────────────────────────────────────────────────────────────────────


def _with_currency(mapping: Mapping) -> dict[str, Any]:
    """Columns of the lines; sums are in the statement's currency unless a line says another."""
    columns = dict(mapping.lines)
    whole = mapping.head.get("currency")
    if "currency" not in columns and whole is not None and whole.constant is not None:
        columns["currency"] = whole
    return columns


def _sided(lines: pa.Table, head: pa.Table, given: Given, mapping: Mapping) -> Given:
    own = head.slice(0, 1).to_pylist()[0]
    rows = [_payment(line, own) for line in lines.to_pylist()]
    names = dict.fromkeys(name for row in rows for name in row)
    table = pa.table({name: column_of([row.get(name) for row in rows]) for name in names})
    known = {spelling(name) for name in names_in(mapping)}
    unknown = [name for name in given.table.column_names if spelling(name) not in known]
    return Given(table, given.places, unknown=tuple(unknown))


def _payment(line: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """One line as a payment: the own account pays what is debited."""
    amount, out = _amount(line)
    payer, payee = ("own", "counter") if out else ("counter", "own")
    ends = {
        "own": {name: own.get(name) for name in _COUNTER},
        "counter": {name: line.get(f"counter_{name}") for name in _COUNTER},
    }
    rest = {
        name: value
        for name, value in line.items()
        if name not in _MONEY and not name.startswith("counter_")
    }
    return {
        "instrument": "transfer",
        "currency": own.get("currency"),
        **rest,
        "amount": amount,
        "side": "payer" if out else "payee",
        **{f"payer_{name}": value for name, value in ends[payer].items()},
        **{f"payee_{name}": value for name, value in ends[payee].items()},
    }


def _amount(line: dict[str, Any]) -> tuple[Any, bool]:
    """The sum and whether it went out; no sum if a line has both a debit and a credit."""
    signed = line.get("amount")
    if signed is not None:
        text = str(signed)
        return text.removeprefix("-"), text.startswith("-")
    debit, credit = (_nonzero(line.get(name)) for name in ("debit", "credit"))
    if debit is not None and credit is not None:
        return None, True
    return (credit, False) if debit is None else (debit, True)


def _nonzero(value: Any) -> Any:
    return None if str(value) in ("0", "None") else value
