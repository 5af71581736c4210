"""The list of all cases with its header of totals, from what is kept of each (REQ-15, 16)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from qalqan.cases import codes, queue, standing_totals
from qalqan.cases.queue import Asked
from qalqan.register import orm
from qalqan.register.database import Database
from qalqan.register.people import SignedIn
from qalqan.trail.policy import default
from qalqan.web.console.queue_view import title
from qalqan.web.console.reader import Reader
from qalqan.web.console.sums import SumBar, kept_bars, sum_bars

SORTS = ("new", "recoverable")
STATES = ("open", "closed")


@dataclass(frozen=True)
class Row:
    """One case of the list."""

    row: orm.CaseStanding
    title: str
    sums: tuple[SumBar, ...]
    """Empty until a payer's bank has confirmed a payment."""

    @property
    def told(self) -> tuple[tuple[str, int], ...]:
        """(currency, minor units) that its reports tell of."""
        return tuple(sorted(self.row.told.items()))


@dataclass(frozen=True)
class CaseList:
    """One page of the list."""

    rows: tuple[Row, ...]
    asked: Asked
    page: int
    pages: int
    cases: int


def asked_cases(
    sort: str = SORTS[0], state: str = "", region: str = "", method: str = "", owner: str = "",
    days: int = 0, page: int = 1,
) -> Asked:  # fmt: skip
    """What the list's address asks for; nonsense asks for what is usual."""
    return Asked(
        sort=sort if sort in SORTS else SORTS[0],
        state=state if state in STATES else "",
        region=region if region in codes.regions() else "",
        method=method[:12],
        owner=owner[:40],
        days=days if days in (1, 7, 30) else 0,
        page=max(1, min(page, 100_000)),
        archive=True,
    )


AskedCases = Annotated[Asked, Depends(asked_cases)]


def totals(database: Database, rule: str) -> tuple[SumBar, ...]:
    """Where all stolen money is, one bar a currency."""
    with database.session() as session:
        whole = standing_totals.totals(session)
    return sum_bars(whole, rule)


def case_list(
    session: Session,
    reader: Reader,
    officer: SignedIn,
    asked: Asked,
    only: Collection[str] | None = None,
) -> CaseList:
    """One page of all cases in view, or of those found: the newest first, or those with most money
    still to be had."""
    found = queue.listed(session, officer, asked, reader.now_us, only)
    rule = default().rule
    rows = (
        Row(row, title(reader, row), kept_bars({rule: row.sums[rule]}, rule)) for row in found.rows
    )
    return CaseList(tuple(rows), asked, found.page, found.pages, found.cases)


def methods_of(reader: Reader) -> list[tuple[str, str]]:
    """(code, name) of the methods that name cases, by name."""
    book = codes.code_book(reader.now_us)
    told = (
        (code, reader.method(code, book.version))
        for code, method in book.methods.items()
        if method["part"] == codes.METHOD
    )
    return sorted(told, key=lambda each: each[1])
