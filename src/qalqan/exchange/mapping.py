"""A partner's own columns turned into ours by a TOML file (`docs/how-to/send-facts.md`).

A mapping says for each of our columns where it comes from; nothing is taken over by accident,
and columns that it neither uses nor ignores are named in the receipt. What it can't turn
(a sum that is no number, a day that is none) it leaves as it stands: the intake refuses
that record and shows the partner the partner's own value.
"""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from qalqan.errors import InputRejected
from qalqan.exchange import lengths, sums, times
from qalqan.exchange.given import FLAGS, NESTED, Given
from qalqan.exchange.shaped import filled_texts, local, numbered, repeated


class Source(BaseModel):
    """Where one of our columns comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_: tuple[str, ...] = Field(default=(), alias="from")
    """The partner's column; several names for it: the first that the file has."""
    then: str | None = None
    """A second column put after it with a space, such as a time after a date."""
    constant: str | int | bool | None = None
    row: str | None = None
    """A text in which `{row}` is the record's number in the file, from 1."""
    values: dict[str, str | int | bool] = Field(default_factory=dict)
    """The partner's words → ours; a word that is not listed stays."""
    otherwise: str | int | bool | None = None
    """… or becomes this."""
    default: str | int | bool | None = None
    """What an empty value means."""
    unit: Literal["minor", "major", "milliseconds"] = "minor"
    """Sums: `major` is tenge, `minor` tiyn. Lengths: `milliseconds`."""
    decimal: Literal[".", ","] = "."
    negate: bool = False
    absolute: bool = False
    time: str | None = None
    """`iso`, or a pattern such as `%d.%m.%Y %H:%M:%S`."""
    zone: str = "Asia/Almaty"
    until: str | None = None
    """A second column of moments: the value is the seconds from the first to it."""
    days_since: date | None = None
    """The column counts days from this one (UTC)."""
    local: str | None = None
    """Accounts that are no IBAN: `KZAML:{}` makes them numbers of that bank."""

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"from": (given,)}
        if isinstance(given, dict) and isinstance(given.get("from"), str):
            return {**given, "from": (given["from"],)}
        return given

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if sum(self._origins()) != 1:
            raise ValueError("a column comes from exactly one place")
        if self.until is not None and self.time is None:
            raise ValueError("a length needs to know how moments are written")
        try:
            ZoneInfo(self.zone)
        except (KeyError, OSError) as error:
            raise ValueError("no such zone") from error
        return self

    def _origins(self) -> tuple[bool, ...]:
        return bool(self.from_), self.constant is not None, self.row is not None


class Label(Source):
    """A value that stands beside a label, above or below a sheet's table."""

    label: tuple[str, ...] = ()
    """What stands before it, in the same cell or in one to the left; several spellings."""
    match: str | None = None
    """The part of the text to take, as a regular expression."""
    part: int = 1
    """Which one of several, such as the second date of a period."""
    end_of_day: bool = False
    """The day belongs to the period: the moment is the next midnight."""

    @model_validator(mode="before")
    @classmethod
    def _labelled(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("label"), str):
            return {**given, "label": (given["label"],)}
        return given

    def _origins(self) -> tuple[bool, ...]:
        return (*super()._origins(), bool(self.label))


class FileShape(BaseModel):
    """How to read the partner's file, where it is not what its name's ending says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["csv", "jsonl", "parquet", "xlsx", "xml"] | None = None
    delimiter: str | None = None
    encoding: str = "utf-8"
    header: tuple[str, ...] = ()
    """CSV whose first line is a record already: what its columns are called."""
    sheet: str | None = None


class Mapping(BaseModel):
    """One partner's file format."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    source: str | None = None
    """Partner whose facts these are, unless the caller says another."""
    file: FileShape = FileShape()
    columns: dict[str, Source] = Field(default_factory=dict)
    head: dict[str, Label] = Field(default_factory=dict)
    """For a sheet that is a bank's statement: what stands around its table."""
    lines: dict[str, Source] = Field(default_factory=dict)
    """… and the table's own columns (`statement_sheet`)."""
    totals: tuple[str, ...] = ("итого", "всего", "барлығы", "жиыны", "жиынтығы", "total")
    """What the first row below the table begins with."""
    ignore: tuple[str, ...] = ()
    minimum: dict[str, int] = Field(default_factory=dict)
    """A lower bound of one of our columns in this source's files, where ours refuses too much."""


def load(text: str) -> Mapping:
    """Read a mapping file.

    Raises:
        InputRejected: it is no TOML, or says something that a mapping can't.
    """
    try:
        return Mapping.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputRejected("mapping", "", "mapping.toml", place=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputRejected("mapping", place, "mapping.entry", place=place) from error


def apply(mapping: Mapping, given: Given, first_row: int = 1) -> Given:
    """The batch under our names; `first_row` is its first record's number in the file.

    Raises:
        InputRejected: the file lacks a column that the mapping names.
    """
    return given_with(given, turn(mapping.columns, given.table, first_row), mapping)


def given_with(given: Given, table: pa.Table, mapping: Mapping) -> Given:
    """The same batch with other columns; what the mapping doesn't know is reported."""
    spelled = {spelling(name) for name in names_in(mapping)}
    names = (*given.unknown, *given.table.column_names)
    unknown = [name for name in names if spelling(name) not in spelled]
    return Given(table, given.places, given.broken, tuple(unknown))


def turn(columns: dict[str, Source], table: pa.Table, first_row: int) -> pa.Table:
    """Our columns, each made from its source."""
    made: dict[str, pa.Array] = {}
    # A sum is scaled by its currency's digits, so the currency is there before it.
    for name, source in sorted(columns.items(), key=lambda item: item[0] != "currency"):
        made[name] = _made(source, table, first_row, made.get("currency"))
    return pa.table({name: made[name] for name in columns})


def _made(source: Source, table: pa.Table, first_row: int, currency: pa.Array | None) -> pa.Array:
    rows = table.num_rows
    if source.row is not None:
        return numbered(source.row, first_row, rows)
    if source.constant is not None:
        return repeated(source.constant, rows)
    if source.until is not None:
        return _lasted(source, source.until, table)
    values = _picked(source, table)
    if source.values or source.otherwise is not None:
        values = _worded(values, source)
    if source.default is not None:
        values = pc.coalesce(filled_texts(values), pa.scalar(_word(source.default)))
    return _turned(source, values, currency)


def _turned(source: Source, values: pa.Array, currency: pa.Array | None) -> pa.Array:
    """Moments, lengths, sums and accounts as we write them."""
    if source.days_since is not None:
        return times.from_days(values, source.days_since)
    if source.time is not None:
        return times.from_moments(values, source.time, source.zone)
    if source.unit == "milliseconds":
        return lengths.from_milliseconds(values)
    if source.unit == "major" or source.negate or source.absolute:
        return sums.to_minor(values, source, currency)
    return values if source.local is None else local(values, source.local)


def _lasted(source: Source, until: str, table: pa.Table) -> pa.Array:
    begins, ends = (
        times.from_moments(filled_texts(one), str(source.time), source.zone)
        for one in (_picked(source, table), _column(until, table))
    )
    default = source.default if isinstance(source.default, int) else None
    return lengths.between(begins, ends, default)


def _picked(source: Source, table: pa.Table) -> pa.Array:
    values = _one(table.column(column_name(source, table)))
    if source.then is None:
        return values
    after = _column(source.then, table)
    return pc.binary_join_element_wise(filled_texts(values), filled_texts(after), " ")


def _column(name: str, table: pa.Table) -> pa.Array:
    return _one(table.column(column_name(Source.model_validate(name), table)))


def column_name(source: Source, table: pa.Table) -> str:
    """Which of the source's names the file has, spelled as the file spells it."""
    spelled: dict[str, str] = {spelling(name): name for name in reversed(table.column_names)}
    for name in source.from_:
        if (found := spelled.get(spelling(name))) is not None:
            return found
    wanted = " / ".join(source.from_)
    raise InputRejected("file", wanted, "file.column_missing", column=wanted)


def spelling(name: str) -> str:
    """A column's name without the differences that people don't see: case, spaces, colon."""
    return " ".join(name.split()).rstrip(":").casefold()


def _one(values: pa.ChunkedArray) -> pa.Array:
    combined = values.combine_chunks()
    return combined if isinstance(combined, pa.Array) else pa.concat_arrays(combined.chunks)


def _word(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _worded(values: pa.Array, source: Source) -> pa.Array:
    ours = {spelling(word): _word(value) for word, value in source.values.items()}
    rest = None if source.otherwise is None else _word(source.otherwise)
    coded = pc.dictionary_encode(filled_texts(values))
    given = coded.dictionary.to_pylist()
    turned = [ours.get(spelling(_flagged(text)), text if rest is None else rest) for text in given]
    return pa.DictionaryArray.from_arrays(coded.indices, pa.array(turned, pa.string()))


def _flagged(text: str) -> str:
    """A flag that stands among texts, as a mapping spells it."""
    return text.removeprefix(NESTED) if text in FLAGS else text


def names_in(mapping: Mapping | None) -> frozenset[str]:
    """All of the partner's column names that a mapping knows."""
    return frozenset() if mapping is None else names_used(mapping) | set(mapping.ignore) - {""}


def names_used(mapping: Mapping) -> frozenset[str]:
    """Those that something is made of."""
    sources = (*mapping.columns.values(), *mapping.lines.values())
    named = (name for one in sources for name in (*one.from_, one.then or "", one.until or ""))
    return frozenset(named) - {""}
