"""How calls end: answered or not, how long they rang, how long people talked.

Ratios and lengths are judgements about simulated people; likeness to a real network is chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qalqan.simulate.identity import Ints, Mask

LONGEST_S = 4 * 3600
"""No talk lasts longer: a judgement; networks cut at some hours."""
ANSWER_RING_S, GIVE_UP_RING_S = 9.0, 24.0
"""Medians of ringing until an answer, and until one gives up or the network does: judgements."""
LONGEST_RING_S = 60


@dataclass(frozen=True)
class Manner:
    """How someone's calls go: share answered, median length of a talk, its log-normal spread."""

    answered: float
    talk_s: float
    spread: float


def talks(generator: np.random.Generator, n: int, manner: Manner) -> dict[str, Ints]:
    """Columns `duration_s`, `ring_s` and `answered` of `n` calls."""
    answered = generator.random(n) < manner.answered
    return ended(generator, answered, manner.talk_s, manner.spread)


def ended(
    generator: np.random.Generator, answered: Mask, talk_s: float, spread: float
) -> dict[str, Ints]:
    """The same where it is known which calls are answered and how long each talk usually is."""
    drawn = generator.standard_normal(len(answered), dtype=np.float32)
    length = np.exp(drawn * np.float32(spread)) * np.float32(talk_s)
    ring = np.exp(generator.standard_normal(len(answered), dtype=np.float32) * np.float32(0.6))
    ring *= np.where(answered, np.float32(ANSWER_RING_S), np.float32(GIVE_UP_RING_S))
    return {
        "duration_s": np.where(answered, np.clip(length, 1, LONGEST_S), 0).astype(np.int64),
        "ring_s": np.clip(ring, 1, LONGEST_RING_S).astype(np.int64),
        "answered": answered.astype(np.int64),
    }
