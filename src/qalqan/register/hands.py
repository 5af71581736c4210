"""Whether two accounts may be in one hand: whoever takes somebody in, gives him another role or a
one-time password could act in his place for as long as nobody looks (REQ-18; issue 5, Build 3).

Two words of one hand are one word. So who took part in a step and who held the other's account
within `HELD_US` don't count beside each other, nor do two whom the same hand has made within
`MADE_US`: a centre that takes its first people in lets two do so, or its shell.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import NotAllowed
from qalqan.register.orm import Audit, User

HELD_US = 30 * clock.DAY
"""Judgement: the others see a new account among their people, and its steps, within a month."""
MADE_US = 7 * clock.DAY
_GIVES = ("add", "role", "password.reset")


def check(session: Session, login: str, others: Iterable[str], action: str) -> None:
    """Raise `NotAllowed` if this person's account and one of the others' may be in one hand."""
    held, made = _makers(session, login, HELD_US), _makers(session, login, MADE_US)
    for other in sorted(set(others) - {login}):
        shared = made & _makers(session, other, MADE_US)
        if other in held or login in _makers(session, other, HELD_US) or shared:
            raise NotAllowed(action, "one_hand")


def _makers(session: Session, login: str, within_us: int) -> frozenset[str]:
    """Officers who held this account lately, and who held theirs."""
    since, found, asked = clock.now_us() - within_us, set[str](), {login}
    while asked:
        wanted = (
            Audit.object.in_(asked), Audit.object_kind == "user", Audit.action.in_(_GIVES),
            Audit.at_us > since, Audit.actor != Audit.object,
            Audit.actor.in_(select(User.login)),
        )  # fmt: skip
        asked = set(session.scalars(select(Audit.actor).where(*wanted).distinct())) - found
        found |= asked
    return frozenset(found - {login})
