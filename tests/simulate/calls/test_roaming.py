import pyarrow.compute as pc

from qalqan.geo.number_columns import number_classes


def test_roamers_call_home_from_abroad(calls_of):
    calls = calls_of("roamer")
    assert set(calls["trunk_class"].to_pylist()) == {"international"}
    places = calls["caller_place"].to_pylist()
    assert places.count("abroad") > 0.7 * len(places)
    assert number_classes(calls["caller"].combine_chunks())[0].unique().to_pylist() == ["KZ"]


def test_loops_are_domestic_numbers_on_trunks_that_carry_nothing_else(village, calls_of):
    calls = calls_of("loop")
    assert number_classes(calls["caller"].combine_chunks())[0].unique().to_pylist() == ["KZ"]
    trunks = calls["trunk"].unique()
    assert len(village.calls.filter(pc.is_in(village.calls["trunk"], trunks))) == len(calls)
    assert all(actor.allowed for actor in village.truth.of("loop"))


def test_ported_lines_call_over_their_peers_trunk(village):
    for actor in village.truth.of("ported.line"):
        mine = village.calls.filter(village.truth.actor_of_call == actor.number)
        assert set(mine["trunk"].to_pylist()) <= {actor.trunk}


def test_ported_mobiles_keep_the_number_and_change_the_network(village, calls_of):
    def networks(calls, code):
        chosen = calls.filter(pc.equal(pc.utf8_slice_codeunits(calls["caller"], 2, 5), code))
        return set(pc.utf8_slice_codeunits(chosen["imsi"].drop_null(), 0, 5).to_pylist())

    usual = village.calls.filter(village.truth.actor_of_call < 0)
    assert networks(usual, "701") == {"40102"}
    assert "40102" not in networks(calls_of("ported.mobile"), "701")
