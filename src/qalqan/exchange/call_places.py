"""An operator's whole list of who is abroad, as it comes: CSV with a column `number`, or an object
with a field `number` a line (REQ-45).

Hundreds of thousands of lines come every night, so the usual spelling is read without questions.
"""

from __future__ import annotations

import json
import re
from array import array
from typing import Any

from qalqan.errors import InputRejected
from qalqan.exchange.call_lists import number

_PLAIN = re.compile(rb"\+?(7[0-9]{10})")
SHOWN = 100
"""Refused lines that are named."""


class WholeList:
    """Reads pieces of a list, cut anywhere."""

    def __init__(self, lines_of_json: bool) -> None:
        self._lines_of_json = lines_of_json
        self._rest, self._line = b"", 0
        self.numbers = array("q")
        """E.164 without plus."""
        self.refused = 0
        self.refusals: list[tuple[str, InputRejected]] = []
        """The first of them, each with its place."""

    def take(self, piece: bytes) -> None:
        """The next piece. Raises `InputRejected`: it begins with another column."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            self._take(line.strip())

    def end(self) -> None:
        """Nothing follows."""
        rest, self._rest = self._rest, b""
        self._take(rest.strip())

    def _take(self, line: bytes) -> None:
        self._line += 1
        if self._line == 1 and not self._lines_of_json:
            if line.removeprefix(b"\xef\xbb\xbf").strip(b'"').lower() != b"number":
                raise InputRejected("body", line.decode("utf-8", "replace")[:40], "one_of",
                                    choices="number")  # fmt: skip
        elif line:
            self._read(line)

    def _read(self, line: bytes) -> None:
        found = _PLAIN.fullmatch(line)
        if found is not None and not self._lines_of_json:
            self.numbers.append(int(found[1]))
            return
        try:
            self.numbers.append(number("number", self._text(line)))
        except InputRejected as error:
            self.refused += 1
            if len(self.refusals) < SHOWN:
                self.refusals.append((f":{self._line}", error))

    def _text(self, line: bytes) -> str:
        text = line.decode("utf-8", "replace").strip('"') if not self._lines_of_json else None
        if text is not None:
            return text
        try:
            told: Any = json.loads(line)
        except (ValueError, RecursionError):
            raise InputRejected("number", None, "api.json") from None
        if not isinstance(told, dict) or not isinstance(told.get("number"), str):
            raise InputRejected("number", None, "fact.text")
        return str(told["number"])
