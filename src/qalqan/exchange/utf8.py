"""Lines of any encoding as valid UTF-8, none of them longer than a batch can bear."""

from __future__ import annotations

import codecs
import io
from typing import Any, BinaryIO

MOST_LINE = 1 << 20
"""Characters of a line; a longer one is cut, and carries U+FFFD where it was."""

_PIECE = 1 << 20
_CUT = "\N{REPLACEMENT CHARACTER}"


class Utf8(io.RawIOBase):
    """What is no text becomes U+FFFD, which the intake refuses in its own record (the parser
    would drop the whole file for it); so is a line cut that would fill memory."""

    def __init__(self, source: BinaryIO, encoding: str) -> None:
        name = "utf-8-sig" if encoding.lower().replace("-", "") == "utf8" else encoding
        self._decoder = codecs.getincrementaldecoder(name)(errors="replace")
        self._source = source
        self._run = 0
        """Characters of the line that the last piece left open."""
        self._open_quote = False
        """Whether an odd number of quotes stands in them."""
        self._dropping = False
        self.head = self._text()
        self._held = memoryview(self.head.encode())

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._held:
            self._held = memoryview(self._text().encode())
        taken = self._held[: len(buffer)]
        buffer[: len(taken)] = taken
        self._held = self._held[len(taken) :]
        return len(taken)

    def _text(self) -> str:
        text, ended = "", False
        while not text and not ended:
            piece = self._source.read(_PIECE)
            ended = not piece
            text = self._short(self._decoder.decode(piece, final=ended))
        return text

    def _short(self, text: str) -> str:
        """The text without what is too much of a line; only one that began in an earlier piece
        can be too long."""
        end = text.find("\n")
        first = text if end < 0 else text[:end]
        rest = "" if end < 0 else text[end:]
        if self._dropping:
            first = ""
        elif self._run + len(first) > MOST_LINE:
            first = self._cut(first[: max(MOST_LINE - self._run, 0)])
            self._dropping = True
        self._follow(first, rest)
        return first + rest

    def _cut(self, kept: str) -> str:
        return kept + _CUT + ('"' if self._open_quote ^ bool(kept.count('"') & 1) else "")

    def _follow(self, first: str, rest: str) -> None:
        if rest:
            last = rest[rest.rfind("\n") + 1 :]
            self._run, self._dropping, self._open_quote = len(last), False, False
        else:
            last = first
            self._run += len(first)
        self._open_quote ^= bool(last.count('"') & 1)
