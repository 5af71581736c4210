"""New, seen before, or in conflict: what a checked batch's facts turn out to be (REQ-19).

Identity is (kind, source, the source's id). The same identity and content counts once; the same
identity with other content is nobody's to choose between: it goes to quarantine, also inside
one batch, where the first one stands. A bank that tells one payment by several messages of ISO
20022 tells it once (`Terms.retold`): times and words differ, accounts and sum must not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from qalqan.exchange.given import Given
from qalqan.lake import quarantine
from qalqan.lake.checked import Checked, Source, Terms, check, decoded
from qalqan.lake.identities import Known, Marks, first_of_each, marks, same_money
from qalqan.lake.memory import Memory
from qalqan.lake.quarantine import Refused
from qalqan.lake.receipt import REFUSALS_SHOWN, Receipt
from qalqan.lake.refusals import Mask, Reason
from qalqan.trust.keys import Keys

CONFLICT = Reason("id", "fact.conflict")


@dataclass(frozen=True)
class Draft:
    """A checked batch with its marks; nothing of it is written anywhere yet."""

    kind: str
    source: Source
    checked: Checked
    found: Marks
    first: Mask
    """Facts that are the first of their identity in the batch."""
    leader: np.ndarray[tuple[int], np.dtype[np.int64]]
    """For each fact the first one of its identity."""
    retold: bool = False
    """Whether one payment may come again in other words: the same accounts and sum are enough."""

    @property
    def leaders(self) -> Marks:
        """Marks of the first facts: each identity once."""
        return self.found.of(self.first)

    def facts(self, which: Mask) -> pa.Table:
        """Some of the facts in the lake's columns but `seal`."""
        facts = self.checked.facts
        return decoded(self.kind, facts if which.all() else facts.filter(pa.array(which)))


@dataclass(frozen=True)
class Settled:
    """A draft once it is known what others have brought."""

    draft: Draft
    accepted: Mask
    duplicate: Mask
    extra: tuple[tuple[int, Reason], ...] = ()
    """Facts refused after all, by what other facts say (a statement by its lines)."""

    @property
    def facts(self) -> pa.Table:
        """Accepted facts in the lake's columns but `seal`."""
        return self.draft.facts(self.accepted)

    def reasons(self) -> dict[int, Reason]:
        """Why rows of `given` are refused."""
        checked = self.draft.checked
        late = {row for row, _ in self.extra}
        conflicts = np.flatnonzero(~self.accepted & ~self.duplicate)
        reasons = dict(checked.refusals)
        reasons |= {int(checked.rows[row]): CONFLICT for row in conflicts if row not in late}
        reasons |= {int(checked.rows[row]): reason for row, reason in self.extra}
        return reasons

    def refused(self) -> list[Refused]:
        """All that goes to quarantine, in the order of the batch."""
        checked, reasons = self.draft.checked, self.reasons()
        held = [quarantine.of_row(checked.given, row, reasons[row]) for row in sorted(reasons)]
        return held + [quarantine.of_broken(broken) for broken in checked.given.broken]

    def receipt(self, batch: str, refused: list[Refused]) -> Receipt:
        """The batch's receipt."""
        return Receipt(
            batch,
            self.draft.checked.given.read,
            int(self.accepted.sum()),
            int(self.duplicate.sum()),
            len(refused),
            tuple(one.refusal for one in refused[:REFUSALS_SHOWN]),
            self.draft.checked.unknown,
            {name: int(rows.sum()) for name, rows in self.draft.checked.folded.items()},
        )


def draft(
    kind: str, source: Source, given: Given, keys: Keys, terms: Terms, memory: Memory | None = None
) -> Draft:
    """Check a batch and mark its facts; `memory` of the same hand-in spares work."""
    checked = check(kind, source, given, keys, terms, memory or Memory())
    found = marks(keys, checked.facts)
    first, leader = first_of_each(found)
    return Draft(kind, source, checked, found, first, leader, terms.retold and kind == "payment")


def settle(draft: Draft, known: Known) -> Settled:
    """Sort the facts by what is `known` of the draft's leaders."""
    seen = np.zeros(len(draft.found), bool)
    seen[draft.first] = known.seen
    standing = draft.found.content.copy()
    standing[seen] = known.content[known.seen]
    leaders = standing[draft.leader]
    same = (draft.found.content == leaders).all(axis=1)
    if draft.retold:
        same |= same_money(draft.found.content, leaders)
    accepted = draft.first & ~seen
    return Settled(draft, accepted, same & ~accepted)


def without(settled: Settled, extra: list[tuple[int, Reason]]) -> Settled:
    """The same with some facts refused after all, whether new or seen before."""
    accepted, duplicate = settled.accepted.copy(), settled.duplicate.copy()
    for row, _ in extra:
        accepted[row] = duplicate[row] = False
    return Settled(settled.draft, accepted, duplicate, tuple(extra))
