"""An edge's directory with tables and a journal that tests write into, no Kamailio behind it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qalqan.edges.kamailio.directory import Edge, lay_out
from qalqan.edges.kamailio.journal import Journal
from qalqan.screening import call_plan
from qalqan.screening.calls import decisions, keeper
from qalqan.screening.calls.row import Standing, Trunk, pack
from qalqan.screening.calls.rules import CODES, RULES

FIXED = pack(Trunk.INTERNATIONAL, Standing.FIXED, Standing.FIXED, 0)
FOREIGN = pack(Trunk.INTERNATIONAL, Standing.FOREIGN, Standing.FOREIGN, 0)
CITY, CALLEE = 77272500000, 77011111111
TABLES = 1_700_000_000_000


def tables(path: Path, version: int = TABLES, live: Sequence[str] = CODES) -> None:
    """Tables with two trunks: `abroad`, of the operator tranzit, and `peer`."""
    keeper.write(path, keeper.Content(
        version, 1, 900, call_plan.codes(), b"", decisions.compiled(live),
        {"tranzit": 1, "dala": 2},
        (keeper.Trunk("abroad", ("10.0.0.1",), Trunk.INTERNATIONAL, 1),
         keeper.Trunk("peer", ("10.0.0.2",), Trunk.DOMESTIC)),
        fed_s={2: 1_700_000_000},
    ))  # fmt: skip


@dataclass
class Written:
    """An edge's directory; what is noted stands in its journal."""

    folder: Path
    number: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    most_bytes: int = 2**20

    def __post_init__(self) -> None:
        lay_out(self.folder, Edge("127.0.0.1:5060", "sip:127.0.0.1:5080"))
        tables(self.folder / "calls.tables")
        self.journal = Journal(self.folder / "journal", most_bytes=self.most_bytes)

    def note(
        self, code: str | None, at_us: int, caller: int = CITY, callee: int = CALLEE,
        trunk: int = 1, row: int | None = None, presented: int | None = None,
    ) -> None:  # fmt: skip
        """One verdict; `code`: the rule that decided, None: no rule did."""
        place = decisions.NONE if code is None else CODES.index(code)
        answer = 0 if code is None else RULES[place].answer
        row = (FOREIGN if code is None else FIXED) if row is None else row
        shown = caller if presented is None else presented
        self.journal.note(
            f"{at_us}\t{answer:d}\t{place}\t{row}\t1\t{TABLES}\t{trunk}\t{caller}\t{shown}\t"
            f"{callee}\t0\t-1\tid-{next(self.number)}"
        )
