import copy
from pathlib import Path

import pytest

from qalqan.simulate.country import Country, make
from qalqan.simulate.founding import found_world
from qalqan.simulate.world import World


@pytest.fixture(scope="session")
def town() -> Country:
    """One town for all tests: drawing it takes a second."""
    return make("town", 7)


@pytest.fixture
def book(town):
    """The rings' state at the start, to be spoilt."""
    return copy.deepcopy(town.book)


@pytest.fixture(scope="session")
def founded(town, tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("world") / "world.db"
    found_world(path, town)
    World(path).close()
    return path.read_bytes()


@pytest.fixture
def world(founded, tmp_path: Path):
    """The town's world in a file of this test's own."""
    path = tmp_path / "world.db"
    path.write_bytes(founded)
    world = World(path)
    yield world
    world.close()
