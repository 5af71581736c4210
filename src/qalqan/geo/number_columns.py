"""Owner and class of whole columns of canonical phone numbers."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from qalqan.geo.numbering import number_class


def number_classes(numbers: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Countries and kinds (strings) of numbers as `identifiers.phone` writes them; null for null.

    A +7 number is decided by its code, so a column has at most a thousand of those to look up.
    """
    seven = pc.and_(pc.starts_with(numbers, "+7"), pc.equal(pc.binary_length(numbers), 12))
    deciding = pc.if_else(seven, pc.utf8_replace_slice(numbers, 5, 12, "0000000"), numbers)
    coded = deciding.dictionary_encode()
    found = [number_class(text) for text in coded.dictionary.to_pylist()]
    countries = pa.array([one.country for one in found], pa.string())
    kinds = pa.array([one.kind for one in found], pa.string())
    return countries.take(coded.indices), kinds.take(coded.indices)
