"""Identifiers read, and what is personal replaced: tokens for values, masks inside free text.

Each distinct value is worked on once. Where a phone belongs is kept beside its token
(DESIGN section 7: nothing personal in the lake in clear).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from babel import Locale

from qalqan.errors import InputRejected
from qalqan.geo.number_columns import number_classes
from qalqan.lake.columns import recoded, spread, truths
from qalqan.lake.refusals import Mask, Refusals
from qalqan.lake.schemas import Column
from qalqan.model import identifiers
from qalqan.model.money import MINOR_DIGITS
from qalqan.text.fold import search_key
from qalqan.text.mask import mask

_KEY_LENGTH = 16


def canonical(
    values: pa.DictionaryArray, column: Column, refusals: Refusals
) -> tuple[pa.DictionaryArray, Mask]:
    """A column of identifiers in canonical form, and which rows had look-alike letters."""
    kind = column.identifier
    if kind in ("currency", "country"):
        return _of_list(values, column, refusals), np.zeros(len(values), bool)
    if kind is None or kind == "subject":
        return values, np.zeros(len(values), bool)
    return read_as(kind, values, column.name, refusals)


def read_as(
    kind: str, values: pa.DictionaryArray, field: str, refusals: Refusals
) -> tuple[pa.DictionaryArray, Mask]:
    """The same for one kind of `identifiers.KINDS`."""
    texts = values.dictionary
    found = identifiers.column(kind, texts)
    for code in pc.unique(found.refused.drop_null()).to_pylist():
        bad = truths(pc.equal(found.refused, code))
        for params, of_them in _alike(kind, code, texts, bad):
            refusals.add(spread(of_them, values), field, code, **params)
    return recoded(values, found.text), spread(truths(found.folded), values)


def _alike(
    kind: str, code: str, texts: pa.Array, bad: Mask
) -> list[tuple[dict[str, object], Mask]]:
    """Refused values by what fills their sentence: only an IBAN's length has another one in
    each country."""
    rows = np.flatnonzero(bad)
    if code != "iban.length":
        return [(_params(kind, texts[int(rows[0])].as_py()), bad)]
    found: dict[str, tuple[dict[str, object], Mask]] = {}
    for row in rows.tolist():
        params = _params(kind, texts[row].as_py())
        found.setdefault(str(params), (params, np.zeros(len(bad), bool)))[1][row] = True
    return list(found.values())


def _params(kind: str, text: str) -> dict[str, object]:
    """What fills the sentence of a refusal."""
    try:
        identifiers.KINDS[kind](text)
    except InputRejected as error:
        return dict(error.params)
    return {}


def _of_list(values: pa.DictionaryArray, column: Column, refusals: Refusals) -> pa.DictionaryArray:
    known = frozenset(MINOR_DIGITS) if column.identifier == "currency" else countries()
    upper = pc.utf8_upper(values.dictionary)
    other = truths(pc.invert(pc.is_in(upper, pa.array(sorted(known)))))
    refusals.add(spread(other, values), column.name, f"{column.identifier}.code")
    return recoded(values, pc.if_else(pa.array(other), pa.scalar(None, pa.string()), upper))


@cache
def countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes (CLDR's regions, without its unions and private codes)."""
    regions = Locale.parse("en").territories
    unions = {"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"}
    return frozenset(code for code in regions if len(code) == 2 and code.isalpha()) - unions


def phone_columns(values: pa.DictionaryArray) -> tuple[pa.Array, pa.Array]:
    """Country and class of canonical numbers, a row each."""
    countries_, classes = number_classes(values.dictionary)
    return countries_.take(values.indices), classes.take(values.indices)


def blocks(values: pa.DictionaryArray) -> pa.Array:
    """Canonical numbers without their last four digits, a row each; null for short ones, of which
    too little would be hidden."""
    whole = pc.replace_substring_regex(values.dictionary, r"^(\+\d{4,})\d{4}$", r"\1")
    short = pc.equal(whole, values.dictionary)
    return pc.if_else(short, pa.scalar(None, pa.string()), whole).take(values.indices)


def type_codes(values: pa.DictionaryArray) -> pa.Array:
    """Type codes (TAC) of canonical IMEIs, a row each: 3GPP TS 23.003, 6.2.1."""
    return pc.utf8_slice_codeunits(values.dictionary, 0, 8).take(values.indices)


def masked(values: pa.DictionaryArray) -> pa.DictionaryArray:
    """Free text with phones, cards, IINs and IBANs masked."""
    return recoded(values, _each(mask, values.dictionary))


def text_keys(values: pa.DictionaryArray) -> pa.Array:
    """One key for texts that differ only in what people don't see (`text.fold.search_key`)."""
    return _each(_text_key, values.dictionary).take(values.indices)


def _text_key(text: str) -> str:
    letters = "".join(c for c in search_key(text) if c.isalnum())
    return hashlib.sha256(letters.encode()).hexdigest()[:_KEY_LENGTH]


def _each(change: Callable[[str], str], texts: pa.Array) -> pa.Array:
    return pa.array([change(text) for text in texts.to_pylist()], pa.string())
