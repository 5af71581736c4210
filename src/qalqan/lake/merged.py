"""Tellings of one kind checked as one table, and told apart again: each gets the receipt that it
would have got by itself, had they come one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa

from qalqan.exchange.given import Broken, Given, column_of, encodable
from qalqan.lake import quarantine
from qalqan.lake.checked import MOST_UNKNOWN, Terms
from qalqan.lake.identities import Known
from qalqan.lake.quarantine import Refused
from qalqan.lake.receipt import REFUSALS_SHOWN, Receipt
from qalqan.lake.settle import Draft, Settled, draft, settle
from qalqan.lake.telling import Telling, columns_of
from qalqan.trust.keys import Keys

Rows = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class Share:
    """What became of one telling's facts."""

    telling: Telling
    accepted: int
    duplicate: int
    refused: list[Refused]
    folded: dict[str, int] = field(default_factory=dict)

    def receipt(self, batch: str) -> Receipt:
        """The receipt of the one who told."""
        return Receipt(
            batch,
            len(self.telling.facts),
            self.accepted,
            self.duplicate,
            len(self.refused),
            tuple(one.refusal for one in self.refused[:REFUSALS_SHOWN]),
            _unknown(self.telling),
            self.folded,
        )


@dataclass(frozen=True)
class Merged:
    """Tellings whose facts were checked together; nothing of them is written yet."""

    tellings: Sequence[Telling]
    draft: Draft

    @property
    def kind(self) -> str:
        """All are facts of this kind."""
        return self.draft.kind

    @cached_property
    def owner(self) -> Rows:
        """For each row that was given, whose it is: a place in `tellings`."""
        counts = [len(telling.records) for telling in self.tellings]
        return np.repeat(np.arange(len(counts)), counts)

    @cached_property
    def leaders_owner(self) -> list[int]:
        """The same for each of the draft's leaders."""
        owners = self.owner[self.draft.checked.rows[self.draft.first]]
        return [int(owner) for owner in owners]

    def shares(self, known: Known) -> tuple[Settled, list[Share]]:
        """Everybody's share, by what others had brought before."""
        settled = settle(self.draft, known)
        rows = self.draft.checked.rows
        accepted = self._counted(rows[settled.accepted])
        duplicate = self._counted(rows[settled.duplicate])
        refused = self._refused(settled)
        folded = self._folded()
        return settled, [
            Share(telling, accepted[place], duplicate[place], refused[place], folded[place])
            for place, telling in enumerate(self.tellings)
        ]

    def _counted(self, rows: Rows) -> list[int]:
        counts: list[int] = np.bincount(self.owner[rows], minlength=len(self.tellings)).tolist()
        return counts

    def _refused(self, settled: Settled) -> dict[int, list[Refused]]:
        found: dict[int, list[Refused]] = defaultdict(list)
        given = self.draft.checked.given
        reasons = settled.reasons()
        records = [fact for one in self.tellings for _, fact in one.records] if reasons else []
        for row in sorted(reasons):
            refused = quarantine.of_record(given, row, records[row], reasons[row])
            found[int(self.owner[row])].append(refused)
        for place, telling in enumerate(self.tellings):
            for where, text in telling.broken:
                found[place].append(quarantine.of_broken(Broken(where, text, "file.json")))
        return found

    def _folded(self) -> dict[int, dict[str, int]]:
        found: dict[int, dict[str, int]] = defaultdict(dict)
        for name, mask in self.draft.checked.folded.items():
            for place, count in enumerate(self._counted(np.flatnonzero(mask))):
                if count:
                    found[place][name] = count
        return found


def merged(tellings: Sequence[Telling], keys: Keys) -> Merged:
    """Check tellings that are `alike`."""
    records = [record for telling in tellings for record in telling.records]
    facts = [fact for _, fact in records]
    names = sorted({name for fact in facts for name in fact} & columns_of(tellings[0].kind))
    columns = {name: column_of([fact.get(name) for fact in facts]) for name in names}
    table = pa.table(columns or {"id": pa.nulls(len(facts), pa.string())})
    given = Given(table, [place for place, _ in records])
    counts = [len(telling.records) for telling in tellings]
    sources = _spread([telling.source for telling in tellings], counts)
    terms = Terms(_spread([telling.own_bank for telling in tellings], counts))
    return Merged(tellings, draft(tellings[0].kind, sources, given, keys, terms))


def _spread(values: Sequence[str | None], counts: Sequence[int]) -> pa.Array:
    places = np.repeat(np.arange(len(counts)), counts)
    return pa.array(values, pa.string()).take(pa.array(places, pa.int64()))


def _unknown(telling: Telling) -> tuple[str, ...]:
    """What nobody asked for, in the order in which it came."""
    known = columns_of(telling.kind)
    names = dict.fromkeys(
        encodable(name) for _, fact in telling.records for name in fact if name not in known
    )
    return tuple(names)[:MOST_UNKNOWN]
