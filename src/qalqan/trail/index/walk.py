"""Whom the money was attributed to, step by step, over columns; section 5 of
`docs/reference/trail.md` (REQ-39, REQ-44).

Equal to `qalqan.trail.lake_walk`, compiled. Of each step only the newly followed accounts are
asked for; nothing loops over facts in Python.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qalqan.trail.index.facts import NOBODY, Source, reference_key
from qalqan.trail.index.joins import FEW, join_few
from qalqan.trail.index.moves import Asked
from qalqan.trail.index.rows import (
    ALONE,
    AMOUNT,
    AT,
    FOLLOWED,
    ID_FROM,
    ID_TO,
    OCTETS,
    PARTNER,
    PAYEE,
    PAYER,
    ROOT_SIDE,
    ROWS,
    SIDE,
    UETR,
    UETR_LOW,
    VOLUME,
    Gathered,
    nothing_gathered,
    number_accounts,
    taken_in,
    with_room,
)
from qalqan.trail.index.step import Step, step
from qalqan.trail.semantics import Coverage, Root, TrailPolicy

MOST_VOLUME = 2**61 >> 20
"""Sums of all facts gathered (in 2^20 units) beyond which 64 bits might not hold a book."""


class TooMuchMoney(ArithmeticError):
    """All sums together are above 2·10^18 units: the plain walk counts them."""


@dataclass(frozen=True)
class Walked:
    """A question followed to its end, in numbers."""

    roots: tuple[Root, ...]
    """By their ids."""
    claims: tuple[str, ...]
    """By their ids: a claim's number is its place."""
    codes: NDArray[np.int64]
    """Followed account → its code in the source; below `NOBODY` for one that no fact names."""
    hops: NDArray[np.int64]
    """Followed account → how many transfers from the victim."""
    held: Gathered
    statements: tuple[Coverage, ...]
    """Of the followed accounts, in the order of `moves.ROW` of their gaps."""
    match_window_us: int
    found: Step
    """What `document` and plans need: `found.here` is (rule, followed account, claim, units)."""


class Walk:
    """One question on its way.

    Raises:
        ValueError: no roots, or roots of several currencies.
    """

    def __init__(
        self,
        source: Source,
        roots: Sequence[Root],
        policy: TrailPolicy,
        as_of_us: int,
        home_banks: Collection[str],
        few: int = FEW,
    ) -> None:
        currencies = {root.currency for root in roots}
        if len(currencies) != 1:
            raise ValueError(f"roots of one currency are needed, not of {sorted(currencies)}")
        self.source = source
        self.roots = tuple(sorted(roots, key=lambda root: root.id))
        self.policy = policy
        self.as_of_us = as_of_us
        self.few = few
        self.names = dict.fromkeys(
            [root.payer for root in self.roots] + [root.payee for root in self.roots]
        )
        told = source.account_codes(list(self.names))
        self.named = [NOBODY - 1 - i if code == NOBODY else code for i, code in enumerate(told)]
        self.claims = tuple(sorted({root.claim for root in roots}))
        self.held = self._begun()
        self.asked = self._asked(home_banks)
        self.hops = np.empty(0, np.int64)
        self.statements: list[Coverage] = []
        self.told: list[tuple[Coverage, int, int, int]] = []
        self.table = np.empty((10, 0), np.int64)

    def followed_to_the_end(self) -> Walked:
        """Follow until nobody joins.

        Raises:
            TooMuchMoney: more than 64 bits hold.
        """
        payees = list(dict.fromkeys(int(self.held.rows[PAYEE, i]) for i in range(len(self.roots))))
        joining, hops = np.array(payees, np.int64), np.ones(len(payees), np.int64)
        while True:
            self._follow(joining, hops)
            found = self._stepped()
            if not found.joining.shape[1]:
                break
            joining, hops = found.joining
        followed = self.held.followed[: self.held.counts[1]]
        accounts = np.empty(len(self.hops), np.int64)
        accounts[followed[followed >= 0]] = np.flatnonzero(followed >= 0)
        return Walked(
            self.roots, self.claims, self.held.codes[accounts], self.hops, self.held,
            tuple(self.statements), self.policy.match_window_us, found,
        )  # fmt: skip

    def _begun(self) -> Any:
        """The roots as the first rows."""
        roots, n = self.roots, len(self.roots)
        ids = [root.id.encode() for root in roots]
        held = with_room(nothing_gathered(), n, len(self.named), sum(map(len, ids)))
        local = dict(zip(self.names, number_accounts(held, np.array(self.named)), strict=True))
        rows = held.rows
        rows[:, :n] = NOBODY
        end = 0
        for i, root in enumerate(roots):
            rows[ID_FROM, i], end = end, end + len(ids[i])
            rows[[AT, AMOUNT, SIDE, PARTNER, ID_TO], i] = (
                root.at_us, root.amount, ROOT_SIDE, ALONE, end
            )  # fmt: skip
            rows[[PAYER, PAYEE], i] = local[root.payer], local[root.payee]
            rows[[UETR, UETR_LOW], i] = np.array(reference_key(root.uetr), np.uint64).view(np.int64)
        held.ids[:end] = np.frombuffer(b"".join(ids), np.uint8)
        held.counts[[ROWS, OCTETS]] = n, end
        return held

    def _asked(self, home_banks: Collection[str]) -> Asked:
        roots, policy = self.roots, self.policy
        amounts: defaultdict[str, int] = defaultdict(int)
        for root in roots:
            amounts[root.claim] += root.amount
        of = {claim: number for number, claim in enumerate(self.claims)}
        codes = [code for code in self.source.bank_codes(sorted(home_banks)) if code != NOBODY]
        home = np.zeros(max(codes, default=-1) + 1, np.bool_)
        home[codes] = True
        payers = self.held.rows[PAYER, : len(roots)]
        victim = np.full(len(self.named), -1, np.int64)
        repaid = np.zeros((len(roots), len(of)), np.bool_)
        for i, root in enumerate(roots):
            if victim[payers[i]] < 0:
                victim[payers[i]] = i
            repaid[victim[payers[i]], of[root.claim]] = True
        first = min(root.at_us for root in roots)
        least = [max(1, -(-policy.min_share_ppm * amounts[c] // 1_000_000)) for c in self.claims]
        return Asked(
            first, first - policy.lookback_us, policy.window_us, policy.max_hops, home,
            np.array([of[root.claim] for root in roots], np.int64), np.array(least, np.int64),
            victim, repaid,
        )  # fmt: skip

    def _follow(self, joining: Any, hops: Any) -> None:
        """Take in what is told of newly followed accounts."""
        held, before = self.held, len(self.hops)
        held.followed[joining] = np.arange(before, before + len(joining))
        held.counts[FOLLOWED] += len(joining)
        self.hops = np.concatenate((self.hops, hops))
        codes = held.codes[joining]
        known = codes[codes >= 0]
        if len(known):
            self.held = taken_in(held, self.source.gather(known), before)
        if self.held.counts[VOLUME] > MOST_VOLUME:
            raise TooMuchMoney
        self._take_statements(joining, codes)

    def _take_statements(self, joining: Any, codes: Any) -> None:
        names = list(self.names)
        by_code = dict(zip(self.named, names, strict=True))
        unnamed = [int(code) for code in codes if int(code) not in by_code]
        by_code.update(zip(unnamed, self.source.account_names(unnamed), strict=True))
        new = [
            told
            for told in self.source.statements([by_code[int(code)] for code in codes])
            if self.asked.first_us <= told.to_us <= self.as_of_us
        ]
        if not new:
            return
        local = {by_code[int(code)]: int(i) for code, i in zip(codes, joining, strict=True)}
        lines = [(told, local[told.account or ""], *self._text(f"gap:{told.id}")) for told in new]
        self.told += lines
        self.told.sort(key=lambda line: (line[0].to_us, line[0].from_us, line[0].id))
        self.statements = [told for told, *_ in self.told]
        best = sorted(
            range(len(self.told)),
            key=lambda i: (
                -self.statements[i].from_us, -self.statements[i].to_us, self.statements[i].id
            ),
        )  # fmt: skip
        place = dict(zip(best, range(len(best)), strict=True))
        self.table = np.array(
            [
                (
                    account, c.from_us, c.to_us, c.opening or 0, c.closing or 0,
                    c.opening is not None, c.closing is not None, first, end, place[i],
                )
                for i, (c, account, first, end) in enumerate(self.told)
            ],
            np.int64,
        ).T.copy()  # fmt: skip

    def _text(self, text: str) -> tuple[int, int]:
        """Put a text among the ids."""
        octets = text.encode()
        self.held = with_room(self.held, 0, 0, len(octets))
        first = int(self.held.counts[OCTETS])
        self.held.ids[first : first + len(octets)] = np.frombuffer(octets, np.uint8)
        self.held.counts[OCTETS] += len(octets)
        return first, first + len(octets)

    def _stepped(self) -> Step:
        held, window_us = self.held, self.policy.match_window_us
        if not join_few(held, window_us, self.few):
            from qalqan.trail.index.nearest import join_many

            join_many(held, window_us, self.few)
        space = 4096 + 256 * len(self.claims) + 24 * int(held.counts[ROWS])
        while True:
            found: Step = step(held, self.asked, self.table, self.hops, space)
            if found.enough_space:
                return found
            space *= 4


def walk(
    source: Source,
    roots: Sequence[Root],
    policy: TrailPolicy,
    as_of_us: int,
    home_banks: Collection[str] = (),
) -> Walked:
    """Follow the money of all roots together over what `source` tells up to `as_of_us`.

    Raises:
        ValueError: no roots, or roots of several currencies.
        TooMuchMoney: more than 64 bits hold.
    """
    return Walk(source, roots, policy, as_of_us, home_banks).followed_to_the_end()
