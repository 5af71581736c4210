"""A batch as given → the rows that can become facts, and a reason for each that can't (REQ-19).

Whole columns at a time; nothing is written anywhere. What a later step needs of a refused row
is its place and its own values, so the batch is kept beside the result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan import clock
from qalqan.clock import DAY
from qalqan.exchange.given import Given
from qalqan.lake import personal, rules
from qalqan.lake.columns import absent, distinct, nothing, plain, read, truths, whole
from qalqan.lake.memory import Memory
from qalqan.lake.refusals import Mask, Refusals
from qalqan.lake.rules import Columns, OwnBanks
from qalqan.lake.schemas import SCHEMAS, Column, Schema
from qalqan.trust.keys import Keys

EARLIEST_US = 946_684_800_000_000
"""2000-01-01: an earlier moment is a clock that was never set, or seconds taken for days."""

LATEST_AHEAD_US = DAY
"""How far ahead of now a moment may lie: zones and clocks differ by less."""


MOST_UNKNOWN = 100
"""Unknown columns named in a receipt."""


Source: TypeAlias = str | pa.StringArray
"""The partner that sent a batch, or of each row of `given` its own."""


@dataclass(frozen=True)
class Terms:
    """On what terms a batch is taken."""

    own_banks: OwnBanks = None
    minimum: dict[str, int] = field(default_factory=dict)
    """Lower bounds that replace the schema's, from a mapping file."""
    retold: bool = False
    """Messages of ISO 20022: the bank may tell a payment of its pacs.008 again in a camt.053."""


@dataclass(frozen=True)
class Checked:
    """Rows that passed, in the lake's columns but `seal` (text still dictionary-encoded; `decoded`
    makes it plain), and what became of the others."""

    given: Given
    facts: pa.Table
    rows: np.ndarray[tuple[int], np.dtype[np.int64]]
    """For each fact its row in `given`."""
    refusals: Refusals
    personal: tuple[tuple[str, pa.Array], ...]
    """Vault class and distinct canonical values of the facts: what the vault must hold."""
    folded: dict[str, Mask]
    """Columns in which look-alike letters were put right, and in which rows of `given`."""
    unknown: tuple[str, ...]


def check(
    kind: str, source: Source, given: Given, keys: Keys, terms: Terms, memory: Memory
) -> Checked:
    """Check a batch of one kind."""
    schema, table = SCHEMAS[kind], given.table
    refusals = Refusals(table.num_rows)
    columns, folded = _read(schema, table, refusals, terms)
    columns = rules.check(kind, columns, refusals, terms.own_banks)
    fine = refusals.fine
    if not fine.all():
        columns = {name: values.filter(pa.array(fine)) for name, values in columns.items()}
    held = tuple(_personal(schema, columns))
    columns["source"] = (
        pa.repeat(pa.scalar(source), int(fine.sum()))
        if isinstance(source, str)
        else source.filter(pa.array(fine))
    )
    facts = _facts(schema, columns, keys, memory)
    named = {column.name for column in schema.given}
    unknown = [*given.unknown, *(n for n in table.column_names if n not in named)]
    return Checked(
        given,
        facts,
        np.flatnonzero(fine),
        refusals,
        held,
        folded,
        tuple(unknown[:MOST_UNKNOWN]),
    )


def _read(
    schema: Schema, table: pa.Table, refusals: Refusals, terms: Terms
) -> tuple[Columns, dict[str, Mask]]:
    columns: Columns = {}
    folded: dict[str, Mask] = {}
    for column in _in_order(schema, terms):
        values = nothing(column, table.num_rows)
        if column.name in table.column_names and table[column.name].null_count < table.num_rows:
            values = read(whole(table[column.name]), column, refusals)
            if column.time:
                _in_time(values, column, refusals)
            if column.identifier is not None:
                values, where = personal.canonical(values, column, refusals)
                if where.any():
                    folded[column.name] = where
        if column.required and not _filled_later(schema.kind, column.name):
            refusals.add(absent(values), column.name, "fact.missing")
        columns[column.name] = values
    if schema.kind == "statement":
        columns["at_us"] = pc.coalesce(columns["at_us"], columns["to_us"])
    return columns, folded


def _in_order(schema: Schema, terms: Terms) -> list[Column]:
    """The columns a partner gives, with this batch's own bounds."""
    bounds = terms.minimum
    return [
        Column(**{**vars(column), "minimum": bounds[column.name]})
        if column.name in bounds
        else column
        for column in schema.given
    ]


def _filled_later(kind: str, name: str) -> bool:
    """What `rules` derives from other columns when the partner leaves it out."""
    return (kind, name) in {
        ("payment", "payer_bank"),
        ("statement", "bank"),
        ("statement", "at_us"),
    }


def _in_time(values: pa.Array, column: Column, refusals: Refusals) -> None:
    latest = clock.now_us() + LATEST_AHEAD_US
    outside = pc.or_(pc.less(values, EARLIEST_US), pc.greater(values, latest))
    refusals.add(truths(outside), column.name, "time.range")


def _personal(schema: Schema, columns: Columns) -> list[tuple[str, pa.Array]]:
    """Distinct values that the lake will hold as tokens only."""
    held = [
        (column.vault, distinct(columns[column.name]))
        for column in schema.given
        if column.vault is not None
    ]
    if schema.kind == "sighting":
        held += [
            (kind, pc.unique(plain(columns["subject"]).filter(pa.array(_of_kind(columns, kind)))))
            for kind in ("account", "phone")
        ]
    return [(klass, values) for klass, values in held if len(values)]


def _of_kind(columns: Columns, kind: str) -> Mask:
    return truths(pc.equal(plain(columns["subject_kind"]), kind))


def _facts(schema: Schema, columns: Columns, keys: Keys, memory: Memory) -> pa.Table:
    """The rows as the lake keeps them: tokens, masks, derived columns."""
    made: dict[str, pa.Array] = {}
    for column in schema.given:
        values = columns[column.name]
        if column.identifier == "phone":
            made[f"{column.name}_country"], made[f"{column.name}_class"] = personal.phone_columns(
                values
            )
        if column.identifier == "imei":
            made[f"{column.name}_tac"] = personal.type_codes(values)
        if column.vault is not None:
            values = memory.tokenised(keys, column.vault, values)
        if column.free_text:
            values = personal.masked(values)
        made[column.name] = values
    made |= _derived(schema.kind, columns, made)
    if schema.kind == "sighting":
        made["subject"] = _subjects(columns, keys, memory)
    made["source"] = columns["source"]
    made["day"] = pc.divide(made["at_us"], DAY).cast(pa.int32()).cast(pa.date32())
    return pa.table({name: made[name] for name in schema.arrow.names if name != "seal"})


def _derived(kind: str, columns: Columns, made: Columns) -> Columns:
    """What one kind alone keeps beside what its partners give."""
    if kind == "call":
        return {"caller_block": personal.blocks(columns["caller"])}
    if kind == "listing":
        return {"text_key": personal.text_keys(made["text"])}
    return {}


def decoded(kind: str, facts: pa.Table) -> pa.Table:
    """Checked facts with plain text, exactly in the schema of the lake's table but `seal`."""
    fields = [field for field in SCHEMAS[kind].arrow if field.name != "seal"]
    return facts.cast(pa.schema(fields))


def _subjects(columns: Columns, keys: Keys, memory: Memory) -> pa.Array:
    """Accounts and phones that were seen somewhere are personal too."""
    subjects = columns["subject"]
    found = plain(subjects)
    for kind in ("account", "phone"):
        of_kind = pa.array(_of_kind(columns, kind))
        made = plain(memory.tokenised(keys, kind, subjects))
        found = pc.if_else(of_kind, made, found)
    return found
