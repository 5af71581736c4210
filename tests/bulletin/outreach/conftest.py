"""A centre that warns people."""

from __future__ import annotations

import pytest

from outreached import Outreach
from qalqan.clock import SharedClock
from qalqan.register.database import Database
from qalqan.trust.keys import Keys


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


@pytest.fixture
def outreach(database: Database, keys: Keys, stopped_clock: SharedClock) -> Outreach:
    return Outreach.begin(database, keys, stopped_clock)
