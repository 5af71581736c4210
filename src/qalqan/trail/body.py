"""The trail as the document that is stored, drawn and counted; section 9 of
`docs/reference/trail.md` (REQ-39, REQ-44)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from qalqan.trail.attribution import Attributed, Leg
from qalqan.trail.books import Units
from qalqan.trail.coverage import Covered
from qalqan.trail.semantics import PARTS, RULES, Root, TrailPolicy, Transfer

Document = dict[str, Any]
"""Of JSON values only."""


@dataclass(frozen=True)
class Trail:
    """A followed question with its answer under every rule."""

    policy: TrailPolicy
    seal: int
    """Up to which position of the lake's log it looked."""
    as_of_us: int
    currency: str
    roots: tuple[Root, ...]
    hops: Mapping[str, int]
    """Followed account → how many transfers from the victim."""
    banks: Mapping[str, str]
    """Followed account → bank code, empty if nobody tells it."""
    payments: Mapping[str, Transfer]
    covered: Covered
    rules: Mapping[str, Attributed]


def document(trail: Trail, claims: Collection[str] | None = None) -> Document:
    """The trail of all claims, or what concerns some of them, as JSON values.

    The document of some claims is that of all without the others' units: what is kept, how far
    an account is covered, and who was followed are decided over all victims together.
    """
    wanted = (
        {root.claim for root in trail.roots} & set(claims or ()) if claims is not None else None
    )
    nodes = [_node(account, trail, wanted) for account in trail.hops]
    nodes = [node for node in nodes if node["received"]]
    nodes.sort(key=lambda node: (node["hop"], node["first_us"], node["account"]))
    roots = [r for r in trail.roots if wanted is None or r.claim in wanted]
    return {
        "policy": trail.policy.version,
        "seal": trail.seal,
        "as_of_us": trail.as_of_us,
        "currency": trail.currency,
        "rules": list(RULES),
        "claims": [_claim(root) for root in sorted(roots, key=lambda r: (r.at_us, r.id))],
        "nodes": nodes,
        "legs": _legs(trail, wanted),
        "frontier": [_asked(node, trail.as_of_us) for node in nodes if _is_asked(node, trail)],
        "parts": _parts(trail, nodes, sorted({root.claim for root in roots}), wanted),
    }


def _claim(root: Root) -> Document:
    return {
        "claim": root.claim, "root": root.id, "amount": root.amount, "at_us": root.at_us,
        "payer": root.payer, "payer_bank": root.payer_bank,
        "payee": root.payee, "payee_bank": root.payee_bank,
    }  # fmt: skip


def _node(account: str, trail: Trail, wanted: set[str] | None) -> Document:
    firsts = [a.first_us[account] for a in trail.rules.values() if account in a.first_us]
    first_us = min(firsts, default=None)
    bank = trail.banks[account]
    covered = None if first_us is None else trail.covered.to_us(account, bank, first_us)
    return {
        "account": account,
        "bank": bank,
        "hop": trail.hops[account],
        "first_us": first_us,
        "covered_to_us": covered,
        "received": _by_rule(trail, lambda a: a.received.get(account), wanted),
        "here": _by_rule(trail, lambda a: a.here.get(account), wanted),
        "kept": _by_rule(trail, lambda a: _kept(account, a, covered, trail.policy), wanted),
    }


def _kept(
    account: str, answer: Attributed, covered_us: int | None, policy: TrailPolicy
) -> Units | None:
    """All that is here, if nearly all has been passed on and the books say so."""
    here = answer.here.get(account)
    if not here or covered_us is None or covered_us < answer.last_us[account]:
        return None
    received = sum(answer.received[account].values())
    return here if sum(here.values()) * 1_000_000 <= policy.kept_ppm * received else None


def _by_rule(trail: Trail, units_of: Any, wanted: set[str] | None) -> dict[str, Units]:
    found = {rule: _of(units_of(answer), wanted) for rule, answer in trail.rules.items()}
    return {rule: units for rule, units in found.items() if units}


def _of(units: Units | None, wanted: set[str] | None) -> Units:
    """Claims in order, only the wanted ones."""
    if not units:
        return {}
    return {claim: n for claim, n in sorted(units.items()) if wanted is None or claim in wanted}


def _legs(trail: Trail, wanted: set[str] | None) -> list[Document]:
    keys: set[Leg] = {leg for answer in trail.rules.values() for leg in answer.legs}
    legs = []
    for key in keys:
        units = _by_rule(trail, lambda answer, key=key: answer.legs.get(key), wanted)
        if units:
            legs.append(_leg(trail.payments[key[0]], key[1], units, trail.hops))
    return sorted(legs, key=lambda leg: (leg["at_us"], leg["id"], leg["exit"] or ""))


def _leg(
    x: Transfer, ending: str | None, units: dict[str, Units], hops: Mapping[str, int]
) -> Document:
    return {
        "id": x.id, "at_us": x.at_us, "arrived_us": x.arrived_us,
        "payer": x.payer, "payer_bank": x.payer_bank,
        "payee": x.payee, "payee_bank": x.payee_bank, "payee_country": x.payee_country,
        "amount": x.amount, "instrument": x.instrument, "exit": ending,
        "hop": hops[x.payer or ""] + 1,
        "units": units, "facts": list(x.facts),
        "disagreement": {field: [p, q] for field, p, q in x.disagreement} or None,
    }  # fmt: skip


def _is_asked(node: Document, trail: Trail) -> bool:
    covered = node["covered_to_us"]
    return bool(node["here"]) and (covered is None or covered < trail.as_of_us)


def _asked(node: Document, as_of_us: int) -> Document:
    covered = node["covered_to_us"]
    return {
        "account": node["account"],
        "bank": node["bank"],
        "from_us": node["first_us"] if covered is None else covered,
        "to_us": as_of_us,
        "units": {rule: sum(node["here"].get(rule, {}).values()) for rule in RULES},
    }


def _parts(
    trail: Trail, nodes: list[Document], claims: list[str], wanted: set[str] | None
) -> dict[str, dict[str, dict[str, int]]]:
    parts = {rule: {claim: dict.fromkeys(PARTS, 0) for claim in claims} for rule in trail.rules}
    for rule, of in parts.items():
        for node in nodes:
            for claim, n in node["here"].get(rule, {}).items():
                kept = node["kept"].get(rule, {}).get(claim, 0)
                of[claim]["kept"] += kept
                of[claim]["here"] += n - kept
        for (_, ending), units in trail.rules[rule].legs.items():
            if ending is not None:
                for claim, n in _of(units, wanted).items():
                    of[claim][ending] += n
    return parts
