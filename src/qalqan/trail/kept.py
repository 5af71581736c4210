"""Trails that one worker keeps: a question that is asked again costs only what is new (REQ-44).

A trail depends on its roots, its policy, and on what is told of the accounts it follows. Facts
are never changed, so the same number of them up to the same seal is the same facts: then only
the coverage has to be looked at anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from qalqan.trail.around import Around, booked
from qalqan.trail.body import Trail
from qalqan.trail.coverage import Covered
from qalqan.trail.following import Known
from qalqan.trail.lake_walk import Question, walk
from qalqan.trail.ledger import Ledger, Ledgers
from qalqan.trail.semantics import Root, TrailPolicy
from qalqan.trail.transfers import joined

if TYPE_CHECKING:
    from qalqan.lake.engine import Engine

MOST_TRAILS = 256
Told = tuple[int, int, int]
"""How many payments and statements are known of the followed accounts, and their newest seal."""


class Trails(Protocol):
    """Whatever follows money."""

    def follow(
        self,
        roots: Sequence[Root],
        policy: TrailPolicy,
        as_of_us: int,
        up_to_seal: int,
        home_banks: frozenset[str],
    ) -> Trail:
        """As `lake_walk.follow`."""

    def around(self, trail: Trail) -> Around:
        """All that is told of the accounts that a trail follows, as known at its seal."""


class KeptTrails:
    """Ledgers and trails of one worker; not shared between threads."""

    def __init__(self, engine: Engine) -> None:
        self._ledgers = Ledgers(engine)
        self._trails: dict[tuple[object, ...], tuple[Told, Trail]] = {}

    def follow(
        self,
        roots: Sequence[Root],
        policy: TrailPolicy,
        as_of_us: int,
        up_to_seal: int,
        home_banks: frozenset[str],
    ) -> Trail:
        """As `lake_walk.follow`.

        Raises:
            ValueError: no roots, or roots of several currencies.
        """
        question = Question(roots, policy, as_of_us)
        ledger = self._ledgers.at(question.currency, question.floor_us, up_to_seal)
        key = (tuple(sorted(root.id for root in roots)), policy, home_banks)
        told, trail = self._trails.get(key, (None, None))
        if trail is not None:
            known = question.known(ledger, trail.hops)
            if told == _told(ledger, known):
                covered = Covered(known.coverages)
                return replace(trail, as_of_us=as_of_us, seal=up_to_seal, covered=covered)
        if len(self._trails) >= MOST_TRAILS:
            self._trails.clear()
        trail = walk(question, ledger, home_banks)
        self._trails[key] = _told(ledger, question.known(ledger, trail.hops)), trail
        return trail

    def around(self, trail: Trail) -> Around:
        """What the ledger tells of the accounts of a trail that it was asked for."""
        question = Question(trail.roots, trail.policy, trail.as_of_us)
        ledger = self._ledgers.at(question.currency, question.floor_us, trail.seal)
        known = question.known(ledger, trail.hops)
        transfers = joined(known.facts, trail.policy.match_window_us)
        return Around(transfers, ledger.newest_balances(known).told, booked(known.facts))


def _told(ledger: Ledger, known: Known) -> Told:
    """Notices of whole banks tell only how far accounts are covered, and are left out."""
    statements = [coverage for coverage in known.coverages if coverage.account is not None]
    newest = ledger.newest_seal(Known(known.facts, statements))
    return len(list(known.facts)), len(statements), newest
