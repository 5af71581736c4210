"""What is asked, where money ends, what statements lack: sections 1 and 6 of
`docs/reference/trail.md`. Part of the oracle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qalqan.trail.semantics import Coverage, Root, TrailPolicy, Transfer


@dataclass(frozen=True)
class Question:
    """What one attribution is asked over."""

    transfers: list[Transfer]
    are_roots: dict[str, Transfer]
    roots: Sequence[Root]
    coverages: Sequence[Coverage]
    policy: TrailPolicy
    followed: set[str]
    home_banks: frozenset[str]

    @property
    def floor(self) -> int:
        return min(root.at_us for root in self.roots) - self.policy.lookback_us

    def repaid_by(self, payment: Transfer) -> set[str]:
        """Claims whose root was paid from the account that this payment goes to."""
        return {root.claim for root in self.roots if root.payer == payment.payee}


def exit_of(x: Transfer, home_banks: frozenset[str]) -> str | None:
    """The first line of the table that fits, before who is followed is asked."""
    if x.instrument in {"cash_out", "crypto", "fee"}:
        return {"cash_out": "cash", "crypto": "crypto", "fee": "fees"}[x.instrument]
    if x.payee_country not in {None, "KZ"}:
        return "abroad"
    if x.instrument in {"card", "salary", "benefit", "loan"}:
        return "spent"
    if x.instrument == "wallet" and x.payee_bank not in home_banks:
        return "wallet"
    return "unknown" if x.payee is None else None


def gaps(question: Question) -> list[Transfer]:
    """What left followed accounts in the period of a complete statement that lacks its line."""
    found: list[Transfer] = []
    statements = [c for c in question.coverages if c.account in question.followed]
    for c in sorted(statements, key=lambda c: (c.to_us, c.from_us, c.id)):
        if c.opening is None or c.closing is None or c.from_us < question.floor:
            continue
        rest = c.opening - c.closing
        for x in [*question.transfers, *found]:
            if x.payee == c.account and x.told != "payer" and c.from_us <= x.arrived_us <= c.to_us:
                rest += x.amount
            if x.payer == c.account and x.told != "payee" and c.from_us <= x.at_us <= c.to_us:
                rest -= x.amount
        if rest > 0:
            found.append(_gap(c, rest))
    return found


def _gap(c: Coverage, amount: int) -> Transfer:
    return Transfer(
        id=f"gap:{c.id}", at_us=c.to_us, payer=c.account, payer_bank=c.bank, payee=None,
        payee_bank=None, amount=amount, currency=c.currency, instrument="gap",
        payee_country=None, facts=(), disagreement=(), arrived_us=c.to_us, told="payer",
    )  # fmt: skip
