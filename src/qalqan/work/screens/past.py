"""Facts of the past asked about as if they came now, one after the other in order of their time.

Each question sees only what had happened before it: windows of hours know every earlier fact, the
memory of weeks those of earlier hours (an owner's learns a second or two late, and a payee is
known after a day at the soonest). Nothing is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from qalqan.clock import HOUR
from qalqan.lake.engine import Engine
from qalqan.screening.asked import HOME, Asked, LoanAsked, PaymentAsked
from qalqan.screening.policy import ScreenPolicy
from qalqan.screening.state import State
from qalqan.screening.verdict import Verdict
from qalqan.work.screens import feed, journal, notes
from qalqan.work.screens.stretch import FreshFacts

Facts = Mapping[str, pa.Table]
"""Facts by kind."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "session": (*notes.COLUMNS["session"], "device", "outcome"),
    "call": notes.COLUMNS["call"],
    "loan": (*notes.COLUMNS["loan"], "id", "currency", "device"),
    "payment": (*notes.COLUMNS["payment"], "payer_holder", "payee_country", "balance"),
}
"""What is looked at of each kind; of a loan and a payment all that the question takes."""
_ORDER = {kind: n for n, kind in enumerate(notes.COLUMNS)}
"""Of facts of one moment: what a question should know comes first."""


class Told(NamedTuple):
    """A question that was never asked, and its answer."""

    asked: Asked
    verdict: Verdict


@dataclass
class Counts:
    """How the answers came out."""

    verdicts: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    shadow: Counter[str] = field(default_factory=Counter)

    def add(self, verdict: Verdict) -> None:
        """Count one answer."""
        self.verdicts[verdict.answer.word] += 1
        self.rules.update(verdict.rules)
        self.shadow.update(verdict.shadow)


def screened(
    state: State, policy: ScreenPolicy, kind: str, pieces: Iterable[Facts]
) -> Iterator[Told]:
    """The verdict on each payment or loan of pieces that follow one another in time."""
    for piece in pieces:
        for facts in _hours(piece):
            yield from _hour(state, policy, kind, facts)


def of_lake(engine: Engine, up_to_seal: int) -> Iterator[Facts]:
    """All facts that the screens look at, day by day."""
    tables = {kind: engine.table(kind, up_to_seal=up_to_seal) for kind in COLUMNS}
    ends = [engine.run(one.agg(first=one.day.min(), last=one.day.max())) for one in tables.values()]
    days = [end[name][0].as_py() for end in ends for name in ("first", "last")]
    known: list[date] = [day for day in days if day is not None]
    for n in range((max(known) - min(known)).days + 1 if known else 0):
        day = min(known) + timedelta(days=n)
        yield {
            kind: engine.run(engine.table(kind, day, day, up_to_seal).select(*columns))
            for kind, columns in COLUMNS.items()
        }


def _hours(piece: Facts) -> Iterator[Facts]:
    """Hour by hour, each kind in order of time."""
    tables = {kind: table.sort_by("at_us") for kind, table in piece.items() if len(table)}
    hours = {kind: table["at_us"].to_numpy() // HOUR for kind, table in tables.items()}
    for hour in np.unique(np.concatenate([np.empty(0, np.int64), *hours.values()])):
        ends = {kind: np.searchsorted(of, [hour, hour + 1]) for kind, of in hours.items()}
        yield {kind: tables[kind].slice(a, b - a) for kind, (a, b) in ends.items() if b > a}


def _hour(state: State, policy: ScreenPolicy, kind: str, facts: Facts) -> Iterator[Told]:
    now_us = 0
    for now_us, _, of, row in sorted(_events(facts), key=lambda event: event[:2]):
        asked = _ASKED[of](row) if of == kind else None
        if asked is not None:
            yield Told(asked, _decided(state, policy, asked, now_us))
        noted = tuple(row[name] for name in notes.COLUMNS[of])
        notes.note(state, of, now_us, noted)
    feed.remember(state, FreshFacts(facts, now_us))


def _events(facts: Facts) -> Iterator[tuple[int, int, str, dict[str, Any]]]:
    for kind, table in facts.items():
        columns = [table[name].to_pylist() for name in COLUMNS[kind]]
        for values in zip(*columns, strict=True):
            row = dict(zip(COLUMNS[kind], values, strict=True))
            yield row["at_us"], _ORDER[kind], kind, row


def _decided(state: State, policy: ScreenPolicy, asked: Asked, now_us: int) -> Verdict:
    seen: journal.Seen
    if isinstance(asked, PaymentAsked):
        seen = state.payment(asked, now_us)
    else:
        seen = state.loan(asked, now_us)
    return journal.decided(seen, policy, now_us)


def _payment(row: dict[str, Any]) -> PaymentAsked | None:
    """As the payer's bank would have asked; a loan's payout is the other screen's."""
    if row["side"] not in notes.FROM_PAYER or row["payer_account"] is None:
        return None
    if row["instrument"] == "loan":
        return None
    after = row["balance"]
    return PaymentAsked(
        **{name: row[name] for name in _SAME},
        abroad=(row["payee_country"] or HOME) != HOME,
        balance=None if after is None else after + row["amount"],
    )


_SAME = (
    "source", "id", "at_us", "payer_account", "payee_account", "amount", "currency", "instrument",
    "payer_holder", "payee_holder",
)  # fmt: skip


def _loan(row: dict[str, Any]) -> LoanAsked:
    names = ("source", "id", "at_us", "applicant", "amount", "currency", "payout_account", "device")
    return LoanAsked(**{name: row[name] for name in names})


_ASKED: Mapping[str, Any] = {"payment": _payment, "loan": _loan}
