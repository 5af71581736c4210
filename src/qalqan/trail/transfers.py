"""Facts joined one to one into transfers: two banks tell one payment, it counts once (REQ-39).

Section 2 of `docs/reference/trail.md`. The answer does not depend on the order of the facts.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import TypeVar

from qalqan.trail.semantics import Disagreement, Fact, Root, Transfer

Left = TypeVar("Left", Fact, Root)
Right = TypeVar("Right", Fact, Transfer)

_FOREVER = 2**62
_NO_REFERENCE = "NOTPROVIDED"
"""What ISO 20022 has banks write when the payer gave no EndToEndId."""

_at_us = attrgetter("at_us")
_uetr = attrgetter("uetr")


def joined(facts: Iterable[Fact], match_window_us: int) -> list[Transfer]:
    """Every payment once, whoever tells it; without payments from an account to itself."""
    free: dict[str, list[Fact]] = {"payer": [], "payee": [], "both": []}
    for fact in facts:
        free[fact.side].append(fact)
    pairs: list[tuple[Fact, Fact]] = []
    for key, fits, window_us in (
        (_uetr, _share_an_account, _FOREVER),
        (_end_to_end_key, _may_be_one, match_window_us),
        (_accounts_key, _no_two_uetrs, match_window_us),
    ):
        found = _paired(free["payer"], free["payee"], key, fits, window_us)
        pairs += found
        gone = {fact.id for pair in found for fact in pair}
        free = {side: [f for f in told if f.id not in gone] for side, told in free.items()}
    transfers = [_of_two(p, q, match_window_us) for p, q in pairs]
    transfers += [_of_one(fact) for told in free.values() for fact in told]
    return [x for x in transfers if x.payer != x.payee]


def roots_among(
    transfers: Sequence[Transfer], roots: Sequence[Root], match_window_us: int
) -> dict[str, Transfer]:
    """The transfer that tells the same payment as a root, by the root's id."""
    found: dict[str, Transfer] = {}
    near = {root.payee for root in roots} | {root.payer for root in roots}
    free = [x for x in transfers if x.payee in near or x.payer in near]
    for key, fits, window_us in (
        (_uetr, _share_an_account, _FOREVER),
        (_accounts_key, _no_two_uetrs, match_window_us),
    ):
        missing = [root for root in roots if root.id not in found]
        pairs = _paired(missing, free, key, fits, window_us)
        found |= {root.id: x for root, x in pairs}
        gone = {x.id for _, x in pairs}
        free = [x for x in free if x.id not in gone]
    return found


def _paired(
    left: Sequence[Left],
    right: Sequence[Right],
    key: Callable[[Left | Right], Hashable],
    fits: Callable[[Left, Right], bool],
    window_us: int,
) -> list[tuple[Left, Right]]:
    """Greedy pairs of one key by smallest distance in time, then ids."""
    by_key: defaultdict[Hashable, list[Right]] = defaultdict(list)
    for q in right:
        by_key[key(q)].append(q)
    candidates: defaultdict[Hashable, list[tuple[int, str, str, Left, Right]]] = defaultdict(list)
    for q_list in by_key.values():
        q_list.sort(key=_at_us)
    for p in left:
        its_key = key(p)
        if its_key is None or its_key not in by_key:
            continue
        for q in _near(by_key[its_key], p.at_us, window_us):
            if fits(p, q):
                candidates[its_key].append((abs(p.at_us - q.at_us), p.id, q.id, p, q))
    return [pair for group in candidates.values() for pair in _greedy(group)]


def _near(ordered: list[Right], at_us: int, window_us: int) -> list[Right]:
    first = bisect_left(ordered, at_us - window_us, key=_at_us)
    return ordered[first : bisect_right(ordered, at_us + window_us, key=_at_us)]


def _greedy(group: list[tuple[int, str, str, Left, Right]]) -> Iterator[tuple[Left, Right]]:
    taken_p, taken_q = set(), set()
    for _, p_id, q_id, p, q in sorted(group, key=lambda candidate: candidate[:3]):
        if p_id not in taken_p and q_id not in taken_q:
            taken_p.add(p_id)
            taken_q.add(q_id)
            yield p, q


def _end_to_end_key(fact: Fact) -> Hashable:
    reference = fact.end_to_end_id
    if reference is None or reference.upper() == _NO_REFERENCE or fact.payer is None:
        return None
    return reference, fact.payer


def _accounts_key(told: Fact | Root | Transfer) -> Hashable:
    if told.payer is None or told.payee is None:
        return None
    return told.payer, told.payee, told.amount


def _share_an_account(p: Fact | Root, q: Fact | Transfer) -> bool:
    if p.payer is not None and p.payer == q.payer:
        return True
    return p.payee is not None and p.payee == q.payee


def _no_two_uetrs(p: Fact | Root, q: Fact | Transfer) -> bool:
    return p.uetr is None or q.uetr is None or p.uetr == q.uetr


def _may_be_one(p: Fact, q: Fact) -> bool:
    one_payee = p.payee is None or q.payee is None or p.payee == q.payee
    return one_payee and _no_two_uetrs(p, q)


def _of_one(fact: Fact) -> Transfer:
    return Transfer(
        fact.id, fact.at_us, fact.payer, fact.payer_bank, fact.payee, fact.payee_bank,
        fact.amount, fact.currency, fact.instrument, fact.payee_country, (fact.id,), (),
        fact.at_us, fact.side, fact.uetr,
    )  # fmt: skip


def _of_two(p: Fact, q: Fact, match_window_us: int) -> Transfer:
    """Its payer's side knows when and what left, its payee's side who got it and when."""
    return Transfer(
        id=p.id,
        at_us=p.at_us,
        payer=p.payer or q.payer,
        payer_bank=p.payer_bank or q.payer_bank,
        payee=q.payee or p.payee,
        payee_bank=q.payee_bank or p.payee_bank,
        amount=p.amount,
        currency=p.currency,
        instrument=p.instrument,
        payee_country=p.payee_country or q.payee_country,
        facts=tuple(sorted((p.id, q.id))),
        disagreement=_disagreement(p, q, match_window_us),
        arrived_us=max(p.at_us, q.at_us),
        told="both",
        uetr=p.uetr or q.uetr,
    )


def _disagreement(p: Fact, q: Fact, match_window_us: int) -> Disagreement:
    told = (
        ("amount", p.amount, q.amount),
        ("payer", p.payer, q.payer),
        ("payee", p.payee, q.payee),
        ("instrument", p.instrument, q.instrument),
    )
    differs = tuple(d for d in told if None not in d[1:] and d[1] != d[2])
    if abs(p.at_us - q.at_us) > match_window_us:
        differs += (("at_us", p.at_us, q.at_us),)
    return differs
