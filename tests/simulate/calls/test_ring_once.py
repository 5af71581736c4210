import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.geo.number_columns import number_classes


def test_city_callers_go_through_city_lines_and_are_seldom_answered(calls_of):
    calls = calls_of("city_caller")
    assert set(number_classes(calls["callee"].combine_chunks())[1].to_pylist()) == {"fixed"}
    assert "KZ" not in number_classes(calls["caller"].combine_chunks())[0].to_pylist()
    assert pc.mean(calls["answered"].cast("float64")).as_py() < 0.35


def test_ring_once_rings_less_than_three_seconds(calls_of):
    calls = calls_of("wangiri")
    assert pc.max(calls["ring_s"]).as_py() < 3
    assert pc.mean(calls["answered"].cast("float64")).as_py() < 0.05


def test_ring_once_goes_on_in_sequence(village):
    for actor in village.truth.of("wangiri"):
        mine = village.calls.filter(village.truth.actor_of_call == actor.number)
        number = pc.cast(pc.utf8_slice_codeunits(mine["callee"], 1), pa.int64()).to_numpy()
        assert np.median(np.abs(np.diff(number))) < 40


def test_some_people_ring_the_dear_number_back(village):
    dear = [number for actor in village.truth.of("wangiri") for number in actor.numbers]
    back = village.calls.filter(pc.is_in(village.calls["callee"], pa.array(dear)))
    assert len(back) > 0
    assert set(back["trunk_class"].to_pylist()) == {"access"}
