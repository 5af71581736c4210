"""Bodies of requests, read after the caller is known: JSON into models, nothing trusted.

What is no JSON, of another type, too deep, or carries a NUL character is refused here with a
clear sentence, before any of it is looked at further.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from qalqan.errors import InputRejected
from qalqan.exchange import json_lines
from qalqan.web.guard import LONG
from qalqan.web.validation import refusal_of

Model = TypeVar("Model", bound=BaseModel)

DEEPEST = 16
"""Lists and objects inside each other."""
LONGEST_KEY = 80
"""Characters of an idempotency key; the register adds to it what it is a key of."""
XML = frozenset({"application/xml", "text/xml"})
"""What a body of XML may say that it is."""
_KEY = re.compile(r"[!-~]{1,80}")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


async def json_bytes(request: Request) -> bytes:
    """The body, which must say that it is JSON.

    Raises:
        HTTPException: 413 or 415.
    """
    if content_type(request) != "application/json":
        raise HTTPException(415)
    return await request.body()


async def any_bytes(request: Request) -> bytes:
    """The body, whatever it is. Raises `HTTPException` 413."""
    return await request.body()


JsonBytes = Annotated[bytes, Depends(json_bytes)]
AnyBytes = Annotated[bytes, Depends(any_bytes)]


def length_told(request: Request) -> int:
    """Bytes that the body is said to have; one of unknown length may be as long as any."""
    told = request.headers.get("content-length", "")
    return int(told) if told.isdigit() and len(told) < 20 else LONG


def content_type(request: Request) -> str:
    """What the body says it is, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def parsed(model: type[Model], body: bytes, *, secret: bool = False) -> Model:
    """The body as a model; with `secret` no refusal shows a value.

    Raises:
        InputRejected: the first thing that does not fit.
    """
    check_nul(body)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise refusal_of(error.errors(include_url=False), secret=secret) from None


def check_nul(body: bytes) -> None:
    """A NUL is no part of any text, and no database keeps one.

    Raises:
        InputRejected: JSON in which one stands.
    """
    if _NUL.search(body):
        raise InputRejected("body", None, "text.characters")


def tree(body: bytes) -> Any:
    """The body as plain JSON values, for readers that judge each record by itself.

    Raises:
        InputRejected: it is no JSON, or nested too deeply.
    """
    try:
        value = json_lines.parse(body)
    except InputRejected:
        raise InputRejected("body", None, "api.json") from None
    if _is_deeper(value, DEEPEST):
        raise InputRejected("body", None, "api.json")
    return value


def _is_deeper(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [each for each in level if isinstance(each, dict | list)]
        if not level:
            return False
        level = [one for each in level for one in _inside(each)]
    return any(isinstance(each, dict | list) for each in level)


def _inside(container: dict[str, Any] | list[Any]) -> Iterable[Any]:
    """Only what may hold more: most values of a long batch are plain."""
    values = container.values() if isinstance(container, dict) else container
    return (value for value in values if isinstance(value, dict | list))


def idempotency_key(
    given: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
) -> str | None:
    """The key under which a request counts once, if one was given.

    Raises:
        InputRejected: it is no such key.
    """
    if given is not None and not _KEY.fullmatch(given):
        raise InputRejected("Idempotency-Key", given, "api.key", most=LONGEST_KEY)
    return given


def needed_key(given: Annotated[str | None, Depends(idempotency_key)]) -> str:
    """The same where a request without one could count twice.

    Raises:
        InputRejected: none was given, or it is no such key.
    """
    if given is None:
        raise InputRejected("Idempotency-Key", None, "api.key", most=LONGEST_KEY)
    return given


Key = Annotated[str, Depends(needed_key)]
