"""Where a trail ends: cash, abroad, crypto and the rest; section 6 of `docs/reference/trail.md`
(REQ-39)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from qalqan.trail.semantics import Coverage, Transfer

HOME = "KZ"

_ALWAYS = {"cash_out": "cash", "crypto": "crypto", "fee": "fees"}
_FOR_VALUE = frozenset({"card", "salary", "benefit", "loan"})
"""Whoever got it gave goods, work or a released debt for it."""


def exit_of(x: Transfer, home_banks: frozenset[str]) -> str | None:
    """The exit that a transfer is by itself, whoever is followed; None if an account got it."""
    if x.instrument in _ALWAYS:
        return _ALWAYS[x.instrument]
    if x.payee_country is not None and x.payee_country != HOME:
        return "abroad"
    if x.instrument in _FOR_VALUE:
        return "spent"
    if x.instrument == "wallet" and x.payee_bank not in home_banks:
        return "wallet"
    return "unknown" if x.payee is None else None


def gaps(
    transfers: Sequence[Transfer], coverages: Iterable[Coverage], floor_us: int
) -> list[Transfer]:
    """What left an account in the period of its complete statement that lacks a line: one
    transfer to nobody at the statement's end."""
    checked = [
        c
        for c in coverages
        if c.account is not None
        and c.opening is not None
        and c.closing is not None
        and c.from_us >= floor_us
    ]
    booked = _booked(transfers, {c.account for c in checked})
    found = []
    for c in sorted(checked, key=lambda c: (c.to_us, c.from_us, c.id)):
        lines = booked[c.account]
        told = sum(units for at_us, units in lines if c.from_us <= at_us <= c.to_us)
        missing = (c.opening or 0) + told - (c.closing or 0)
        if missing > 0:
            lines.append((c.to_us, -missing))
            found.append(_gap(c, missing))
    return found


def _booked(
    transfers: Iterable[Transfer], accounts: set[str | None]
) -> Mapping[str | None, list[tuple[int, int]]]:
    """(time, units in or out) that each account's own bank told."""
    booked: defaultdict[str | None, list[tuple[int, int]]] = defaultdict(list)
    for x in transfers:
        if x.payee in accounts and x.told != "payer":
            booked[x.payee].append((x.arrived_us, x.amount))
        if x.payer in accounts and x.told != "payee":
            booked[x.payer].append((x.at_us, -x.amount))
    return booked


def _gap(c: Coverage, amount: int) -> Transfer:
    return Transfer(
        f"gap:{c.id}", c.to_us, c.account, c.bank, None, None, amount, c.currency, "gap", None,
        (), (), c.to_us, "payer",
    )  # fmt: skip
