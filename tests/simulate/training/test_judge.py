"""Drop or bystander: accounts, evidence and points (REQ-95)."""

from __future__ import annotations

import pytest

from qalqan.clock import HOUR, MINUTE
from qalqan.simulate.training.judge import (
    EVIDENCE,
    Answer,
    Line,
    evidence_of,
    judged,
    points,
    subjects_of,
)


def line(at: int, comes: bool, amount: int, traced: int = 0, instrument: str = "transfer",
         other: int = 1) -> Line:  # fmt: skip
    return Line(at, comes, other, amount, instrument, False, traced)


def right(seed: int) -> dict[int, Answer]:
    return {
        n: Answer("passes" if s.passes else "bystander", s.evidence, "seen")
        for n, s in enumerate(subjects_of(seed))
    }


@pytest.mark.parametrize("seed", range(8))
def test_half_are_of_the_ring_and_nothing_tells_but_their_lines(seed: int) -> None:
    subjects = subjects_of(seed)
    subjects_of.cache_clear()
    assert subjects_of(seed) == subjects
    assert [s.passes for s in subjects].count(True) == len(subjects) // 2 == 3
    assert all(0 < len(s.lines) <= 24 and s.evidence <= set(EVIDENCE) for s in subjects)
    assert points(seed, right(seed)) == 100
    assert points(seed, {}) == 0


def test_some_innocent_people_are_touched_by_the_trail() -> None:
    touched = [s for seed in range(4) for s in subjects_of(seed)
               if not s.passes and any(each.traced for each in s.lines)]  # fmt: skip
    assert touched


def test_guilt_costs_and_not_to_know_costs_less_than_to_err() -> None:
    subject = next(s for s in subjects_of(1) if s.passes)
    wrong, unsure = (
        judged(subject, Answer(verdict, subject.evidence, "guilt")).verdict
        for verdict in ("bystander", "unclear")
    )
    assert wrong == 0 < unsure < 1
    assert judged(subject, Answer("passes", frozenset(), "guilt")).wording == 0
    guilty = {n: Answer(a.verdict, a.evidence, "guilt") for n, a in right(1).items()}
    assert points(1, guilty) == 80


def test_evidence_is_counted_from_the_lines() -> None:
    came = line(0, True, 100, 100)
    assert evidence_of([came, line(30 * MINUTE, False, 80, 80)]) == {"quick"}
    assert evidence_of([came, line(2 * HOUR, False, 80, 80, "cash_out")]) == {"exit"}
    assert evidence_of([came]) == {"stays"}
    payers = [line(n, True, 5, other=n) for n in range(5)]
    assert evidence_of(payers) == {"payers"}
    assert evidence_of([line(0, True, 5, instrument="salary")]) == {"wages"}
    cards = [line(n, False, 5, instrument="card") for n in range(3)]
    assert evidence_of(cards) == {"everyday"}
