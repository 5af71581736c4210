from collections.abc import Iterator

import pytest

from peers import iso


@pytest.fixture(scope="session", autouse=True)
def _peer_ends() -> Iterator[None]:
    yield
    iso.stop()
