import numpy as np
import pyarrow.compute as pc


def repeated(table) -> float:
    """Share of calls to a number that the caller had called before."""
    pairs = pc.binary_join_element_wise(table["caller"], table["callee"], " ")
    return 1 - pc.count_distinct(pairs).as_py() / len(table)


def test_couriers_and_dispatchers_hardly_repeat_a_callee(calls_of, village):
    for kind in ("courier", "taxi"):
        assert repeated(calls_of(kind)) < 0.3
        assert len(calls_of(kind)) > 20 * village.size.days


def test_couriers_move_and_desks_do_not(village, calls_of):
    for actor in village.truth.of("courier"):
        mine = village.calls.filter(village.truth.actor_of_call == actor.number)
        assert pc.count_distinct(mine["cell"]).as_py() > 4
    for kind in ("taxi", "gateway", "probe"):
        for actor in village.truth.of(kind):
            mine = village.calls.filter(village.truth.actor_of_call == actor.number)
            assert len(set(mine["cell"].drop_null().to_pylist())) <= 1


def test_probes_have_several_cards_in_a_device_and_set_lengths(village):
    for actor in village.truth.of("probe"):
        mine = village.calls.filter(village.truth.actor_of_call == actor.number)
        assert len(actor.imeis) == 1
        assert pc.count_distinct(mine["imsi"]).as_py() >= 3
        assert pc.count_distinct(mine["duration_s"]).as_py() <= 2
        assert not set(actor.numbers) & set(village.calls["callee"].to_pylist())


def test_alarms_only_text(calls_of):
    alarms = calls_of("alarms")
    assert set(alarms["service"].to_pylist()) == {"sms"}
    assert alarms["ring_s"].null_count == len(alarms)


def test_a_gateway_is_permitted_and_rung_back(village):
    callees = set(village.calls["callee"].to_pylist())
    assert all(actor.allowed for actor in village.truth.of("gateway"))
    assert any(set(actor.numbers) & callees for actor in village.truth.of("gateway"))


def test_a_fleet_is_one_firms_pack_of_numbers(village):
    sold = village.subscriptions
    for actor in village.truth.of("fleet"):
        mine = sold.filter(pc.is_in(sold["phone"], pc.cast(list(actor.numbers), "string")))
        assert set(mine["holder_kind"].to_pylist()) == {"company"}
        assert pc.count_distinct(mine["holder"]).as_py() == 1
        assert np.ptp(mine["at_us"].to_numpy()) < 6 * 3_600_000_000


def test_second_hand_telephones_show_several_cards(village):
    seen = village.calls.select(["imei", "imsi"]).drop_null()
    cards = seen.group_by("imei").aggregate([("imsi", "count_distinct")])
    count = dict(zip(*(column.to_pylist() for column in cards.columns), strict=True))
    shared = [
        max((count[imei] for imei in actor.imeis), default=0)
        for actor in village.truth.of("second_hand")
    ]
    assert sum(most >= 2 for most in shared) > len(shared) / 2
