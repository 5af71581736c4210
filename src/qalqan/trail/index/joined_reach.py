"""Reach over gathered facts whose sides have to be joined first (sections 2 and 4 of
`docs/reference/trail.md`, REQ-39)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from qalqan.trail.index.facts import INSTRUMENTS, SIDES, Facts, reference_key
from qalqan.trail.index.pool import View
from qalqan.trail.reach import Reached
from qalqan.trail.reach import origins as origins_among
from qalqan.trail.reach import reached as reached_among
from qalqan.trail.semantics import Fact, Root, Sought, TrailPolicy


def reach(
    view: View, roots: Sequence[Root], policy: TrailPolicy, home_banks: frozenset[str]
) -> Reached:
    """As `lake_walk.whole_reach`."""
    told = [replace(root, uetr=_text(*reference_key(root.uetr))) for root in roots]
    return _widened(
        view, {root.payee for root in roots}, policy, policy.max_hops,
        lambda facts: reached_among(facts, told, policy, home_banks),
    )  # fmt: skip


def origins(
    view: View, sought: Sequence[Sought], policy: TrailPolicy, home_banks: frozenset[str]
) -> Reached:
    """As `lake_walk.whole_origins`."""
    return _widened(
        view, {s.account for s in sought}, policy, policy.max_hops - 1,
        lambda facts: origins_among(facts, sought, policy, home_banks),
    )  # fmt: skip


def _widened(
    view: View, touched: set[str], policy: TrailPolicy, max_hop: int,
    reached: Callable[[list[Fact]], Reached],
) -> Reached:  # fmt: skip
    """Reach over what names an account reached, until none is added."""
    facts: list[Fact] = []
    view.gather(np.empty(0, np.int64))
    new = touched
    while True:
        codes = np.array(view.account_codes(sorted(new - policy.stops)), np.int64)
        facts += decoded(view, view.more(codes))
        found = reached(facts)
        new = found.accounts(max_hop) - touched
        if not new:
            return found
        touched = touched | new


def decoded(view: View, facts: Facts) -> list[Fact]:
    """Facts as values again; references are told by their keys."""
    accounts = _Names(view.account_names)
    banks, countries = _Names(view.bank_names), _Names(view.country_names)
    octets = facts.ids.tobytes()
    columns = [column.tolist() for column in facts[:-1]]
    return [
        Fact(
            octets[first:last].decode(), at_us, SIDES[side], accounts[payer], banks[payer_bank],
            accounts[payee], banks[payee_bank], amount, INSTRUMENTS[instrument],
            _text(*uetr), _text(*end_to_end), countries[country],
            view.pool.currency,
        )
        for (at_us, side, payer, payee, payer_bank, payee_bank, amount, instrument, uetr,
             end_to_end, country, _, first, last) in zip(*columns, strict=True)
    ]  # fmt: skip


def _text(high: int, low: int) -> str | None:
    """References are only compared."""
    return f"{high:x}-{low:x}" if high or low else None


class _Names(dict[int, str | None]):
    """Names by number, looked up once."""

    def __init__(self, names: Callable[[Sequence[int]], Sequence[str]]) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, code: int) -> str | None:
        self[code] = None if code < 0 else self._names([code])[0]
        return self[code]
