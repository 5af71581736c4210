import numpy as np
import pyarrow.compute as pc

from qalqan.simulate.calls.traits import GRADES
from qalqan.simulate.calls.truth import SCHEMA

KINDS = {
    "courier", "taxi", "probe", "alarms", "gateway", "fleet", "second_hand", "call_centre.bank",
    "call_centre.clinic", "export_office", "foreign_desk", "roamer", "ported.mobile",
    "ported.line", "loop", "fraud_centre", "spoofed.fixed", "spoofed.mobile",
    "spoofed.unallocated", "spoofed.bank", "city_caller", "wangiri",
    *(f"sim_box.{grade}" for grade in GRADES),
}  # fmt: skip
GUILTY = ("sim_box", "fraud_centre", "spoofed", "city_caller", "wangiri")


def test_every_kind_of_actor_is_there_and_calls(village):
    assert {actor.kind for actor in village.truth.actors} == KINDS
    for kind in KINDS:
        assert sum(actor.calls for actor in village.truth.of(kind)) > 0, kind


def test_guilt_goes_by_kind(village):
    for actor in village.truth.actors:
        assert actor.guilty == (actor.kind.partition(".")[0] in GUILTY), actor.kind
        assert not (actor.guilty and actor.allowed)


def test_first_calls_and_counts_agree_with_the_calls(village):
    whose = village.truth.actor_of_call
    assert len(whose) == len(village.calls)
    at = village.calls["at_us"].to_numpy()
    for actor in village.truth.actors:
        index = np.flatnonzero(whose == actor.number)
        assert len(index) == actor.calls
        assert actor.first_call == (index[0] if len(index) else None)
        assert actor.first_us == (at[index[0]] if len(index) else None)


def test_attackers_call_from_their_own_numbers_and_devices(village):
    whose = village.truth.actor_of_call
    for actor in (*village.truth.of("sim_box"), *village.truth.of("fraud_centre")):
        mine = village.calls.filter(whose == actor.number)
        assert set(mine["caller"].to_pylist()) <= set(actor.numbers)
        assert set(mine["imei"].drop_null().to_pylist()) == set(actor.imeis)


def test_numbers_of_the_guilty_are_nobody_elses(village):
    guilty, innocent = (village.truth.numbers(guilty=guilty) for guilty in (True, False))
    assert guilty
    assert innocent
    assert not guilty & innocent
    calls = village.calls.filter(village.truth.actor_of_call < 0)
    assert not guilty & set(calls["caller"].to_pylist())


def test_moments_follow_an_answered_fraud_call_of_their_victim(village):
    assert len(village.truth.moments) > 5
    for moment in village.truth.moments:
        call = village.calls.slice(moment.call, 1).to_pylist()[0]
        assert village.truth.actors[moment.actor].guilty
        assert village.truth.actor_of_call[moment.call] == moment.actor
        assert call["callee"] == moment.victim
        assert call["at_us"] == moment.call_us
        assert call["answered"]
        assert moment.at_us > moment.call_us + call["duration_s"] * 1_000_000


def test_the_truth_is_a_table(village):
    table = village.truth.table()
    assert table.schema == SCHEMA
    assert len(table) == len(village.truth.actors)
    assert pc.sum(pc.cast(table["guilty"], "int64")).as_py() >= 20
