"""Logs of the processes that run a centre: one line an event, nobody's data (DESIGN section 7).

A line says which route, which status, which partner or officer, which job: codes and numbers of
ours. Bodies, tokens, query strings, names and telephone numbers are never given to a log; what
slips in all the same is masked here. An error is told by its kind and the lines of code it came
through, for its text may quote a person; of what other people's code says only the template is
kept, without the values that fill it.
"""

from __future__ import annotations

import json
import logging
import random
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal

from qalqan.text.mask import mask

Style = Literal["json", "text"]
Level = Literal["debug", "info", "warning", "error"]

LONGEST = 300
"""Letters of one value; nothing of ours is longer."""
_OURS = "qalqan"
_FRAMES = 8
_CAUSES = 5
_SHOWN_ID = re.compile(
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}|[0-9A-HJKMNP-TV-Z]{26}"
)
_bound: ContextVar[dict[str, Any] | None] = ContextVar("qalqan_logs", default=None)


@contextmanager
def in_our_shape(style: Style, level: Level) -> Iterator[None]:
    """Send every log of this process, and errors that nobody caught, to stderr in our shape."""
    root, ours = logging.getLogger(), logging.getLogger(_OURS)
    before = root.handlers[:], root.level, ours.level, sys.excepthook, threading.excepthook
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if style == "json" else _Text())
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)  # of other people's code
    ours.setLevel(level.upper())
    sys.excepthook = _uncaught
    threading.excepthook = lambda told: _uncaught(
        told.exc_type, told.exc_value or told.exc_type(), told.exc_traceback
    )
    try:
        yield
    finally:
        root.handlers[:], _, _, sys.excepthook, threading.excepthook = before
        root.setLevel(before[1])
        ours.setLevel(before[2])


def told(log: logging.Logger, event: str, level: int = logging.INFO, **fields: object) -> None:
    """Log an event of ours with its codes and numbers; fields that are None fall out."""
    if log.isEnabledFor(level):
        log.log(level, event, extra={"fields": fields})


@contextmanager
def within(**fields: object) -> Iterator[None]:
    """Every line of this block, also of threads it hands work to, carries these fields."""
    token = _bound.set({**(_bound.get() or {}), **fields})
    try:
        yield
    finally:
        _bound.reset(token)


def request_id(given: str | None) -> str:
    """The caller's id of a request if it has the shape of one that machines make (UUID, 32 hex
    digits, ULID): telephone, card, IIN and account numbers have not. Else a new one."""
    if given is not None and _SHOWN_ID.fullmatch(given):
        return given
    # No secret: asking the system for one would hand this thread's turn to others each time.
    return f"{random.getrandbits(128):032x}"


def fault(error: BaseException) -> str:
    """Kinds of error and lines of code, never an error's text: it may quote a person's data."""
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < _CAUSES:
        kinds.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    lines = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return f"{' from '.join(kinds)} at {' > '.join(lines)}" if lines else " from ".join(kinds)


def _uncaught(
    _: type[BaseException], error: BaseException, __: TracebackType | None = None
) -> None:
    if not isinstance(error, SystemExit):
        logging.getLogger("qalqan").critical("an error that nobody caught: %s", fault(error))


def _said(record: logging.LogRecord) -> str:
    """What a record says; a stranger's first line alone, its places unfilled."""
    if record.name.partition(".")[0] == _OURS:
        return _clean(record.getMessage())
    return _clean(str(record.msg).partition("\n")[0])


def _clean(value: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in value[: 4 * LONGEST])
    return mask(printable)[:LONGEST]


def _value(name: str, value: object) -> object:
    """A field as it is logged. An id of a request is told whole: it has the shape of one."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value) if name == "request" else _clean(str(value))


def _fields(record: logging.LogRecord) -> dict[str, object]:
    given = {**(_bound.get() or {}), **getattr(record, "fields", {})}
    if record.exc_info and record.exc_info[1] is not None:
        given["fault"] = fault(record.exc_info[1])
    return {name: _value(name, value) for name, value in given.items() if value is not None}


def _at(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": _at(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _said(record),
            **_fields(record),
        }
        return json.dumps(line, ensure_ascii=False)


class _Text(logging.Formatter):
    """One line for a reader at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items())
        return f"{_at(record)} {record.levelname.lower()} {record.name}: {_said(record)}{fields}"
