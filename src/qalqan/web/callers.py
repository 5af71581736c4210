"""Partners by the key that a request bears, remembered for a second at most.

A partner who streams facts shows the same key a thousand times a second. What is remembered is
its hash; a key that was revoked or a partner who was shut out is noticed within that
second. Requests that come while one asks the register wait for its answer.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from qalqan.register import partner_keys
from qalqan.register.database import Database
from qalqan.trust import passwords
from qalqan.web.access import bearer_of_partner, database_of, seen_once
from qalqan.web.scopes import check_key
from qalqan.web.watch import acts

KEPT_S = 1.0
MOST = 4_096
"""Tokens remembered at once; more are forgotten together."""


@dataclass(frozen=True)
class Caller:
    """What the way in needs to know of a partner."""

    code: str
    kind: str
    bank_code: str | None
    scopes: frozenset[str] = frozenset()
    thumbprint: str | None = None


@dataclass(frozen=True)
class _Asked:
    answer: asyncio.Task[Caller]
    until_s: float

    @property
    def holds(self) -> bool:
        """Young enough, or still being asked; an error holds for those alone who waited for it."""
        if not self.answer.done():
            return not self.answer.get_loop().is_closed()
        return time.monotonic() < self.until_s and self.answer.exception() is None


class Callers:
    """Who calls, for one event loop."""

    def __init__(self) -> None:
        self._asked: dict[str, _Asked] = {}

    async def of(self, request: Request, path: str) -> Caller:
        """The partner whose key the request bears, if the key opens `path`, the template of what
        is asked for.

        Raises:
            NotAllowed: no key, nobody's, one without the scope, or without its certificate.
            Unavailable: the register does not answer.
        """
        secret = bearer_of_partner(request)
        hashed = passwords.hash_secret(secret)
        asked = self._asked.get(hashed)
        if asked is None or not asked.holds:
            if len(self._asked) >= MOST:
                self._asked.clear()
            answer = asyncio.create_task(_ask(database_of(request), secret))
            asked = self._asked[hashed] = _Asked(answer, time.monotonic() + KEPT_S)
        caller = await asyncio.shield(asked.answer)
        check_key(request, caller.scopes, caller.thumbprint, path)
        acts(request, caller.code)
        return caller


async def _ask(database: Database, secret: str) -> Caller:
    return await run_in_threadpool(_known, database, secret)


def _known(database: Database, secret: str) -> Caller:
    with database.session() as session:
        found = partner_keys.known(session, secret)
    seen_once(database, found.key)
    partner = found.partner
    return Caller(partner.code, partner.kind, partner.bank_code, found.scopes, found.thumbprint)
