"""The trail over the lake, hop by hop, on DuckDB or Spark (REQ-39, REQ-44).

Each hop asks the engine once, for all payments that name an account reached in the hop before on
either side. Money is counted in Python: engines divide by way of doubles, and a unit must never
be lost.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from qalqan.trail.body import Trail
from qalqan.trail.coverage import Covered
from qalqan.trail.following import Known, banks_of, joining, step
from qalqan.trail.ledger import Ledger
from qalqan.trail.reach import Reached, origins, reached
from qalqan.trail.semantics import Root, Sought, TrailPolicy

if TYPE_CHECKING:
    from qalqan.lake.engine import Engine

NO_BANKS: frozenset[str] = frozenset()


def follow(
    engine: Engine,
    roots: Sequence[Root],
    policy: TrailPolicy,
    as_of_us: int,
    up_to_seal: int | None = None,
    home_banks: frozenset[str] = NO_BANKS,
) -> Trail:
    """Follow the money of all roots together, as known at `as_of_us` and `up_to_seal`.

    `home_banks` are the codes of banks and e-wallets that take part. One frozen lake is read
    from the first hop to the last.

    Raises:
        ValueError: no roots, or roots of several currencies: each is a question of its own.
    """
    question = Question(roots, policy, as_of_us)
    return walk(question, question.ledger(engine, up_to_seal), home_banks)


def walk(question: Question, ledger: Ledger, home_banks: frozenset[str]) -> Trail:
    """Follow a question over a ledger that begins early enough, as known at the ledger's seal."""
    roots, policy = question.roots, question.policy
    hops = {root.payee: 1 for root in roots}
    while True:
        known = question.known(ledger, hops)
        told = step(known, roots, policy, hops, home_banks)
        further = joining(told.rules, hops, roots, policy)
        if not further:
            break
        hops |= further
    seal = ledger.newest_seal(known) if ledger.seal is None else ledger.seal
    return Trail(
        policy, seal, question.as_of_us, question.currency, tuple(roots), hops,
        banks_of(hops, roots, told.payments.values()), told.payments,
        Covered(known.coverages), told.rules,
    )  # fmt: skip


def reach(
    engine: Engine,
    roots: Sequence[Root],
    policy: TrailPolicy,
    as_of_us: int,
    up_to_seal: int | None = None,
    home_banks: frozenset[str] = NO_BANKS,
) -> dict[str, int]:
    """Hop by id of every transfer that stolen money could have gone through, whatever its sum.

    Raises:
        ValueError: no roots, or roots of several currencies.
    """
    return whole_reach(engine, roots, policy, as_of_us, up_to_seal, home_banks).hops


def whole_reach(
    engine: Engine,
    roots: Sequence[Root],
    policy: TrailPolicy,
    as_of_us: int,
    up_to_seal: int | None = None,
    home_banks: frozenset[str] = NO_BANKS,
) -> Reached:
    """The same, and where reach was stopped.

    Raises:
        ValueError: no roots, or roots of several currencies.
    """
    question = Question(roots, policy, as_of_us)
    ledger = question.ledger(engine, up_to_seal)
    touched = {root.payee for root in roots}
    while True:
        facts = question.known(ledger, touched - policy.stops).facts
        found = reached(facts, roots, policy, home_banks)
        further = found.accounts(policy.max_hops) - touched
        if not further:
            return found
        touched |= further


def whole_origins(
    engine: Engine,
    sought: Sequence[Sought],
    policy: TrailPolicy,
    up_to_seal: int | None = None,
    home_banks: frozenset[str] = NO_BANKS,
) -> Reached:
    """Every transfer that these sums could have come through; section 4, back.

    Raises:
        ValueError: nothing is asked, or sums of several currencies.
    """
    currency, floor_us, last_us = bounds_of(sought, policy)
    ledger = Ledger(engine, currency, floor_us, last_us)
    ledger.advance(up_to_seal)
    touched = {s.account for s in sought}
    while True:
        asked = touched - policy.stops
        ledger.read(asked)
        facts = ledger.known(asked, floor_us, last_us, last_us).facts
        found = origins(facts, sought, policy, home_banks)
        further = found.accounts(policy.max_hops - 1) - touched
        if not further:
            return found
        touched |= further


def bounds_of(sought: Sequence[Sought], policy: TrailPolicy) -> tuple[str, int, int]:
    """Currency of the sums, and between which times payments count."""
    currencies = {s.currency for s in sought}
    if len(currencies) != 1:
        raise ValueError(f"sums of one currency are needed, not of {sorted(currencies)}")
    first_us, last_us = min(s.at_us for s in sought), max(s.at_us for s in sought)
    return currencies.pop(), first_us - policy.max_hops * policy.window_us, last_us


class Question:
    """Whose money, by which policy, as of when; and which part of the lake that is about.

    Raises:
        ValueError: no roots, or roots of several currencies.
    """

    def __init__(self, roots: Sequence[Root], policy: TrailPolicy, as_of_us: int) -> None:
        currencies = {root.currency for root in roots}
        if len(currencies) != 1:
            raise ValueError(f"roots of one currency are needed, not of {sorted(currencies)}")
        (self.currency,) = currencies
        self.roots = roots
        self.policy = policy
        self.first_us = min(root.at_us for root in roots)
        self.floor_us = self.first_us - policy.lookback_us
        self.as_of_us = as_of_us

    def ledger(self, engine: Engine, up_to_seal: int | None) -> Ledger:
        """A ledger of this question alone."""
        ledger = Ledger(engine, self.currency, self.floor_us, self.as_of_us)
        ledger.advance(up_to_seal)
        return ledger

    def known(self, ledger: Ledger, accounts: Collection[str]) -> Known:
        """What the lake tells of these accounts within the question's bounds."""
        ledger.read(accounts)
        return ledger.known(accounts, self.floor_us, self.first_us, self.as_of_us)
