"""`POST /v1/screen/calls`: may this call pass? (REQ-45)

For operators whose switches ask over HTTP instead of running an edge (`qalqan calls edge`), and
for those who try the rules before they do. The rules, their tables and the answer to a call are
the edge's; the centre keeps nothing of the question. Without tables the answer is `pass` with
`"no_state": true` (DESIGN section 7: fails open where a call must go through).
"""

from __future__ import annotations

import logging
from pathlib import Path
from time import monotonic
from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from starlette.responses import Response
from starlette.routing import Route

from qalqan.errors import NotAllowed
from qalqan.metrics import counts
from qalqan.screening.calls.screen import Screen
from qalqan.web.access import callers_of, language_of
from qalqan.web.api.bodies import json_bytes, parsed
from qalqan.work.call_verdict import asked, told, without_tables

log = logging.getLogger("qalqan.web.calls")
PATH = "/v1/screen/calls"
ASKS = frozenset({"operator"})
"""Kinds of partner that may ask: whoever carries calls."""
_AGAIN_S = 1.0
"""Tables that were missing are looked for again after this."""

Header = Annotated[str, Field(max_length=300)]


class CallQuestion(BaseModel):
    """One call that is about to be carried; numbers or URIs as the signalling has them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(min_length=1, max_length=200)]
    trunk: Annotated[str, Field(min_length=1, max_length=100)]
    """Name of the trunk, or address of the peer."""
    callee: Header
    network: Header | None = None
    """P-Asserted-Identity."""
    presented: Header | None = None
    """From."""
    diverting: Header | None = None
    """The newest Diversion or History-Info entry."""


class CallTables:
    """The centre's tables as a web process has them open."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._screen: Screen | None = None
        self._looked_s = -_AGAIN_S

    def screen(self) -> Screen | None:
        """None while there are none, or they are damaged."""
        if self._screen is None and monotonic() - self._looked_s >= _AGAIN_S:
            self._looked_s = monotonic()
            try:
                self._screen = Screen(self._path)
            except FileNotFoundError:
                return None
            except (OSError, ValueError) as error:
                log.warning("the tables of calls can't be read: %s", error)
        return self._screen

    def lost(self) -> None:
        """What is open can't be read any more."""
        self._screen = None


async def calls(request: Request) -> Response:
    """May this call pass?"""
    caller = await callers_of(request).of(request, PATH)
    if caller.kind not in ASKS:
        raise NotAllowed("screen", "an operator")
    question = parsed(CallQuestion, await json_bytes(request))
    tables: CallTables = request.app.state.calls
    language, body = language_of(request), None
    screen = tables.screen()
    if screen is not None:
        try:
            verdict = asked(screen, question.trunk, question.network, question.presented,
                            question.callee, question.diverting)  # fmt: skip
            body = told(verdict, screen, language)
        except (OSError, ValueError) as error:  # replaced by something that is no file of tables
            log.warning("the tables of calls can't be read: %s", error)
            tables.lost()
    body = body or without_tables(language)
    outcome = "no_state" if body.get("no_state") else body["verdict"]
    counts().verdicts.labels("calls", outcome).inc()
    return Response(to_json({"id": question.id, **body}), media_type="application/json")


ROUTE = Route(PATH, calls, methods=["POST"])
"""A plain route before all others: it is asked for every call."""
