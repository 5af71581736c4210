"""Whole columns of identifiers at once, equal to the scalar `canonical` row by row.

Clean rows, nearly all of a real column, are proven by numpy kernels (`kernels`) and pass
as they are; rows grouped by spaces or dashes are closed up and proven the same way. What
remains is read once for each distinct text and spread back to its rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.errors import ContractBroken, InputRejected
from qalqan.model.identifiers import (
    account,
    bank,
    bic,
    bin,
    card,
    host,
    iban,
    iin,
    imei,
    imsi,
    ip,
    person,
    phone,
    url,
    wallet,
)
from qalqan.model.identifiers.kernels import decided


class Identifier(Protocol):
    """What every canonical value tells."""

    @property
    def text(self) -> str: ...
    @property
    def folded(self) -> tuple[str, ...]: ...
    @property
    def kind(self) -> str: ...
    @property
    def country(self) -> str | None: ...


class Canonical(Protocol):
    """A module's `canonical`."""

    def __call__(self, text: str, *, field: str = ...) -> Identifier: ...


KINDS: dict[str, Canonical] = {
    "account": account.canonical,
    "bank": bank.canonical,
    "bic": bic.canonical,
    "bin": bin.canonical,
    "card": card.canonical,
    "host": host.canonical,
    "iban": iban.canonical,
    "iin": iin.canonical,
    "imei": imei.canonical,
    "imsi": imsi.canonical,
    "ip": ip.canonical,
    "person": person.canonical,
    "phone": phone.canonical,
    "url": url.canonical,
    "wallet": wallet.canonical,
}
"""Every kind of identifier, and the function that reads one."""


@dataclass(frozen=True)
class Column:
    """Three arrays as long as the input.

    `text` (string): canonical, null where refused or null; `refused` (string): the expected
    code of a refused row, else null; `folded` (bool): look-alikes were replaced.
    """

    text: pa.Array
    refused: pa.Array
    folded: pa.Array


def column(kind: str, values: pa.Array | pa.ChunkedArray) -> Column:
    """Read a column of strings (string, large_string or dictionary of strings) as `kind`.

    Raises:
        ContractBroken: no such kind, or not a column of strings.
    """
    if kind not in KINDS:
        raise ContractBroken(f"no kind of identifier is called {kind}")
    strings = _strings(values)
    fast = decided(kind, strings)
    slow = pc.and_(fast.is_null(), strings.is_valid())
    if not pc.any(slow).as_py():
        return Column(fast, pa.nulls(len(fast), pa.string()), _no(len(fast)))
    texts, refused, folded = _read(KINDS[kind], strings.filter(slow))
    return Column(
        pc.replace_with_mask(fast, slow, texts),
        pc.replace_with_mask(pa.nulls(len(fast), pa.string()), slow, refused),
        pc.replace_with_mask(_no(len(fast)), slow, folded),
    )


def _read(canonical: Canonical, strings: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    coded = strings.dictionary_encode()
    texts: list[str | None] = []
    refused: list[str | None] = []
    folded: list[bool] = []
    for text in coded.dictionary.to_pylist():
        try:
            found = canonical(text)
        except InputRejected as error:
            texts.append(None)
            refused.append(error.expected)
            folded.append(False)
        else:
            texts.append(found.text)
            refused.append(None)
            folded.append(bool(found.folded))
    rows = coded.indices
    return (
        pa.array(texts, pa.string()).take(rows),
        pa.array(refused, pa.string()).take(rows),
        pa.array(folded, pa.bool_()).take(rows),
    )


def _strings(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks)
    if pa.types.is_null(array.type):
        return pa.nulls(len(array), pa.string())
    kind = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        raise ContractBroken(f"identifiers are read from strings, not from {array.type}")
    return array.cast(pa.string())


def _no(rows: int) -> pa.Array:
    return pa.array(np.zeros(rows, bool))
