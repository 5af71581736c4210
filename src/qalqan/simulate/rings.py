"""Who belongs to which ring, and the way each victim's money is meant to take (REQ-38, 39, 42).

Two to five layers of drops; a layer of several splits the money (fan-out), a layer of one
gathers it (fan-in); now and then part of it comes round to an account where it has been
(a cycle). At least half of the drops hold money of their own. The last layer carries it out:
cash in several withdrawals, abroad, crypto, an e-wallet that takes no part.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from qalqan.clock import HOUR, MINUTE, SECOND
from qalqan.simulate.identity import Ints
from qalqan.simulate.plan import ABROAD, CASH, CRYPTO, WALLET, Claim, Out, Plan, Ring, Stage
from qalqan.simulate.population import OUTSIDE_EACH, Population
from qalqan.simulate.sizes import Size
from qalqan.simulate.victims import victims

DROPS_EACH = 14
KEEP_PPM = (20_000, 85_000)
"""What a drop keeps besides fees: with them, up to a tenth (REQ-39)."""
CYCLE_CHANCE, ORGANISER_CHANCE, ASIDE_CHANCE = 0.15, 0.25, 0.3
LONG_WAIT_CHANCE = 0.12
_EXIT_CHANCES = {CASH: 0.4, ABROAD: 0.22, CRYPTO: 0.26, WALLET: 0.12}
_OUTSIDE = {WALLET: 0, CRYPTO: 1, ABROAD: 2}


@dataclass
class Drawing:
    """The plan while it is drawn."""

    generator: np.random.Generator
    population: Population
    stages: list[Stage] = field(default_factory=list)

    def chance(self, probability: float) -> bool:
        return bool(self.generator.random() < probability)

    def wait_us(self, median_us: int) -> int:
        """How long money rests at a stage: minutes, now and then hours."""
        if self.chance(LONG_WAIT_CHANCE):
            return int(self.generator.integers(3 * HOUR, 9 * HOUR))
        drawn = self.generator.lognormal(np.log(median_us), 0.7)
        return int(np.clip(drawn, 2 * MINUTE, 4 * HOUR)) // SECOND * SECOND

    def shares(self, n: int) -> list[int]:
        """`n` shares of a million, none of them tiny."""
        weight = self.generator.random(n) + 0.5
        whole = (weight / weight.sum() * 1_000_000).astype(int)
        whole[0] += 1_000_000 - whole.sum()
        return [int(share) for share in whole]

    def add(self, claim: Claim, account: int, keeps: bool) -> int:
        """Reserve a stage; its ways on are set later."""
        keep = int(self.generator.integers(*KEEP_PPM)) if keeps else 0
        number = len(self.stages)
        rest = self.chance(0.5)
        self.stages.append(Stage(number, claim.number, account, keep, rest, ()))
        return number

    def set_outs(self, number: int, outs: list[Out]) -> None:
        self.stages[number] = replace(self.stages[number], outs=tuple(outs))


def make_plan(generator: np.random.Generator, population: Population, size: Size) -> Plan:
    """Draw rings, victims and ways; the ring of a victim is drawn, too."""
    people = generator.permutation(size.people)
    members, others = np.split(people, [size.rings * (DROPS_EACH + 1)])
    rings = tuple(
        _ring(generator, population, number, members[number :: size.rings])
        for number in range(size.rings)
    )
    drawing = Drawing(generator, population)
    claims = []
    for number, claim in enumerate(victims(generator, population, size, np.sort(others))):
        ring = rings[number % size.rings]
        mine = replace(claim, number=number, ring=ring.number)
        claims.append(replace(mine, first_stage=_way(drawing, ring, mine)))
    return Plan(rings, tuple(claims), tuple(drawing.stages))


def _ring(
    generator: np.random.Generator, population: Population, number: int, members: Ints
) -> Ring:
    """The organiser, then drops: a rented cabinet, some e-wallets, else main accounts."""
    people = population.people
    wallet = (generator.random(len(members)) < 0.25) & (people.wallet[members] >= 0)
    accounts = np.where(wallet, people.wallet[members], people.main[members])
    drops = [int(account) for account in accounts[1:]]
    drops[4] = int(population.companies.account[population.companies.cabinets[number]])
    floats = generator.permutation(len(drops))[: len(drops) // 2 + 1]
    return Ring(
        number, int(people.main[members[0]]), tuple(drops),
        frozenset(drops[i] for i in floats), f"kuryer_{chr(97 + number % 26)}{number}_zhumys",
    )  # fmt: skip


def _layers(drawing: Drawing, ring: Ring) -> list[list[int]]:
    """Accounts of each layer: one that the victim pays, then one to three."""
    generator = drawing.generator
    depth = int(generator.choice([2, 3, 4, 5], p=[0.3, 0.35, 0.22, 0.13]))
    first, later = ring.drops[:4], list(ring.drops[4:])
    later = [later[i] for i in generator.permutation(len(later))]
    layers = [[first[int(generator.integers(0, len(first)))]]]
    for _ in range(depth - 1):
        width = min(int(generator.choice([1, 2, 3], p=[0.45, 0.35, 0.2])), len(later))
        layers.append(later[:width])
        later = later[width:]
    return [layer for layer in layers if layer]


def _way(drawing: Drawing, ring: Ring, claim: Claim) -> int:
    """Draw all stages of one claim; returns the first."""
    layers = _layers(drawing, ring)
    numbers = [[drawing.add(claim, account, keeps=True) for account in layer] for layer in layers]
    if drawing.chance(ORGANISER_CHANCE) and len(layers) < 5:
        numbers.append([drawing.add(claim, ring.organiser, keeps=False)])
    for depth, (here, onto) in enumerate(pairwise(numbers)):
        for number in here:
            drawing.set_outs(number, _onward(drawing, onto, 14 if depth == 0 else 28))
    cycle = drawing.chance(CYCLE_CHANCE)
    for number in numbers[-1]:
        outs = _leaving(drawing)
        if cycle and number == numbers[-1][0] and len(layers) > 1:
            outs = _round(drawing, claim, layers[0][0], outs)
        drawing.set_outs(number, outs)
    return numbers[0][0]


def _onward(drawing: Drawing, onto: list[int], median_minutes: int) -> list[Out]:
    """To every account of the next layer, and now and then some of it aside."""
    wait = drawing.wait_us(median_minutes * MINUTE)
    targets = [Out(share, 0, stage=number) for share, number in _paired(drawing, onto)]
    if drawing.chance(ASIDE_CHANCE):
        part = int(drawing.generator.integers(80_000, 250_000))
        targets = [
            replace(out, share_ppm=out.share_ppm * (1_000_000 - part) // 10**6) for out in targets
        ]
        taken = 1_000_000 - sum(out.share_ppm for out in targets)
        targets.append(_exit(drawing, taken, _some_exit(drawing)))
    return _spaced(targets, wait, 40 * SECOND)


def _paired(drawing: Drawing, onto: list[int]) -> list[tuple[int, int]]:
    return list(zip(drawing.shares(len(onto)), onto, strict=True))


def _some_exit(drawing: Drawing) -> str:
    names = list(_EXIT_CHANCES)
    return names[int(drawing.generator.choice(len(names), p=list(_EXIT_CHANCES.values())))]


def _exit(drawing: Drawing, share: int, name: str) -> Out:
    account = None
    if name in _OUTSIDE:
        first = int(drawing.population.outside[_OUTSIDE[name]])
        account = first + int(drawing.generator.integers(0, OUTSIDE_EACH))
    return Out(share, 0, exit=name, account=account)


def _leaving(drawing: Drawing) -> list[Out]:
    """Out of the last account: one or two ways; cash goes in three withdrawals."""
    ways = sorted({_some_exit(drawing) for _ in range(int(drawing.generator.integers(1, 3)))})
    outs: list[Out] = []
    for share, name in zip(drawing.shares(len(ways)), ways, strict=True):
        pieces = 3 if name == CASH else 1
        each = share // pieces
        outs += [_exit(drawing, each, name) for _ in range(pieces - 1)]
        outs.append(_exit(drawing, share - each * (pieces - 1), name))
    return _spaced(outs, drawing.wait_us(25 * MINUTE), 150 * SECOND)


def _round(drawing: Drawing, claim: Claim, account: int, outs: list[Out]) -> list[Out]:
    """Send part of it once more through an account where it has been."""
    again = drawing.add(claim, account, keeps=True)
    drawing.set_outs(again, _leaving(drawing))
    part = int(drawing.generator.integers(200_000, 350_000))
    less = [replace(out, share_ppm=out.share_ppm * (1_000_000 - part) // 10**6) for out in outs]
    taken = 1_000_000 - sum(out.share_ppm for out in less)
    return [*less, Out(taken, less[-1].after_us + 5 * MINUTE, stage=again)]


def _spaced(outs: list[Out], wait_us: int, step_us: int) -> list[Out]:
    return [replace(out, after_us=wait_us + i * step_us) for i, out in enumerate(outs)]
