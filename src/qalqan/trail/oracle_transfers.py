"""Two sides of one payment joined, as section 2 of `docs/reference/trail.md` says: each with
each, without any index. Part of the oracle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qalqan.trail.semantics import Fact, Root, TrailPolicy, Transfer

Known = tuple[list[Transfer], dict[str, Transfer]]
"""Transfers, and those among them that are roots, by the root's id."""


def transfers_of(facts: Sequence[Fact], roots: Sequence[Root], policy: TrailPolicy) -> Known:
    """Facts joined to transfers; which of them are roots."""
    payers = [f for f in facts if f.side == "payer"]
    payees = [f for f in facts if f.side == "payee"]
    pairs: list[tuple[Fact, Fact]] = []
    for joins in (_same_uetr, _same_end_to_end_id, _same_accounts):
        free_p = [p for p in payers if all(p is not pair[0] for pair in pairs)]
        free_q = [q for q in payees if all(q is not pair[1] for pair in pairs)]
        found = [(p, q) for p in free_p for q in free_q if joins(p, q, policy.match_window_us)]
        pairs += _greedy(found)
    transfers = [_transfer(p, q, policy.match_window_us) for p, q in pairs]
    joined = [fact for pair in pairs for fact in pair]
    for fact in facts:
        if not any(fact is one for one in joined):
            p, q = (fact, None) if fact.side != "payee" else (None, fact)
            transfers.append(_transfer(p, q, policy.match_window_us))
    transfers = [x for x in transfers if x.payer != x.payee]
    return transfers, _roots_among(transfers, roots, policy.match_window_us)


def _greedy(candidates: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    ordered = sorted(candidates, key=lambda c: (abs(c[0].at_us - c[1].at_us), c[0].id, c[1].id))
    pairs: list[tuple[Any, Any]] = []
    for left, right in ordered:
        if all(left is not one and right is not other for one, other in pairs):
            pairs.append((left, right))
    return pairs


def _same_uetr(p: Any, q: Any, window_us: int) -> bool:
    common = p.payer is not None and p.payer == q.payer
    common = common or (p.payee is not None and p.payee == q.payee)
    return p.uetr is not None and p.uetr == q.uetr and common


def _two_uetrs(p: Any, q: Any) -> bool:
    return p.uetr is not None and q.uetr is not None and p.uetr != q.uetr


def _same_end_to_end_id(p: Fact, q: Fact, window_us: int) -> bool:
    return (
        p.end_to_end_id is not None
        and p.end_to_end_id.upper() != "NOTPROVIDED"
        and p.end_to_end_id == q.end_to_end_id
        and not _two_uetrs(p, q)
        and p.payer is not None
        and p.payer == q.payer
        and (p.payee is None or q.payee is None or p.payee == q.payee)
        and abs(p.at_us - q.at_us) <= window_us
    )


def _same_accounts(p: Any, q: Any, window_us: int) -> bool:
    return (
        p.payer is not None
        and p.payee is not None
        and (p.payer, p.payee, p.amount) == (q.payer, q.payee, q.amount)
        and not _two_uetrs(p, q)
        and abs(p.at_us - q.at_us) <= window_us
    )


def _transfer(p: Fact | None, q: Fact | None, window_us: int) -> Transfer:
    first, last = p or q, q or p
    assert first is not None
    assert last is not None
    differs: list[tuple[str, Any, Any]] = []
    for field in ("amount", "payer", "payee", "instrument"):
        one, other = getattr(first, field), getattr(last, field)
        if one is not None and other is not None and one != other:
            differs.append((field, one, other))
    if abs(first.at_us - last.at_us) > window_us:
        differs.append(("at_us", first.at_us, last.at_us))
    return Transfer(
        id=first.id,
        at_us=first.at_us,
        payer=first.payer or last.payer,
        payer_bank=first.payer_bank or last.payer_bank,
        payee=last.payee or first.payee,
        payee_bank=last.payee_bank or first.payee_bank,
        amount=first.amount,
        currency=first.currency,
        instrument=first.instrument,
        payee_country=first.payee_country or last.payee_country,
        facts=tuple(sorted({first.id, last.id})),
        disagreement=tuple(differs),
        arrived_us=max(first.at_us, last.at_us),
        told="both" if p is not None and q is not None else first.side,
        uetr=first.uetr or last.uetr,
    )


def _roots_among(
    transfers: list[Transfer], roots: Sequence[Root], window_us: int
) -> dict[str, Transfer]:
    found: dict[str, Transfer] = {}
    for joins in (_same_uetr, _same_accounts):
        free = [x for x in transfers if x not in found.values()]
        pairs = [(r, x) for r in roots if r.id not in found for x in free if joins(r, x, window_us)]
        found |= {root.id: x for root, x in _greedy(pairs)}
    return found


def arrival_of(root: Root, are_roots: dict[str, Transfer]) -> int:
    """When the root's money reached its payee."""
    return max(root.at_us, are_roots[root.id].arrived_us) if root.id in are_roots else root.at_us
