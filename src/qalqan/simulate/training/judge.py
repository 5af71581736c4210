"""Drop or bystander: accounts with what their banks and the trail show, and which of it is so
(REQ-38 to 42, 95).

The trail marks lines by its own rule, so it marks some of innocent people's, too: whoever is paid
by a drop of its own money, or sells it coins for stolen money, looks touched. Evidence is counted
from the same lines that the trainee sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from qalqan.clock import DAY, MINUTE
from qalqan.simulate.replay.drawing import draw
from qalqan.simulate.replay.play import Play
from qalqan.simulate.replay.world import INNOCENT, MEMBER, Payment, World
from qalqan.simulate.training.drawn import the_scenario
from qalqan.simulate.training.known import Told, name_of, number_of, root_of
from qalqan.simulate.training.rules import rule
from qalqan.trail.semantics import Root

VERDICTS = ("passes", "bystander", "unclear")
EVIDENCE = ("quick", "exit", "stays", "payers", "wages", "everyday")
WORDINGS = ("seen", "guilt", "vague")
RIGHT_WORDING = "seen"
_OUT = frozenset({"cash_out", "crypto", "wallet"})
_UNCLEAR = 0.4
"""Of a verdict's weight: not to know is better than to err."""
_LEAST_CARDS = 3


@dataclass(frozen=True)
class Line:
    """A line of a statement; tiyn, UTC microseconds."""

    at_us: int
    comes: bool
    other: int
    amount: int
    instrument: str
    abroad: bool
    traced: int
    """Of it, victims' money by the trail."""


@dataclass(frozen=True)
class Subject:
    """One account to be judged, with the truth."""

    account: int
    bank: int
    lines: tuple[Line, ...]
    passes: bool
    """By the truth: its holder belongs to the ring."""
    evidence: frozenset[str]


@dataclass(frozen=True)
class Answer:
    """What the trainee said of one."""

    verdict: str
    evidence: frozenset[str]
    wording: str


@dataclass(frozen=True)
class Judged:
    """One answer against the truth; shares from 0 to 1."""

    verdict: float
    evidence: float
    wording: float


@lru_cache(maxsize=16)
def subjects_of(seed: int) -> tuple[Subject, ...]:
    """The accounts of a seed, half of them of the ring, in no telling order."""
    world = draw(the_scenario(), seed, 0)
    game = Play(world)
    game.run(max(claim.at_us for claim in world.claims) + DAY)
    members = [a for a, kind in enumerate(world.kinds) if kind == MEMBER and _took(game, a)]
    near = [a for a, kind in enumerate(world.kinds) if kind in INNOCENT and _near(game, a, members)]
    dice = np.random.default_rng([seed, 7])
    half = rule("judge.accounts") // 2
    chosen = [int(a) for a in dice.permutation(members)[:half]]
    chosen += [int(a) for a in dice.permutation(near)[: 2 * half - len(chosen)]]
    traced = _traced(world, game, chosen)
    return tuple(_subject(world, game, int(a), traced) for a in dice.permutation(chosen))


def judged(subject: Subject, answer: Answer) -> Judged:
    """An answer against the truth."""
    right = VERDICTS[0] if subject.passes else VERDICTS[1]
    verdict = 1.0 if answer.verdict == right else _UNCLEAR * (answer.verdict == VERDICTS[2])
    either = subject.evidence | answer.evidence
    both = subject.evidence & answer.evidence
    evidence = len(both) / len(either) if either else 1.0
    return Judged(verdict, evidence, float(answer.wording == RIGHT_WORDING))


def points(seed: int, answers: Mapping[int, Answer]) -> int:
    """0 to 100 over all accounts; one without an answer has none."""
    subjects, total = subjects_of(seed), 0.0
    for place, subject in enumerate(subjects):
        if place in answers:
            of = judged(subject, answers[place])
            total += rule("judge.verdict_weight") * of.verdict
            total += rule("judge.evidence_weight") * of.evidence
            total += rule("judge.wording_weight") * of.wording
    return round(100 * total / len(subjects))


def _took(game: Play, account: int) -> bool:
    return any(p.payee == account and p.instrument == "transfer" and p.number >= 1_000_000
               for p in game.log[account])  # fmt: skip


def _near(game: Play, account: int, members: Sequence[int]) -> bool:
    ours = set(members)
    return sum(p.payer in ours or p.payee in ours for p in game.log[account]) > 0


def _traced(world: World, game: Play, chosen: Sequence[int]) -> dict[int, int]:
    """Payment's number → victims' tiyn in it, by the trail over what all banks would tell."""
    told = Told(world)
    members = [a for a, kind in enumerate(world.kinds) if kind == MEMBER]
    for account in {*members, *chosen}:
        for payment in game.log[account]:
            told.take(payment, "payer" if payment.payer == account else "payee")
    for claim in world.claims:
        told.confirm(root_of(world, claim.number))
    trail = told.walk(game.world.claims[0].at_us + 10 * DAY)
    assert trail is not None
    found = _roots(game, trail.roots)
    for (transfer, _), units in trail.rules[told.policy.rule].legs.items():
        uetr = trail.payments[transfer].uetr
        if uetr is not None:
            found[int(uetr)] = found.get(int(uetr), 0) + sum(units.values())
    return found


def _roots(game: Play, roots: Sequence[Root]) -> dict[int, int]:
    """Victims' own payments, which no leg of the trail tells."""
    return {
        payment.number: payment.amount
        for root in roots
        for payment in game.log[number_of(root.payee)]
        if payment.at_us == root.at_us and name_of(payment.payer) == root.payer
    }


def _subject(world: World, game: Play, account: int, traced: Mapping[int, int]) -> Subject:
    told = [p for p in game.log[account] if p.payer != p.payee]
    lines = [_line(p, account, traced) for p in _around(told, traced)]
    passes = world.kinds[account] == MEMBER
    return Subject(account, world.banks[account], tuple(lines), passes, evidence_of(lines))


def _around(told: list[Payment], traced: Mapping[int, int]) -> list[Payment]:
    """So many lines as fit a page, from a little before the first that the trail marks."""
    most = rule("judge.lines")
    first = next((n for n, p in enumerate(told) if p.number in traced), max(0, len(told) - most))
    begin = max(0, min(first - most // 4, len(told) - most))
    return told[begin : begin + most]


def _line(payment: Payment, account: int, traced: Mapping[int, int]) -> Line:
    comes = payment.payee == account
    return Line(
        payment.at_us, comes, payment.payer if comes else payment.payee, payment.amount,
        payment.instrument, payment.abroad, min(payment.amount, traced.get(payment.number, 0)),
    )  # fmt: skip


def evidence_of(lines: Sequence[Line]) -> frozenset[str]:
    """Which statements about these lines are so."""
    came = [line for line in lines if line.comes and line.traced]
    left = [line for line in lines if not line.comes]
    payers = {line.other for line in lines if line.comes and line.instrument == "transfer"}
    arrived = sum(line.traced for line in came)
    passed = sum(line.traced for line in left)
    quick = sum(line.traced for line in left if _soon(line, came))
    share = rule("judge.quick_share")
    holds = {
        "quick": arrived > 0 and quick >= share * arrived,
        "exit": any(line.traced and (line.instrument in _OUT or line.abroad) for line in left),
        "stays": arrived > 0 and passed <= (1 - share) * arrived,
        "payers": len(payers) >= rule("judge.many_payers"),
        "wages": any(line.comes and line.instrument == "salary" for line in lines),
        "everyday": sum(line.instrument == "card" for line in left) >= _LEAST_CARDS,
    }
    return frozenset(name for name, is_so in holds.items() if is_so)


def _soon(line: Line, came: Sequence[Line]) -> bool:
    within = rule("judge.quick_minutes") * MINUTE
    return any(0 <= line.at_us - each.at_us <= within for each in came)
