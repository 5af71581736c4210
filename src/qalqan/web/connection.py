"""One connection of the web server: what a stranger sends before his request is whole is bounded
in bytes and in time.

uvicorn's protocol over httptools keeps all of a request's head, however long it grows and however
slowly it comes; bodies are bounded further in (`web.guard`).
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from qalqan.web.certificates import PEER, thumbprint

MOST_HEAD = 64 * 2**10
"""Bytes of a request's line, headers and trailers."""
_HEADER = 32
"""What a header costs beside its letters."""
HEAD_S = 20.0
"""Seconds in which the head must be there."""


class Connection(HttpToolsProtocol):
    """The protocol. Counted is what stays in memory: headers that came, and what came since the
    parser last told of something, which may be one line without end."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._kept = self._untold = 0
        self._in_head = True
        self._late: asyncio.TimerHandle | None = None
        self._peer: tuple[str | None, str | None] = (None, None)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._peer = _peer(transport, self.client)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, then look whether it may go on like this."""
        self._untold += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if max(self._kept, self._untold) > MOST_HEAD:
            self.send_400_response("The request's head is too long.")
        elif self._in_head and self._late is None:  # seldom: most heads come whole
            self._expect_head()

    def on_message_begin(self) -> None:
        self._kept = self._untold = 0
        self._in_head = True
        super().on_message_begin()
        self.scope[PEER] = self._peer  # type: ignore[literal-required]

    def on_url(self, url: bytes) -> None:
        self._kept += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._kept += len(name) + len(value) + _HEADER
        self._untold = 0
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_came()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._untold = 0
        super().on_body(body)

    def _expect_head(self) -> None:
        self._late = self.loop.call_later(HEAD_S, self._hang_up)

    def _head_came(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _hang_up(self) -> None:
        self._late = None
        if self.transport.is_closing():
            return
        before: Any = self.cycle
        if before is not None and not before.response_complete:
            self._expect_head()  # the request before this one is still being answered
        else:
            self.transport.close()


def _peer(
    transport: asyncio.Transport, client: tuple[str, int] | None
) -> tuple[str | None, str | None]:
    """Who is at the other end, before any header says otherwise: address and the thumbprint of the
    certificate that was shown and checked, if one was."""
    tls = transport.get_extra_info("ssl_object")
    shown = None if tls is None else tls.getpeercert(binary_form=True)
    return (None if client is None else client[0], None if shown is None else thumbprint(shown))
