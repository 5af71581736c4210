"""Reach over gathered facts whose sides have to be joined first (sections 2 and 4 of
`docs/reference/trail.md`, REQ-39)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from qalqan.trail.index.facts import NOBODY
from qalqan.trail.index.joined_spread import joined_spread
from qalqan.trail.index.joins import FEW, join_few
from qalqan.trail.index.pool import View
from qalqan.trail.index.rows import (
    ACCOUNTS,
    FOLLOWED,
    ID_FROM,
    ID_TO,
    PAYEE,
    nothing_gathered,
    number_accounts,
    taken_in,
    with_room,
)
from qalqan.trail.index.walk import Walk
from qalqan.trail.semantics import Match, Root, Sought, TrailPolicy


class Reached(NamedTuple):
    """What was reached over joined facts."""

    hops: dict[str, int]
    """Transfer → its smallest hop."""
    stopped: frozenset[str]
    """Accounts that were reached and not passed through."""


def reach(
    view: View, roots: Sequence[Root], policy: TrailPolicy, home_banks: frozenset[str]
) -> Reached:
    """As `lake_walk.whole_reach`."""
    claims: dict[str, int] = {}
    for root in roots:
        claims[root.claim] = claims.get(root.claim, 0) + root.amount
    begun = Walk(view, roots, policy, view.bounds[1], home_banks)
    question = _Question(view, policy, begun.asked.home, policy.max_hops, min(claims.values()))
    return question.widened(begun.held, len(roots), np.empty((3, 0), np.int64), back=False)


def origins(
    view: View, sought: Sequence[Sought], policy: TrailPolicy, home_banks: frozenset[str]
) -> Reached:
    """As `lake_walk.whole_origins`."""
    names = list(dict.fromkeys(s.account for s in sought))
    codes = [
        NOBODY - 1 - i if code == NOBODY else code
        for i, code in enumerate(view.account_codes(names))
    ]
    held = with_room(nothing_gathered(), 0, len(codes), 0)
    local = dict(zip(names, number_accounts(held, np.array(codes)).tolist(), strict=True))
    starts = [[local[s.account] for s in sought], [s.at_us for s in sought],
              [s.amount for s in sought]]  # fmt: skip
    home = view.pool.homes(home_banks)[1:].copy()
    smallest = min(s.amount for s in sought)
    question = _Question(view, policy, home, policy.max_hops - 1, smallest)
    return question.widened(held, 0, np.array(starts, np.int64), back=True)


class _Question:
    """What is asked of the facts, whichever are gathered by then."""

    def __init__(
        self, view: View, policy: TrailPolicy, home: Any, max_hop: int, smallest: int
    ) -> None:
        match = policy.match or Match()
        self._view, self._policy, self._home, self._max_hop = view, policy, home, max_hop
        self._numbers = np.array([
            policy.window_us, max_hop, -(-policy.min_share_ppm * smallest // 1_000_000),
            policy.hub_payments, policy.match is not None, match.least_ppm, match.most_ppm,
            match.delay_us,
        ], np.int64)  # fmt: skip
        stops = view.account_codes(sorted(policy.stops))
        self._stops = np.array([code for code in stops if code != NOBODY], np.int64)

    def widened(self, held: Any, n_roots: int, starts: Any, back: bool) -> Reached:
        """Reach over what names an account reached, until none is added."""
        window_us = self._policy.match_window_us
        fresh = held.rows[PAYEE, :n_roots] if n_roots else starts[0]
        fresh = np.unique(fresh)
        while True:
            held = self._taken_in(held, fresh)
            if not join_few(held, window_us, FEW):
                from qalqan.trail.index.nearest import join_many

                join_many(held, window_us, FEW)
            found, nearest, stopped = joined_spread(
                held, n_roots, starts, self._numbers, self._stops, self._home, back
            )
            known = held.followed[: held.counts[ACCOUNTS]]
            codes = held.codes[: held.counts[ACCOUNTS]]
            near = (nearest <= self._max_hop) & (known < 0) & ~np.isin(codes, self._stops)
            fresh = np.flatnonzero(near)
            if not len(fresh):
                return self._told(held, found, stopped)

    def _taken_in(self, held: Any, fresh: Any) -> Any:
        """With all that is told of these accounts, which are no stops."""
        before = int(held.counts[FOLLOWED])
        fresh = fresh[~np.isin(held.codes[fresh], self._stops)]
        held.followed[fresh] = np.arange(before, before + len(fresh))
        held.counts[FOLLOWED] += len(fresh)
        codes = held.codes[fresh]
        known = codes[codes >= 0]
        return taken_in(held, self._view.gather(known), before) if len(known) else held

    def _told(self, held: Any, found: Any, stopped: Any) -> Reached:
        texts = [
            bytes(held.ids[held.rows[ID_FROM, row] : held.rows[ID_TO, row]]).decode()
            for row in found[0].tolist()
        ]
        codes = held.codes[np.flatnonzero(stopped)]
        names = self._view.account_names([code for code in codes.tolist() if code >= 0])
        return Reached(dict(zip(texts, found[1].tolist(), strict=True)), frozenset(names))
