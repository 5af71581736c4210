"""The score of an exercise in following money, from the truth (REQ-95).

Points are of a hundred: the share of what the best policy could have stopped, less what was held
from bystanders, less a part for each order that had no right to go out. Who does nothing has none.
Own money of those who passed stolen money on is told beside it: a lawful hold may touch it, and an
order above the traced sum is a fault already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from qalqan.simulate.replay.play import Outcome
from qalqan.simulate.training.drawn import Case
from qalqan.simulate.training.follow import Act, Follow
from qalqan.simulate.training.rules import rule


@dataclass(frozen=True)
class Score:
    """Points and what they are made of; tiyn."""

    points: int
    stolen: int
    could: int
    stopped: int
    machine: int
    machine_wrong: int
    machine_own: int
    wrong: int
    """Bystanders' money that was ever held."""
    own: int
    """Members' own money that was ever held."""
    faults: dict[str, int]
    at_banks: list[int]
    machine_holds: list[list[int]]
    """When, where, how much was asked and held."""


def score(case: Case, acts: Sequence[Act]) -> Score:
    """Play the case to its end and score it, beside the machine."""
    from qalqan.simulate.training.machine import machines

    played = Follow(case, acts, case.end_us)
    ended, (machine, placed) = played.outcome(), machines(case)
    faults = Counter(fault for _, fault in played.tried.faults)
    return Score(
        points(case.could, ended, sum(faults.values())), ended.stolen, case.could, ended.stopped,
        machine.stopped, machine.innocent_held, machine.own_held, ended.innocent_held,
        ended.own_held, dict(faults), played.tried.at_banks, [list(held) for held in placed],
    )  # fmt: skip


def points(could: int, ended: Outcome, faults: int) -> int:
    """0 to 100; sums tiyn."""
    if could <= 0 or ended.stopped <= 0:
        return 0
    share = min(1.0, ended.stopped / could)
    wrong = min(1.0, ended.innocent_held / could)
    lost = rule("follow.wrong_weight") * wrong + rule("follow.fault_weight") * faults
    return round(100 * share * max(0.0, 1.0 - float(lost)))
