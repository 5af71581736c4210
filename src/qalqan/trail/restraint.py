"""Where a machine holds nothing by itself: accounts that many others pay, and what lies beyond them
(section 11 of `docs/reference/trail.md`, REQ-44).

Taint-first finds the chain, and errs towards following too far: what a drop spends at a shop, or
changes with a trader, is followed on to the customers of both. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from qalqan.trail.body import Trail
from qalqan.trail.semantics import Transfer

BY = frozenset({"transfer", "wallet"})
"""Instruments by which people pay one another; wages, refunds and card takings are not."""


def others_of(
    trail: Trail, transfers: Collection[Transfer], accounts: Collection[str]
) -> dict[str, int]:
    """Account → how many others have paid it within the policy's window: payers who are neither
    followed nor victims. Accounts that none has paid are left out."""
    since_us = trail.as_of_us - trail.policy.window_us
    ours = {*trail.hops, *(root.payer for root in trail.roots)}
    payers: dict[str, set[str]] = {}
    for x in transfers:
        if x.payer is None or x.payee is None or x.payer in ours or x.payee not in accounts:
            continue
        if x.arrived_us > since_us and x.instrument in BY:
            payers.setdefault(x.payee, set()).add(x.payer)
    return {account: len(of) for account, of in sorted(payers.items())}


def left_to_people(
    hops: Mapping[str, int],
    others: Mapping[str, int],
    sources: Mapping[str, Mapping[str, int]],
    most: int,
) -> frozenset[str]:
    """Accounts whose money people have to decide on: those that more than `most` others pay, and
    those most of whose units came from such accounts, however many steps on. The account that a
    victim paid is never one.

    `sources`: account → payer → units that arrived from there.
    """
    later = {account for account, hop in hops.items() if hop > 1}
    left = {account for account in later if others.get(account, 0) > most}
    fresh = bool(left)
    while fresh:
        beyond = {a for a in later - left if _mostly(sources.get(a, {}), left)}
        left |= beyond
        fresh = bool(beyond)
    return frozenset(left)


def _mostly(units: Mapping[str, int], left: Collection[str]) -> bool:
    return 2 * sum(n for payer, n in units.items() if payer in left) > sum(units.values())
