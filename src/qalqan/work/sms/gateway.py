"""What a gateway is to whoever sends: it takes a message, or says no, or nobody knows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

_NAME = re.compile(r"[!-~]{1,80}")


def name_of(told: object) -> str | None:
    """What a gateway calls a message, if a receipt can be known by it: printable ASCII, no longer
    than the register keeps."""
    named = str(told) if isinstance(told, str | int) else ""
    return named if _NAME.fullmatch(named) else None


class Fate(Enum):
    """What became of a message that was to be handed over."""

    TAKEN = auto()
    REFUSED = auto()
    """The gateway says no to it, and will again."""
    NOT_SENT = auto()
    """It certainly did not go: the gateway has no room for it now."""
    UNSURE = auto()
    """It was begun, and no answer came."""
    CLOSED = auto()
    """The gateway can't be had or takes nothing from us: not sent, for no fault of its own."""


@dataclass(frozen=True)
class Answer:
    """The gateway's word; `reason` is a code, `name` the gateway's own name of the message."""

    fate: Fate
    reason: str = ""
    name: str | None = None


@dataclass(frozen=True)
class Receipt:
    """The network's word on a message that the gateway calls `name`."""

    name: str
    delivered: bool
    reason: str


@dataclass(frozen=True)
class Reply:
    """What somebody wrote back."""

    sender: str
    text: str


Heard = Receipt | Reply


class Gateway(Protocol):
    """One way to the telephones; never raises for what a network can do."""

    def send(self, to: str, text: str, number: int) -> Answer:
        """Hand over one message to a number in E.164; `number` is our own name of it."""
        ...

    def heard(self) -> Sequence[Heard]:
        """What came back since it was asked last."""
        ...

    def close(self) -> None:
        """End all connections."""
        ...
