"""In which order payments settle, also within one instant; section 3 of
`docs/reference/trail.md` (REQ-39).

The order is the same under every attribution rule, so it is made once and walked four times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from qalqan.trail.semantics import Root, Transfer


@dataclass(slots=True)
class Instant:
    """What happens at one moment, in this order."""

    leaving: list[tuple[str, int]] = field(default_factory=list)
    """(payer, sum) of roots: own money that leaves."""
    entering: list[tuple[Root, int]] = field(default_factory=list)
    """Roots that arrive, and what their payment carried above their sum."""
    arriving: list[Transfer] = field(default_factory=list)
    """Transfers that left before."""
    rounds: list[list[Transfer]] = field(default_factory=list)
    """Transfers that leave now, those that settle at once together, by id."""


Timeline = list[tuple[int, Instant]]

_Graph = Mapping[str, set[str]]


def timeline(
    transfers: Iterable[Transfer], roots: Sequence[Root], are_roots: Mapping[str, Transfer]
) -> Timeline:
    """Everything in order: roots, and the transfers that are no roots."""
    instants: defaultdict[int, Instant] = defaultdict(Instant)
    for root in sorted(roots, key=lambda root: root.id):
        paid = are_roots.get(root.id)
        left_us, amount = (paid.at_us, paid.amount) if paid else (root.at_us, root.amount)
        instants[left_us].leaving.append((root.payer, amount))
        arrived_us = max(root.at_us, paid.arrived_us) if paid else root.at_us
        instants[arrived_us].entering.append((root, max(0, amount - root.amount)))
    told = {x.id for x in are_roots.values()}
    by_time: defaultdict[int, list[Transfer]] = defaultdict(list)
    for x in transfers:
        if x.id not in told:
            by_time[x.at_us].append(x)
            if x.arrived_us > x.at_us:
                instants[x.arrived_us].arriving.append(x)
    for at_us, leaving in by_time.items():
        instants[at_us].rounds = rounds(leaving)
    return sorted(instants.items())


def rounds(transfers: list[Transfer]) -> list[list[Transfer]]:
    """Transfers that leave at one instant in rounds of settlement; each round by id."""
    payers = {x.payer for x in transfers}
    edges = [
        (x.payer, x.payee)
        for x in transfers
        if x.payer is not None
        and x.payee is not None
        and x.payee in payers
        and x.arrived_us == x.at_us
    ]
    if not edges:
        return [sorted(transfers)]
    level = levels(edges)
    found: defaultdict[int, list[Transfer]] = defaultdict(list)
    for x in transfers:
        found[level.get(x.payer, 0)].append(x)
    return [sorted(found[number]) for number in sorted(found)]


def levels(edges: Iterable[tuple[str, str]]) -> dict[str | None, int]:
    """Account → its round within one instant, for (payer, payee) pairs: those of one cycle
    together, one round after the last of all who pay into it."""
    pays: defaultdict[str, set[str]] = defaultdict(set)
    paid_by: defaultdict[str, set[str]] = defaultdict(set)
    for payer, payee in edges:
        pays[payer].add(payee)
        paid_by[payee].add(payer)
    level: dict[str | None, int] = {}
    for cycle in _cycles(pays, paid_by):
        before = {payer for account in cycle for payer in paid_by[account]} - cycle
        ready = max((level[payer] + 1 for payer in before), default=0)
        level.update(dict.fromkeys(cycle, ready))
    return level


def _cycles(pays: _Graph, paid_by: _Graph) -> list[set[str]]:
    """Strongly connected accounts, payers before their payees (Kosaraju's two searches)."""
    order: list[str] = []
    seen: set[str] = set()
    for account in list(pays):
        order += _searched(account, pays, seen)
    found: list[set[str]] = []
    seen = set()
    for account in reversed(order):
        cycle = _searched(account, paid_by, seen)
        if cycle:
            found.append(set(cycle))
    return found


def _searched(start: str, graph: _Graph, seen: set[str]) -> list[str]:
    """Accounts reached from `start` and not seen before, each after all it leads to."""
    if start in seen:
        return []
    seen.add(start)
    done: list[str] = []
    path = [(start, iter(graph.get(start, ())))]
    while path:
        account, further = path[-1]
        onward = next((other for other in further if other not in seen), None)
        if onward is None:
            done.append(account)
            path.pop()
        else:
            seen.add(onward)
            path.append((onward, iter(graph.get(onward, ()))))
    return done
