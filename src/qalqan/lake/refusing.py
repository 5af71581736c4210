"""What a batch of a long file sends to quarantine: whole columns, however many are refused.

The first records of a batch stand one by one, as those of a POST do. If there are more, the rest
is one sealed box with a table of them all (place, reason, the record): a file that is wrong from
end to end costs the register a row a batch, and nothing that was sent is lost.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
from sqlalchemy.orm import Session

from qalqan.exchange.given import Broken, Given, texts_of
from qalqan.lake import quarantine
from qalqan.lake.columns import whole
from qalqan.lake.quarantine import Refused
from qalqan.lake.receipt import REFUSALS_SHOWN, Receipt, Refusal
from qalqan.lake.refusals import Reason, Which
from qalqan.lake.settle import CONFLICT, Settled
from qalqan.trust.keys import Keys

ONE_BY_ONE = 200
"""Records of a batch that stand in quarantine each by itself."""

_TOGETHER = "file.many"
Rows = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class TurnedAway:
    """A batch's refused records."""

    count: int
    first: list[Refused]
    rest: Refused | None = field(repr=False)


def refused_of(settled: Settled) -> TurnedAway:
    """All that goes to quarantine: rows in their order, then what is broken."""
    given = settled.draft.checked.given
    which, reasons = _reasons(settled)
    rows = np.flatnonzero(which)
    alone = rows[:ONE_BY_ONE].tolist()
    first = [quarantine.of_row(given, row, reasons[which[row] - 1]) for row in alone]
    broken = given.broken[: ONE_BY_ONE - len(alone)]
    first += [quarantine.of_broken(one) for one in broken]
    count = len(rows) + len(given.broken)
    if count == len(first):
        return TurnedAway(count, first, None)
    fields = [f"{reason.field}: {reason.expected}" for reason in reasons]
    left = rows[ONE_BY_ONE:]
    table = _rows(given, left, pa.array(fields).take(pa.array(which[left] - 1)))
    both = pa.concat_tables(
        [table, _broken(given.broken[len(broken) :])], promote_options="default"
    )
    return TurnedAway(count, first, _together(both))


def _reasons(settled: Settled) -> tuple[Which, list[Reason]]:
    checked = settled.draft.checked
    numbers, reasons = checked.refusals.numbered
    conflicts = checked.rows[~settled.accepted & ~settled.duplicate]
    which = numbers.copy()
    which[conflicts] = len(reasons) + 1
    return which, [*reasons, CONFLICT]


def _rows(given: Given, rows: Rows, reasons: pa.Array) -> pa.Table:
    """Rows of a batch as text, with their places."""
    columns = {"_place": given.places_of(rows), "_refused": reasons}
    some = given.table.take(pa.array(rows))
    for name in some.column_names:
        columns[name] = texts_of(whole(some[name]))
    return pa.table(columns)


def _broken(broken: tuple[Broken, ...]) -> pa.Table:
    return pa.table(
        {
            "_place": pa.array([one.place for one in broken], pa.string()),
            "_refused": pa.array([f"record: {one.expected}" for one in broken], pa.string()),
            "_record": pa.array([one.text for one in broken], pa.string()),
        }
    )


def _together(table: pa.Table) -> Refused:
    sink = io.BytesIO()
    pacsv.write_csv(table, sink)
    places = table["_place"]
    place = f"{places[0].as_py()} … {places[-1].as_py()}"
    refusal = Refusal(place, "record", "", _TOGETHER, {"count": table.num_rows})
    return Refused(refusal, sink.getvalue().decode())


def keep(
    session: Session, keys: Keys, batch: str, kind: str, source: str, refused: TurnedAway
) -> None:
    """Put them in quarantine, in the transaction that counts them."""
    rest = [] if refused.rest is None else [refused.rest]
    quarantine.keep(session, keys, batch, kind, source, [*refused.first, *rest])


def receipt(settled: Settled, batch: str, refused: TurnedAway) -> Receipt:
    """The batch's receipt."""
    checked = settled.draft.checked
    return Receipt(
        batch,
        checked.given.read,
        int(settled.accepted.sum()),
        int(settled.duplicate.sum()),
        refused.count,
        tuple(one.refusal for one in refused.first[:REFUSALS_SHOWN]),
        checked.unknown,
        {name: int(rows.sum()) for name, rows in checked.folded.items()},
    )
