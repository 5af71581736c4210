"""A file of facts read, checked and put in tokens as the intake does, and kept nowhere.

For whoever asks what would become of facts: nothing is written to register, vault or lake.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from qalqan.errors import InputRejected
from qalqan.lake.bulk import Done
from qalqan.lake.checked import Terms, check, decoded
from qalqan.lake.files import mapping_of, under_our_names
from qalqan.lake.memory import Memory
from qalqan.lake.readers import pieces
from qalqan.trust.keys import Keys


class Looked(NamedTuple):
    """A batch of a file."""

    facts: pa.Table
    """The lake's columns but `seal`."""
    read: int
    """Records of the file in it, those that are no facts included."""


def facts_in(
    path: Path, kind: str, keys: Keys, source: str | None = None, mapping: Path | None = None
) -> Iterator[Looked]:
    """The facts of a file, batch by batch, in its own order.

    Raises:
        InputRejected: as `files.take_file` does.
    """
    ours = mapping_of(mapping, kind)
    whose = source or (ours.source if ours else None)
    if not whose:
        raise InputRejected("source", source, "fact.missing")
    if ours and ours.lines:
        raise InputRejected("mapping", "lines", "mapping.kind", kind=kind)
    terms = Terms(minimum=dict(ours.minimum) if ours else {})
    memory = Memory()
    with path.open("rb") as file:
        for given in under_our_names(pieces(file, path, kind, ours, (), Done()), ours, kind):
            checked = check(kind, whose, given, keys, terms, memory)
            yield Looked(decoded(kind, checked.facts), given.read)
