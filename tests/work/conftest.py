"""The worker's tests run on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server
