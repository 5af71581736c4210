"""What a detector is: a pure function from tables of facts to a table of findings.

    @detector("payments.passes_through", reads={"payment": ("id", "amount", …)}, params=Params())
    def passes_through(payments: Table, p: Params) -> Table: …

It gets exactly the columns it declares, one table a kind, and returns `OUTPUT` plus a struct
`evidence`. It says what was seen, never that someone is guilty.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import ibis
from ibis import Table

from qalqan.errors import ContractBroken
from qalqan.model.finding import Finding

OUTPUT = ibis.schema(
    {
        "subject_kind": "string",
        "subject": "string",
        "score": "float64",
        "window_from_us": "int64",
        "window_to_us": "int64",
    }
)
"""Columns of findings, beside the struct `evidence`, whose fields are each detector's own.
Score is 0 to 1; the window is half open and in UTC microseconds."""

Reads = Mapping[str, tuple[str, ...]]
"""Kind of fact → its columns that a detector may see."""


@dataclass(frozen=True)
class Detector:
    """A detector as the registry holds it."""

    code: str
    reads: Reads
    params: Any
    """A frozen dataclass of thresholds."""
    function: Callable[..., Table]
    version: str
    """Hash of its source, the sources it shares with others, and its parameters; 16 hex digits."""

    def ask(self, tables: Mapping[str, Table]) -> Table:
        """The expression of its findings over `tables` (kind → facts).

        Raises:
            ContractBroken: a table lacks a column it reads, or it returns other columns.
        """
        inputs = [self._seen(kind, tables) for kind in self.reads]
        found = self.function(*inputs, self.params)
        self._check(found)
        return found.select(*OUTPUT.names, "evidence")

    def findings(self, rows: Iterable[Mapping[str, Any]], seal: int) -> Iterator[Finding]:
        """Rows of `ask`, run at `seal`, as findings of this version."""
        for row in rows:
            yield Finding(detector=self.code, version=self.version, seal=seal, **row)

    def _seen(self, kind: str, tables: Mapping[str, Table]) -> Table:
        if kind not in tables:
            raise ContractBroken(f"{self.code} reads {kind}, which is not given")
        lacking = set(self.reads[kind]) - set(tables[kind].columns)
        if lacking:
            raise ContractBroken(f"{kind} lacks {sorted(lacking)}, which {self.code} reads")
        return tables[kind].select(*self.reads[kind])

    def _check(self, found: Table) -> None:
        schema = found.schema()
        for name, kind in OUTPUT.items():
            if schema.get(name) is None or schema[name].copy(nullable=True) != kind:
                raise ContractBroken(f"{self.code} returns {name} as {schema.get(name)}")
        if set(schema.names) != {*OUTPUT.names, "evidence"} or not schema["evidence"].is_struct():
            raise ContractBroken(f"{self.code} returns {schema.names} instead of a finding")


LISTED = "listed"
"""Of a field of parameters: what its entries are."""


def listed(of: str) -> Any:
    """A parameter that is a list for the centre to fill in (`work.tuning` says how each kind of
    entry is written): no entries unless told."""
    return field(default=(), metadata={LISTED: of})


def detector(
    code: str, *, reads: Reads, params: Any, shares: tuple[ModuleType, ...] = ()
) -> Callable[[Callable[..., Table]], Detector]:
    """Make a function into the detector `code`, named after its folder and file.

    `shares` are modules whose code decides too: a change there is a new version.
    """

    def make(function: Callable[..., Table]) -> Detector:
        files = [sys.modules[function.__module__].__file__, *(one.__file__ for one in shares)]
        source = b"".join(Path(str(file)).read_bytes() for file in files)
        version = hashlib.sha256(source + repr(params).encode()).hexdigest()[:16]
        return Detector(code, dict(reads), params, function, version)

    return make
