from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from qalqan.simulate.calls.country import VILLAGE, CallCountry, make


@pytest.fixture(scope="session")
def village() -> CallCountry:
    """One small country for all tests."""
    return make(7, VILLAGE)


@pytest.fixture(scope="session")
def calls_of(village) -> Callable[[str], pa.Table]:
    """The calls of all actors of a kind."""

    def found(kind: str) -> pa.Table:
        actors = [actor.number for actor in village.truth.of(kind)]
        return village.calls.filter(pa.array(np.isin(village.truth.actor_of_call, actors)))

    return found
