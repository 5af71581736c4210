"""What statements and feeds already tell of an account: how far it is covered; section 7 of
`docs/reference/trail.md` (REQ-44)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from qalqan.trail.semantics import COVERAGE_JOIN_US, Coverage


class Covered:
    """Unbroken periods of accounts, and of whole banks by their feeds."""

    def __init__(self, coverages: Iterable[Coverage]) -> None:
        self._accounts: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        banks: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for c in coverages:
            of = banks[c.bank] if c.account is None else self._accounts[c.account]
            of.append((c.from_us, c.to_us))
        self._banks = {bank: _merged(periods) for bank, periods in banks.items()}

    def to_us(self, account: str, bank: str, first_us: int) -> int | None:
        """End of the unbroken period that holds `first_us`; None if no period does."""
        periods = [*self._accounts.get(account, ()), *self._banks.get(bank, ())]
        for from_us, to_us in _merged(periods):
            if from_us <= first_us <= to_us:
                return to_us
        return None


def _merged(periods: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for from_us, to_us in sorted(periods):
        if merged and from_us < merged[-1][1] + COVERAGE_JOIN_US:
            merged[-1] = (merged[-1][0], max(merged[-1][1], to_us))
        else:
            merged.append((from_us, to_us))
    return merged
