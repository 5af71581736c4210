import pyarrow.compute as pc

from qalqan.geo.number_columns import number_classes


def test_call_centres_call_from_city_lines(calls_of):
    calls = calls_of("call_centre")
    assert set(number_classes(calls["caller"].combine_chunks())[1].to_pylist()) == {"fixed"}
    assert set(calls["trunk_class"].to_pylist()) == {"domestic"}


def test_an_export_office_calls_abroad_and_is_called_back(village, calls_of):
    calls = calls_of("export_office")
    assert "KZ" not in number_classes(calls["callee"].combine_chunks())[0].to_pylist()
    numbers = {number for actor in village.truth.of("export_office") for number in actor.numbers}
    back = village.calls.filter(pc.is_in(village.calls["callee"], pc.cast(list(numbers), "string")))
    assert "international" in back["trunk_class"].to_pylist()


def test_a_foreign_desk_calls_over_an_international_trunk(calls_of):
    calls = calls_of("foreign_desk")
    assert set(calls["trunk_class"].to_pylist()) == {"international"}
    assert "KZ" not in number_classes(calls["caller"].combine_chunks())[0].to_pylist()
