"""Who is shown a warning and who is not, so that what it does can be known (REQ-77).

The arm of a subject in an experiment is a keyed hash of both: the same whenever it is asked, in
every process, and nobody outside can choose it. The share held out is policy, at most a fifth.

**Nobody at acute risk is held out**: not where a listed account is about to be paid, a loan is
taken just after a call, a suspicious call is on the line, or a "buyer" has sent a link. What is
known to help is withheld from nobody; what is tried is withheld from few, and stops when it is
known.
"""

from __future__ import annotations

import hmac
from typing import Literal

from qalqan.trust.keys import Keys

Arm = Literal["show", "hold"]
ARMS: tuple[Arm, ...] = ("show", "hold")
MOST_HELD = 200
"""Thousandths: judgement; a comparison needs no more."""
_WHOLE = 1_000
_BITS = 64


def arm(keys: Keys, experiment: str, subject: str, held: int, *, acute: bool = False) -> Arm:
    """The subject's arm; `held` is in thousandths, more than `MOST_HELD` counts as that."""
    if acute:
        return "show"
    told = f"holdout\0{experiment}\0{subject}".encode()
    mark = hmac.digest(keys.token_key("person"), told, "sha256")[: _BITS // 8]
    place = int.from_bytes(mark, "big")
    return "hold" if place * _WHOLE < min(max(held, 0), MOST_HELD) << _BITS else "show"
