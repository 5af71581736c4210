"""The trail as `docs/reference/trail.md` defines it, written down a second time: slow and plain.

Nothing is indexed, remembered or skipped: pairs are tried one with another, every rule keeps the
same lots, every step starts anew. The walk over the lake must give the same answer; it shares
only the value types with this module (REQ-39).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qalqan.trail import oracle_settling
from qalqan.trail.oracle_exits import Question
from qalqan.trail.oracle_reach import claim_amounts, counted
from qalqan.trail.oracle_settling import Settled
from qalqan.trail.oracle_transfers import transfers_of
from qalqan.trail.semantics import (
    COVERAGE_JOIN_US,
    PARTS,
    RULES,
    Coverage,
    Fact,
    Root,
    TrailPolicy,
)


def told_document(
    facts: Sequence[Fact],
    coverages: Sequence[Coverage],
    roots: Sequence[Root],
    policy: TrailPolicy,
    as_of_us: int,
    home_banks: frozenset[str] = frozenset(),
    seal: int = 0,
) -> dict[str, Any]:
    """The document of section 9 for these facts."""
    facts, coverages = counted(facts, coverages, roots, policy, as_of_us)
    hops = {root.payee: 1 for root in roots}
    while True:
        known = transfers_of([f for f in facts if {f.payer, f.payee} & hops.keys()], roots, policy)
        question = Question(known[0], known[1], roots, coverages, policy, set(hops), home_banks)
        settled = {rule: oracle_settling.settled(rule, question) for rule in RULES}
        joining = _joining(settled, hops, roots, policy)
        if not joining:
            return _document(settled, question, hops, as_of_us, seal)
        hops |= joining


# ── sections 5 to 9 ────────────────────────────────────────────────────────────────────────


def _joining(
    settled: dict[str, Settled], hops: dict[str, int], roots: Sequence[Root], policy: TrailPolicy
) -> dict[str, int]:
    """Accounts worth following that are near enough, with their hops."""
    joining = {}
    for account in {payee for s in settled.values() for _, payee in s.offers}:
        enough, payers = False, set()
        for s in settled.values():
            mine = {pair: units for pair, units in s.offers.items() if pair[1] == account}
            for claim, amount in claim_amounts(roots).items():
                paid = sum(units.get(claim, 0) for units in mine.values())
                enough |= paid > 0 and paid * 1_000_000 >= policy.min_share_ppm * amount
            payers |= {payer for payer, _ in mine}
        hop = 1 + min(hops[payer] for payer in payers)
        if enough and hop <= policy.max_hops:
            joining[account] = hop
    return joining


def _document(
    settled: dict[str, Settled], question: Question, hops: dict[str, int], as_of_us: int, seal: int
) -> dict[str, Any]:
    nodes = [_node(account, settled, question, hops) for account in hops]
    nodes = [node for node in nodes if node["received"]]
    nodes.sort(key=lambda node: (node["hop"], node["first_us"], node["account"]))
    return {
        "policy": question.policy.version,
        "seal": seal,
        "as_of_us": as_of_us,
        "currency": question.roots[0].currency,
        "rules": list(RULES),
        "claims": [
            {
                "claim": r.claim, "root": r.id, "amount": r.amount, "at_us": r.at_us,
                "payer": r.payer, "payer_bank": r.payer_bank,
                "payee": r.payee, "payee_bank": r.payee_bank,
            }
            for r in sorted(question.roots, key=lambda r: (r.at_us, r.id))
        ],
        "nodes": nodes,
        "legs": _legs(settled, hops),
        "frontier": [_asked(node, as_of_us) for node in nodes if _is_asked(node, as_of_us)],
        "parts": _parts(settled, nodes, question.roots),
    }  # fmt: skip


def _node(
    account: str, settled: dict[str, Settled], question: Question, hops: dict[str, int]
) -> dict[str, Any]:
    firsts = [s.arrivals[account][0] for s in settled.values() if account in s.arrivals]
    bank = _bank(account, question)
    covered = _covered_to(account, bank, min(firsts), question.coverages) if firsts else None
    kept = {}
    for rule, s in settled.items():
        here, received = sum(s.here(account).values()), sum(s.received.get(account, {}).values())
        seen = account in s.arrivals and covered is not None and covered >= s.arrivals[account][-1]
        if here and seen and here * 1_000_000 <= question.policy.kept_ppm * received:
            kept[rule] = s.here(account)
    return {
        "account": account,
        "bank": bank,
        "hop": hops[account],
        "first_us": min(firsts, default=None),
        "covered_to_us": covered,
        "received": _filled({rule: s.received.get(account, {}) for rule, s in settled.items()}),
        "here": _filled({rule: s.here(account) for rule, s in settled.items()}),
        "kept": kept,
    }


def _filled(by_rule: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """Without empty ones; claims in order."""
    return {rule: dict(sorted(units.items())) for rule, units in by_rule.items() if units}


def _bank(account: str, question: Question) -> str:
    banks = {r.payee_bank for r in question.roots if r.payee == account}
    banks |= {x.payee_bank for x in question.transfers if x.payee == account and x.payee_bank}
    banks |= {x.payer_bank for x in question.transfers if x.payer == account and x.payer_bank}
    return min(banks - {""}, default="")


def _covered_to(
    account: str, bank: str, first_us: int, coverages: Sequence[Coverage]
) -> int | None:
    mine = [c for c in coverages if c.account == account or (c.account is None and c.bank == bank)]
    ends = [c.to_us for c in mine if c.from_us <= first_us <= c.to_us]
    if not ends:
        return None
    end = max(ends)
    while True:
        further = [c.to_us for c in mine if c.from_us < end + COVERAGE_JOIN_US and c.to_us > end]
        if not further:
            return end
        end = max(further)


def _legs(settled: dict[str, Settled], hops: dict[str, int]) -> list[dict[str, Any]]:
    legs = []
    for key in {key for s in settled.values() for key in s.legs}:
        x = next(s.payments[key[0]] for s in settled.values() if key[0] in s.payments)
        assert x.payer is not None
        legs.append(
            {
                "id": x.id, "at_us": x.at_us, "arrived_us": x.arrived_us,
                "payer": x.payer, "payer_bank": x.payer_bank,
                "payee": x.payee, "payee_bank": x.payee_bank, "payee_country": x.payee_country,
                "amount": x.amount, "instrument": x.instrument, "exit": key[1],
                "hop": hops[x.payer] + 1,
                "units": _filled({rule: s.legs.get(key, {}) for rule, s in settled.items()}),
                "facts": list(x.facts),
                "disagreement": {d[0]: [d[1], d[2]] for d in x.disagreement} or None,
            }
        )  # fmt: skip
    legs = [leg for leg in legs if leg["units"]]
    return sorted(legs, key=lambda leg: (leg["at_us"], leg["id"], leg["exit"] or ""))


def _is_asked(node: dict[str, Any], as_of_us: int) -> bool:
    covered = node["covered_to_us"]
    return bool(node["here"]) and (covered is None or covered < as_of_us)


def _asked(node: dict[str, Any], as_of_us: int) -> dict[str, Any]:
    return {
        "account": node["account"],
        "bank": node["bank"],
        "from_us": node["first_us"] if node["covered_to_us"] is None else node["covered_to_us"],
        "to_us": as_of_us,
        "units": {rule: sum(node["here"].get(rule, {}).values()) for rule in RULES},
    }


def _parts(
    settled: dict[str, Settled], nodes: list[dict[str, Any]], roots: Sequence[Root]
) -> dict[str, dict[str, dict[str, int]]]:
    parts: dict[str, dict[str, dict[str, int]]] = {}
    for rule, s in settled.items():
        parts[rule] = {}
        for claim in sorted({root.claim for root in roots}):
            of = dict.fromkeys(PARTS, 0)
            for node in nodes:
                kept = node["kept"].get(rule, {}).get(claim, 0)
                of["kept"] += kept
                of["here"] += node["here"].get(rule, {}).get(claim, 0) - kept
            for (_, ending), units in s.legs.items():
                if ending is not None:
                    of[ending] += units.get(claim, 0)
            parts[rule][claim] = of
    return parts
