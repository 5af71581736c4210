"""The columns of both sheets: names, headings, words, widths."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from qalqan.exchange.mapping import spelling
from qalqan.model.order import Asked, Kind, Outcome, SubjectKind
from qalqan.text.catalogue import LANGUAGES, entries, has, say


class Shape(StrEnum):
    """What a column's cells are."""

    TEXT = "text"
    SUM = "sum"
    """Minor units; in the sheet major ones, with the digits of the row's currency."""
    TIME = "time"
    """µs UTC; in the sheet Almaty's wall time, exact to the microsecond."""
    MOMENT = "moment"
    """The same, to the second: a term that people keep."""
    KIND = "kind"
    OUTCOME = "outcome"
    SIDE = "side"
    INSTRUMENT = "instrument"
    SUBJECT = "subject"
    DATA = "data"
    """Several of few words, commas between them."""


S = Shape
WORDED = frozenset({S.KIND, S.OUTCOME, S.SIDE, S.INSTRUMENT, S.SUBJECT})
"""Columns whose cells are one of few words."""


@dataclass(frozen=True)
class Column:
    """One column; its heading is `orders.sheet.column.<name>`."""

    name: str
    shape: Shape = Shape.TEXT
    width: int = 14
    """Characters."""


ASKED = (
    Column("order"), Column("case"), Column("kind", S.KIND, 20), Column("account", width=24),
    Column("amount", S.SUM, 16), Column("currency", width=8), Column("from", S.TIME, 20),
    Column("to", S.TIME, 20), Column("beneficiary", width=24), Column("reply_to"),
    Column("ground", width=22), Column("reason", width=60), Column("due", S.MOMENT, 20),
    Column("expires", S.MOMENT, 20), Column("subject", width=30),
    Column("subject_kind", S.SUBJECT, 18), Column("data", S.DATA, 40),
)  # fmt: skip
"""What the centre says."""
ANSWERED = (
    Column("outcome", S.OUTCOME, 24), Column("answer_amount", S.SUM, 16),
    Column("reference", width=18), Column("note", width=40), Column("opening", S.SUM, 16),
    Column("closing", S.SUM, 16), Column("peer", width=18),
)  # fmt: skip
"""What the partner fills in."""
LINES = (
    Column("order"), Column("id", width=22), Column("at", S.TIME, 20), Column("side", S.SIDE),
    Column("payer_account", width=24), Column("payer_bank", width=10),
    Column("payee_account", width=24), Column("payee_bank", width=10),
    Column("amount", S.SUM, 16), Column("currency", width=8),
    Column("instrument", S.INSTRUMENT, 20), Column("uetr", width=38), Column("end_to_end_id"),
    Column("payee_country", width=8), Column("payer_holder"), Column("payee_holder"),
    Column("purpose", width=40), Column("balance", S.SUM, 16),
)  # fmt: skip
"""One payment of a statement, or the one that was confirmed, returned, or took the money on."""

BY_NAME = {column.name: column for column in (*ASKED, *ANSWERED, *LINES)}
PROLONG = "prolong"
"""How a hold that prolongs another is called."""


def heading(name: str, language: str) -> str:
    """A column's heading."""
    return say(f"orders.sheet.column.{name}", language)


@cache
def names_by_heading() -> dict[str, str]:
    """Headings of all columns in all languages, spelled as `spelling` does → names."""
    return {spelling(heading(name, each)): name for name in BY_NAME for each in LANGUAGES}


def word(shape: Shape, code: str, language: str) -> str:
    """A code as people say it; a code that has no word stays."""
    key = words(shape).get(code)
    return code if key is None else say(key, language)


@cache
def codes(shape: Shape) -> dict[str, str]:
    """Words of a shape in all languages, and the codes themselves, spelled → codes."""
    keys = words(shape)
    worded = {spelling(say(key, each)): code for code, key in keys.items() for each in LANGUAGES}
    return {**worded, **{spelling(code): code for code in keys}}


@cache
def words(shape: Shape) -> dict[str, str]:
    """Code → key of its word in the catalogue."""
    if shape is S.OUTCOME:
        return {code: _outcome_key(code) for code in Outcome}
    if shape is S.KIND:
        return {code: f"orders.kind.{code}" for code in (*Kind, PROLONG)}
    if shape is S.SUBJECT:
        return {code: f"draft.subject.{code}" for code in SubjectKind}
    if shape is S.DATA:
        return {code: f"draft.data.{code}" for code in Asked}
    root = "orders.sheet.side." if shape is S.SIDE else "console.instrument."
    return {key.removeprefix(root): key for key in entries() if key.startswith(root)}


def _outcome_key(code: str) -> str:
    """Who gives a statement calls it otherwise than who gets it."""
    ours = f"orders.sheet.outcome.{code}"
    return ours if has(ours) else f"orders.outcome.{code}"
