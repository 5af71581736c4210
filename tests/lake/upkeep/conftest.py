"""Facts sealed into a lake, and the lease that upkeep holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from qalqan.lake.receipt import Receipt
from qalqan.lake.sealing import seal
from qalqan.lake.upkeep import keeping
from qalqan.register.database import Database
from qalqan.register.leases import Held

AT = 1_767_225_600_000_000  # 2026-01-01


@pytest.fixture
def held(database: Database) -> Iterator[Held]:
    with keeping(database) as lease:
        yield lease


@pytest.fixture
def session_fact() -> Callable[..., dict[str, Any]]:
    """A session in a bank's cabinet, some days after 1 January 2026."""

    def fact(name: str, day: int = 0, **more: Any) -> dict[str, Any]:
        at_us = AT + day * 86_400_000_000
        return {"id": name, "at_us": at_us, "remote_access": False, "outcome": "failed", **more}

    return fact


@pytest.fixture
def sealed(give: Callable[..., Receipt], database: Database, lake_root: str) -> Callable[..., int]:
    """Takes facts and seals them; answers the newest seal."""

    def sealed(*facts: dict[str, Any], kind: str = "session") -> int:
        give(*facts, kind=kind)
        return seal(database, lake_root)

    return sealed
