"""What an outsider does who has only checkpoints: ask the centre for the newest one and for proofs
that it continues each that he kept. He sees no row, and needs no leave."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import httpx

from qalqan.errors import ContractBroken, Unavailable
from qalqan.register.log_check import Difference
from qalqan.trust import checkpoints, merkle
from qalqan.trust.checkpoints import Checkpoint

_PATIENCE_S = 20.0


def asking(url: str) -> httpx.Client:
    """Whom to ask."""
    return httpx.Client(base_url=url.rstrip("/"), timeout=_PATIENCE_S)


def watch(
    client: httpx.Client, verifier: str, known: Sequence[Checkpoint]
) -> tuple[Checkpoint, list[Difference]]:
    """The newest checkpoint, and what of the kept ones it does not continue.

    Raises:
        NotAllowed: it is not signed by the key. ContractBroken: the answer is none of a log.
        Unavailable: the centre does not answer.
    """
    newest = checkpoints.read(_got(client, "/v1/log/checkpoint").text, verifier)
    line = sorted([*known, newest], key=lambda each: each.size)
    return newest, [
        Difference(_how(old, new, newest), f"checkpoint {max(old.size, new.size)}")
        for old, new in pairwise(line)
        if not _continues(client, old, new, newest)
    ]


def _how(old: Checkpoint, new: Checkpoint, newest: Checkpoint) -> str:
    return "checkpoint.ahead" if max(old.size, new.size) > newest.size else "checkpoint.other"


def _continues(client: httpx.Client, old: Checkpoint, new: Checkpoint, newest: Checkpoint) -> bool:
    if new.size > newest.size:
        return False  # rows went that there once were
    if old.size == new.size:
        return old.root == new.root
    asked = {"first": old.size, "second": new.size}
    told = _got(client, "/v1/log/consistency", asked).json()
    try:
        path = [base64.b64decode(step, validate=True) for step in told["path"]]
    except (KeyError, TypeError, ValueError):
        raise ContractBroken("no proof in the answer", "log.proof") from None
    return merkle.is_continued(old.size, new.size, old.root, new.root, path)


def _got(client: httpx.Client, path: str, asked: dict[str, Any] | None = None) -> httpx.Response:
    try:
        answer = client.get(path, params=asked)
    except httpx.HTTPError as error:
        reason = type(error).__name__
        raise Unavailable(f"the centre: {reason}", "log.away", said=reason) from error
    if not answer.is_success:
        reason = f"HTTP {answer.status_code}"
        raise Unavailable(f"the centre: {reason}", "log.away", said=reason)
    return answer
