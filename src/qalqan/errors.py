"""Every error Qalqan raises on purpose.

QalqanError
├── InputRejected      a bad value: goes to quarantine or back to the sender; the rest goes on
├── NotAllowed         role, region or legal ground missing            → HTTP 403
├── NotFound           no such case, order, partner …                  → HTTP 404
├── Conflict           stale state, same identity with other content   → HTTP 409
├── ContractBroken     a table lacks what its reader needs: stop, name both
└── Unavailable        a partner, database or engine does not answer   → HTTP 503, try again
    └── Overfull       more comes than can be taken now                → HTTP 429, with a date

Errors carry data, never prose: `text.say("expected." + code, language, **params)` makes the
sentence in the reader's language, in one place for HTTP, command line and files; `text.failure`
does so for the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping


class QalqanError(Exception):
    """Root of all errors raised on purpose."""


def _code(words: str) -> str:
    """A short code out of a reason's words: `reminded just now` → `reminded_just_now`."""
    return "_".join(re.findall("[a-z0-9]+", words.lower()))


class InputRejected(QalqanError, ValueError):
    """A value that can't be taken: which field, what it was, what was expected instead.

    `expected` is a catalogue code such as `iin.check_digit`; `params` fill its sentence.
    `value` may be personal: it is masked wherever it is shown, and never logged.
    """

    def __init__(self, field: str, value: object, expected: str, **params: object) -> None:
        super().__init__(f"{field}: expected {expected}")
        self.field = field
        self.value = value
        self.expected = expected
        self.params: Mapping[str, object] = params


class NotAllowed(QalqanError):
    """The actor may not do this: which action, on what, and what is missing. `code` names its
    sentence (`failure.may_not.` + code); without one, `missing` does."""

    def __init__(self, action: str, missing: str, code: str = "") -> None:
        super().__init__(f"{action}: {missing} is missing")
        self.action = action
        self.missing = missing
        self.code = code or _code(missing)


class NotFound(QalqanError):
    """No such thing, or not for this reader."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"no {kind} {key}")
        self.kind = kind
        self.key = key


class Conflict(QalqanError):
    """The thing is in a state in which what was wanted does not go. `code` and the number `n` make
    its sentence (`failure.conflict.` + kind + `_` + code); without a code, `state` names it."""

    def __init__(
        self, kind: str, key: str, state: str, wanted: str, code: str = "", n: int = 0
    ) -> None:
        super().__init__(f"{kind} {key} is {state}: {wanted} does not go")
        self.kind = kind
        self.key = key
        self.state = state
        self.wanted = wanted
        self.code = code or _code(state)
        self.n = n


class _Told(QalqanError):
    """An error with a reason for the log; `code` and `params` make its sentence for a reader
    (`failure.` + code), where one is known."""

    def __init__(self, reason: str, code: str = "", **params: object) -> None:
        super().__init__(reason)
        self.code = code
        self.params: Mapping[str, object] = params


class ContractBroken(_Told):
    """A table, file or answer lacks what its reader was promised; a programmer or an
    administrator has to look."""


class Unavailable(_Told):
    """Something outside does not answer now; trying again may help."""


class Overfull(Unavailable):
    """More comes than can be taken now: `code` says of what there is too much, `until_us` (wall
    time) when to try again."""

    def __init__(self, reason: str, code: str, until_us: int) -> None:
        super().__init__(reason, code)
        self.until_us = until_us
