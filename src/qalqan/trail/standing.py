"""What bounds a hold at an account besides the trail: its balance as far as its bank tells, and the
wages that still lie there (REQ-44).

A statement's closing balance and the balance beside a payment are what a bank has told; what is
known to have come and gone since is added and taken. A wage or a benefit that still lies in the
account is never held (DESIGN section 7, 2). Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from qalqan.trail.around import Around, Told
from qalqan.trail.body import Trail
from qalqan.trail.restraint import others_of
from qalqan.trail.semantics import Root, Transfer

PROTECTED = frozenset({"salary", "benefit"})
"""Instruments of money that stays payable whatever else lies in the account."""


class Standing(NamedTuple):
    """What bounds a hold at one account, minor units."""

    balance: int | None
    """Told, and moved on by what is known since; None: nobody told one."""
    balance_us: int | None
    """When it was told."""
    spared: int
    """Wages and benefits that still lie there."""
    others: int = 0
    """How many others have paid it lately (`trail.restraint`)."""


NOTHING_TOLD = Standing(None, None, 0)


def standings(
    trail: Trail, around: Around, rule: str, accounts: Collection[str]
) -> dict[str, Standing]:
    """What bounds holds at these accounts; those of which nothing is told are left out.

    `around` has all payments that name them, not only those that carried stolen units.
    """
    wanted = set(accounts)
    moves = _moves(trail, around, rule, wanted)
    others = others_of(trail, around.transfers, wanted)
    found = {}
    for account in sorted(wanted):
        of, mine = around.told.get(account), moves.get(account, [])
        spared = _spared(mine)
        if of is not None or spared or account in others:
            since = None if of is None else of.balance + _since(mine, of)
            found[account] = Standing(since, of and of.at_us, spared, others.get(account, 0))
    return found


class _Move(NamedTuple):
    """One payment as an account sees it."""

    at_us: int
    units: int
    """In, or out if negative."""
    own: int
    """Of these what is not stolen."""
    protected: bool
    facts: tuple[str, ...]


def _moves(trail: Trail, around: Around, rule: str, accounts: set[str]) -> dict[str, list[_Move]]:
    """Account → all that is known to have come and gone, in order."""
    found: defaultdict[str, list[_Move]] = defaultdict(list)
    gone, came = _stolen(trail, rule)
    roots: dict[tuple[str | None, str], int] = {}
    for root in trail.roots:
        roots[root.payer, root.payee] = root.amount
    for x in around.transfers:
        if x.payer in accounts:
            own = x.amount - gone.get(x.id, 0)
            found[x.payer].append(_Move(x.at_us, -x.amount, -own, False, x.facts))
        if x.payee in accounts:
            of_root = min(x.amount, roots.get((x.payer, x.payee), 0))
            own = x.amount - max(of_root, came.get(x.id, 0))
            kind = x.instrument in PROTECTED
            at_us = _booked_us(x, around.booked)
            found[x.payee].append(_Move(at_us, x.amount, own, kind, x.facts))
    for root in _untold(trail, around.transfers):
        if root.payee in accounts:
            found[root.payee].append(_Move(root.at_us, root.amount, 0, False, ()))
    return {account: sorted(moves) for account, moves in found.items()}


def _booked_us(x: Transfer, booked: Mapping[str, int]) -> int:
    """When its payee's bank booked it: balances are told by that clock, and where the payer's goes
    ahead, what came before a balance must not be added to it once more."""
    return next((booked[fact] for fact in x.facts if fact in booked), x.arrived_us)


def _stolen(trail: Trail, rule: str) -> tuple[dict[str, int], dict[str, int]]:
    """Transfer → stolen units that left with it, and that arrived."""
    gone: defaultdict[str, int] = defaultdict(int)
    came: dict[str, int] = {}
    for (payment, ending), units in trail.rules[rule].legs.items():
        gone[payment] += sum(units.values())
        if ending is None:
            came[payment] = sum(units.values())
    return gone, came


def _untold(trail: Trail, transfers: Iterable[Transfer]) -> Iterator[Root]:
    """Victims' payments of which only the confirmation is known yet."""
    told = {(x.payer, x.payee) for x in transfers}
    return (root for root in trail.roots if (root.payer, root.payee) not in told)


def _since(moves: Iterable[_Move], told: Told) -> int:
    """What is known to have come (less what went) after a balance was told."""
    return sum(m.units for m in moves if m.at_us > told.at_us and told.fact not in m.facts)


def _spared(moves: Iterable[_Move]) -> int:
    """Wages and benefits that are left when all other own money has gone first. Own money that
    nobody told of is not counted, so this is at least what is certain to lie there still."""
    other = protected = 0
    for move in moves:
        if move.protected:
            protected += move.own
        elif move.own >= 0:
            other += move.own
        else:
            out = -move.own
            from_other = min(out, other)
            other -= from_other
            protected -= min(protected, out - from_other)
    return protected


def told_of(document: Mapping[str, Any], account: str) -> Standing:
    """What a kept trail says of an account's balance (`standings` in the document)."""
    told = document.get("standings", {}).get(account)
    return NOTHING_TOLD if told is None else Standing(*told)
