"""The eight kinds of fact as data: name, type, unit and meaning of every column (REQ-19).

One TOML file a kind. The lake's tables, the intake's checks, the reference page and both
engines read the same columns from here.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from qalqan.errors import ContractBroken

if TYPE_CHECKING:
    import ibis

KINDS = (
    "payment", "statement", "subscription", "call", "session", "loan", "listing", "sighting",
)  # fmt: skip
"""Every kind of fact, in the order in which people read them."""

_ARROW = {"string": pa.string(), "int64": pa.int64(), "bool": pa.bool_(), "date32": pa.date32()}
_IBIS = {"string": "string", "int64": "int64", "bool": "boolean", "date32": "date"}


@dataclass(frozen=True)
class Column:
    """One column of a kind of fact.

    `identifier` names what its text is read as: account, bank, country, currency, imei, imsi, ip,
    person (IIN or BIN), phone, subject; `vault` the class of the token that replaces it in the
    lake. `given` is false for what the system fills itself.
    """

    name: str
    type: str
    titles: dict[str, str] = field(repr=False)
    unit: str | None = None
    required: bool = False
    identifier: str | None = None
    vault: str | None = None
    enum: tuple[str, ...] | None = None
    minimum: int | None = None
    maximum: int | None = None
    max_length: int | None = None
    free_text: bool = False
    time: bool = False
    given: bool = True

    @property
    def arrow(self) -> pa.Field:
        return pa.field(self.name, _ARROW[self.type], nullable=not self.required)


@dataclass(frozen=True)
class Schema:
    """A kind of fact: its columns in the order of the lake's table."""

    kind: str
    titles: dict[str, str] = field(repr=False)
    columns: tuple[Column, ...]
    sorted_by: tuple[str, ...] = ("at_us",)
    """Order of rows within a data file: by what look-ups ask for."""
    row_group: int = 122_880
    """Rows of a row group: small ones where single accounts are looked up."""

    @cached_property
    def arrow(self) -> pa.Schema:
        """Of the lake's table, `day` and `seal` last."""
        return pa.schema([column.arrow for column in self.columns])

    @cached_property
    def ibis(self) -> ibis.Schema:
        """The same for expressions, every column nullable as both engines see it."""
        import ibis  # 0.8 s, which the intake of a web process need not pay

        return ibis.schema({column.name: _IBIS[column.type] for column in self.columns})

    @cached_property
    def given(self) -> tuple[Column, ...]:
        """Columns that a partner may send."""
        return tuple(column for column in self.columns if column.given)

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            ContractBroken: there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise ContractBroken(f"{self.kind} has no column {name}")


def _column(name: str, entry: dict[str, Any]) -> Column:
    titles = {language: entry.pop(language) for language in ("kk", "ru", "en")}
    if "enum" in entry:
        entry["enum"] = tuple(entry["enum"])
    return Column(name=name, titles=titles, **entry)


_DERIVED = {
    "phone": {
        "country": (
            "Нөмір иесінің елі, ISO 3166; нөмірлеу кестесі бойынша",
            "Страна номера, ISO 3166; по таблице нумерации",
            "Country of the number, ISO 3166; by the numbering table",
        ),
        "class": (
            "Нөмірдің класы, нөмірлеу кестесі бойынша",
            "Класс номера по таблице нумерации",
            "Class of the number, by the numbering table",
        ),
    },
    "imei": {
        "tac": (
            "Құрылғы моделінің коды (TAC): IMEI-дің алғашқы сегіз цифры",
            "Код модели устройства (TAC): первые восемь цифр IMEI",
            "Type code of the device (TAC): the first eight digits of the IMEI",
        ),
    },
}


def _with_derived(column: Column) -> list[Column]:
    """Phones and devices stand in the lake as tokens: of what class they are is kept beside, in
    clear."""
    beside = [
        Column(
            name=f"{column.name}_{suffix}",
            type="string",
            titles=dict(zip(("kk", "ru", "en"), titles, strict=True)),
            given=False,
        )
        for suffix, titles in _DERIVED.get(column.identifier or "", {}).items()
    ]
    return [column, *beside]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text("utf-8"))


def _schema(kind: str) -> Schema:
    common, own = _read("common"), _read(kind)
    columns = [_column(name, entry) for name, entry in common["first"].items()]
    for name, entry in own["columns"].items():
        columns += _with_derived(_column(name, entry))
    columns += [_column(name, entry) for name, entry in common["last"].items()]
    layout = {**own["layout"], "sorted_by": tuple(own["layout"]["sorted_by"])}
    return Schema(kind=kind, titles=own["kind"], columns=tuple(columns), **layout)


SCHEMAS: dict[str, Schema] = {kind: _schema(kind) for kind in KINDS}
"""Every kind of fact by its name."""
