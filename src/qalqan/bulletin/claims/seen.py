"""All that was read in a text: what the checks look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from qalqan.bulletin.claims.changes import changes
from qalqan.bulletin.claims.claim import Change, Claim, Mean, Series, Share, Total
from qalqan.bulletin.claims.means import means
from qalqan.bulletin.claims.mention import Number
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
        return tuple(shares(self.reading))

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        return tuple(changes(self.reading))

    @cached_property
    def totals(self) -> tuple[Total, ...]:
        return tuple(totals(self.reading))

    @cached_property
    def means(self) -> tuple[Mean, ...]:
        return tuple(means(self.reading))

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
        return frozenset((n.paragraph, n.digits) for claim in self.claims for n in of_claim(claim))


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
