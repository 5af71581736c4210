"""All that was read in a text: what the checks look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from qalqan.bulletin.claims.added import means_by_days, totals_by_sum
from qalqan.bulletin.claims.changes import changes
from qalqan.bulletin.claims.claim import Change, Claim, Mean, Series, Share, Total
from qalqan.bulletin.claims.means import means
from qalqan.bulletin.claims.mention import Number
from qalqan.bulletin.claims.ratios import ratios
from qalqan.bulletin.claims.reading import Reading
from qalqan.bulletin.claims.series import series
from qalqan.bulletin.claims.shares import shares
from qalqan.bulletin.claims.totals import totals
from qalqan.model.figure import Figure


@dataclass(frozen=True)
class Seen:
    """A text with its claims, and official figures to hold beside it."""

    reading: Reading
    known: Sequence[Figure] = ()

    @cached_property
    def shares(self) -> tuple[Share, ...]:
        loose = (claim for claim in self.ratios if isinstance(claim, Share))
        return (*self._worded_shares, *loose)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        loose = (claim for claim in self.ratios if isinstance(claim, Change))
        return (*self._worded_changes, *loose)

    @cached_property
    def ratios(self) -> tuple[Share | Change, ...]:
        """Shares and changes that only structure and arithmetic tell."""
        worded: tuple[Claim, ...] = (
            *self._worded_shares,
            *self._worded_changes,
            *self.means,
            *self.series,
        )
        return tuple(ratios(self.reading, _places(c for c in worded if _measured(c))))

    @cached_property
    def _worded_shares(self) -> tuple[Share, ...]:
        return tuple(shares(self.reading))

    @cached_property
    def _worded_changes(self) -> tuple[Change, ...]:
        return tuple(changes(self.reading))

    @cached_property
    def totals(self) -> tuple[Total, ...]:
        worded = tuple(totals(self.reading))
        told = {(t.whole.paragraph, t.whole.sentence) for t in worded}
        return (*worded, *totals_by_sum(self.reading, told))

    @cached_property
    def means(self) -> tuple[Mean, ...]:
        loose = tuple(means_by_days(self.reading))
        told = {(m.mean.paragraph, m.mean.sentence) for m in loose}
        worded = means(self.reading)
        return (*(m for m in worded if (m.mean.paragraph, m.mean.sentence) not in told), *loose)

    @cached_property
    def series(self) -> tuple[Series, ...]:
        return tuple(series(self.reading))

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """Everything that ties numbers together."""
        return (*self.shares, *self.changes, *self.totals, *self.means, *self.series)

    @cached_property
    def tied(self) -> frozenset[tuple[int, int]]:
        """Places (paragraph, digits) of the numbers that some claim ties."""
        return _places(self.claims)


def _measured(claim: Claim) -> bool:
    """Whether a claim tells the ratio that it is about."""
    return not isinstance(claim, Share | Change) or claim.told is not None


def _places(claims: Iterable[Claim]) -> frozenset[tuple[int, int]]:
    return frozenset((n.paragraph, n.digits) for claim in claims for n in of_claim(claim))


def of_claim(claim: Claim) -> tuple[Number, ...]:
    """The numbers that a claim ties."""
    if isinstance(claim, Share):
        return tuple(n for n in (claim.part, claim.whole, claim.told) if n is not None)
    if isinstance(claim, Change):
        return tuple(n for n in (claim.old, claim.new, claim.told) if n is not None)
    if isinstance(claim, Total):
        return (claim.whole, *claim.parts)
    if isinstance(claim, Mean):
        return tuple(n for n in (claim.mean, claim.total, claim.count) if n is not None)
    return tuple(p.value for p in claim.points if p.value is not None)
