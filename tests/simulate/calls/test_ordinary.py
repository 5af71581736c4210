import numpy as np
import pyarrow.compute as pc


def ordinary(village):
    return village.calls.filter(village.truth.actor_of_call < 0)


def test_nearly_everybody_calls_and_is_called(village):
    calls = ordinary(village)
    mobile = calls.filter(pc.equal(calls["trunk_class"], "access"))
    callers, callees = set(mobile["caller"].to_pylist()), set(calls["callee"].to_pylist())
    assert len(callers) > 0.75 * village.size.subscribers
    assert len(callers & callees) > 0.9 * len(callers)


def test_people_call_their_contacts_again_and_again(village):
    calls = ordinary(village)
    pairs = pc.binary_join_element_wise(calls["caller"], calls["callee"], " ")
    assert pc.count_distinct(pairs).as_py() < 0.7 * len(calls)


def test_the_shares_of_texts_and_answers_are_those_of_people(village):
    calls = ordinary(village)
    text = pc.equal(calls["service"], "sms")
    assert 0.12 < pc.mean(text.cast("float64")).as_py() < 0.28
    spoken = calls.filter(pc.invert(text))
    assert 0.55 < pc.mean(spoken["answered"].cast("float64")).as_py() < 0.75
    silent = spoken.filter(pc.invert(spoken["answered"]))
    assert pc.max(silent["duration_s"]).as_py() == 0


def test_lengths_have_a_heavy_tail(village):
    calls = ordinary(village)
    length = calls.filter(pc.greater(calls["duration_s"], 0))["duration_s"].to_numpy()
    assert np.quantile(length, 0.99) > 8 * np.median(length)


def test_nights_are_quiet(village):
    hour = ordinary(village)["at_us"].to_numpy() // 3_600_000_000 % 24
    local = (hour + 5) % 24
    assert ((local >= 1) & (local < 5)).mean() < 0.02


def test_some_calls_come_from_friends_abroad(village):
    calls = ordinary(village)
    share = pc.mean(pc.equal(calls["trunk_class"], "international").cast("float64")).as_py()
    assert 0.002 < share < 0.06
