"""Ported numbers as they were told by machine: kept beside the tables until a list of ported
numbers says that it is newer (REQ-45).

A line of JSON each: number, code of the operator (none: back to whom its thousand was given to),
when. Of two words about a number the later one counts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple


class Port(NamedTuple):
    """A number that goes over to an operator."""

    number: int
    operator: str
    """Its code; empty: the number goes back."""
    at_us: int


def told(tables: Path) -> dict[int, Port]:
    """The last that was told of each number."""
    found: dict[int, Port] = {}
    for port in _lines(path_of(tables)):
        if port.number not in found or port.at_us >= found[port.number].at_us:
            found[port.number] = port
    return found


def path_of(tables: Path) -> Path:
    """Where they stand."""
    return tables.with_name(f"{tables.name}.ports")


def _lines(path: Path) -> Iterator[Port]:
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            yield Port(*json.loads(line))
        except (ValueError, TypeError):  # a line whose writer was killed in its middle
            continue


def keep(tables: Path, ports: Iterable[Port]) -> None:
    """Add some, on the disk when this returns; for whoever has the tables `alone`."""
    body = "".join("\n" + json.dumps(port) for port in ports) + "\n"
    row = os.open(path_of(tables), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(row, "w", encoding="ascii") as file:
        file.write(body)
        file.flush()
        os.fdatasync(file.fileno())


def over(values: dict[int, int], codes: Mapping[str, int], tables: Path, listed_us: int) -> None:
    """Put what was told since the list was written over what the list says, in `values` (flags << 8
    | operator); what is older is dropped for good."""
    every = told(tables)
    if not every:
        return
    later = {number: port for number, port in every.items() if port.at_us > listed_us}
    for number, port in later.items():
        values[number] = values.get(number, 0) & ~255 | codes.get(port.operator, 0)
    draft = path_of(tables).with_suffix(".draft")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    draft.write_text("".join(f"{json.dumps(port)}\n" for port in later.values()), "ascii")
    draft.replace(path_of(tables))
