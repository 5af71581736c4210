import pyarrow.compute as pc
import pytest

from qalqan.geo.number_columns import number_classes


def test_fraud_centres_ring_only_abroad_over_lines_of_the_country(calls_of):
    calls = calls_of("fraud_centre")
    assert not {"KZ", None} & set(number_classes(calls["callee"].combine_chunks())[0].to_pylist())
    assert number_classes(calls["caller"].combine_chunks())[0].unique().to_pylist() == ["KZ"]
    assert set(calls["trunk_class"].to_pylist()) <= {"voip", "domestic"}


def test_fraud_centres_keep_office_hours(calls_of):
    hour = (calls_of("fraud_centre")["at_us"].to_numpy() // 3_600_000_000 + 5) % 24
    assert hour.min() >= 8
    assert hour.max() <= 20


@pytest.mark.parametrize(
    ("kind", "classes"),
    [
        ("fixed", {"fixed"}), ("bank", {"fixed"}), ("mobile", {"mobile"}),
        ("unallocated", {"unassigned"}),
    ],
)  # fmt: skip
def test_spoofed_numbers_are_domestic_and_come_from_abroad(calls_of, kind, classes):
    calls = calls_of(f"spoofed.{kind}")
    shown = pc.coalesce(calls["presented"], calls["caller"]).combine_chunks()
    countries, kinds = number_classes(shown)
    assert countries.unique().to_pylist() == ["KZ"]
    assert set(kinds.to_pylist()) == classes
    assert set(calls["trunk_class"].to_pylist()) == {"international"}


def test_spoofed_numbers_belong_to_others(village):
    spoofed = village.truth.of("spoofed")
    assert all(actor.forged for actor in spoofed)
    bank = {n for actor in village.truth.of("call_centre.bank") for n in actor.numbers}
    assert {n for actor in village.truth.of("spoofed.bank") for n in actor.numbers} <= bank
