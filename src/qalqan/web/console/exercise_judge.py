"""Drop or bystander, account by account, as its page shows it (REQ-95)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qalqan.errors import InputRejected
from qalqan.register import orm
from qalqan.simulate.training.judge import (
    EVIDENCE,
    VERDICTS,
    WORDINGS,
    Answer,
    Judged,
    Subject,
    judged,
    points,
    subjects_of,
)


@dataclass(frozen=True)
class JudgeView:
    """The account that is asked about now."""

    place: int
    places: int
    subject: Subject


@dataclass(frozen=True)
class JudgeEnd:
    """One account in the debrief."""

    subject: Subject
    answer: Answer | None
    judged: Judged | None


def place_of(row: orm.Exercise) -> int:
    """Which account is asked about now."""
    return len(row.acts.get("answers", ()))


def view(row: orm.Exercise) -> JudgeView:
    """The account that is asked about now."""
    subjects = subjects_of(row.seed)
    place = min(place_of(row), len(subjects) - 1)
    return JudgeView(place, len(subjects), subjects[place])


def answered(
    row: orm.Exercise, verdict: str, evidence: Sequence[str], wording: str
) -> dict[str, Any]:
    """The run's answers with one more.

    Raises:
        InputRejected: an answer that can't be.
    """
    for field, values, known in (
        ("verdict", [verdict], VERDICTS), ("evidence", evidence, EVIDENCE),
        ("wording", [wording], WORDINGS),
    ):  # fmt: skip
        for value in values:
            if value not in known:
                raise InputRejected(field, value, "training.choose")
    answer = {"verdict": verdict, "evidence": sorted(set(evidence)), "wording": wording}
    return {"answers": [*row.acts.get("answers", ()), answer]}


def is_last(row: orm.Exercise) -> bool:
    """Whether no account follows."""
    return place_of(row) + 1 >= len(subjects_of(row.seed))


def ended(seed: int, acts: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Points of a run, and what they are made of."""
    answers = _answers(acts)
    subjects = subjects_of(seed)
    right = [n for n, a in answers.items() if judged(subjects[n], a).verdict == 1]
    return points(seed, answers), {"accounts": len(subjects), "right": len(right)}


def debrief(row: orm.Exercise) -> list[JudgeEnd]:
    """Each account with what was answered and what was true."""
    answers = _answers(row.acts)
    return [
        JudgeEnd(subject, answers.get(n), judged(subject, answers[n]) if n in answers else None)
        for n, subject in enumerate(subjects_of(row.seed))
    ]


def _answers(acts: dict[str, Any]) -> dict[int, Answer]:
    return {
        n: Answer(told["verdict"], frozenset(told["evidence"]), told["wording"])
        for n, told in enumerate(acts.get("answers", ()))
    }
