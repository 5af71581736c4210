import numpy as np

from qalqan.simulate.calls.places import REGIONS, settle


def test_cells_lie_in_their_region_wherever_one_moves():
    places, region = settle(20_000)
    generator = np.random.default_rng(4)
    assert len(region) == 20_000
    cell = places.some(generator, region)
    assert np.array_equal(places.region_of(cell), region)
    moved = places.near(cell, generator.integers(-500, 500, len(cell)))
    assert np.array_equal(places.region_of(moved), region)


def test_labels_name_the_region():
    places, _ = settle(3_000)
    labels, codes = places.labels()
    assert len(labels.unique()) == places.count.sum()
    assert all(a.startswith(b) for a, b in zip(labels.to_pylist(), codes.to_pylist(), strict=True))
    assert set(codes.to_pylist()) == {region.code for region in REGIONS}
