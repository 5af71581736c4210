"""What every way in needs to know: where facts go, and what is handed in."""

from __future__ import annotations

from dataclasses import dataclass, field

from qalqan.lake.checked import Terms
from qalqan.register.database import Database
from qalqan.trust.keys import Keys


@dataclass(frozen=True)
class Centre:
    """Where facts go: its register, its keys, its lake's folder or address."""

    database: Database
    keys: Keys
    lake_root: str


@dataclass(frozen=True)
class HandIn:
    """What one partner hands in: facts of one kind, under one name."""

    kind: str
    source: str
    name: str
    terms: Terms = field(default_factory=Terms)
    batch: str | None = None
    """Names a file by its contents; anything else is a batch of a new name."""
    key: str | None = None
    """The sender's idempotency key: under it, the first receipt is answered again."""
