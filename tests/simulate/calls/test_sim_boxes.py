import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from qalqan.geo.number_columns import number_classes
from qalqan.simulate.calls.traits import GRADES


def boxes(village, grade):
    """Each box of a grade with its calls to others, and those among its own cards."""
    for actor in village.truth.of(f"sim_box.{grade}"):
        mine = village.calls.filter(village.truth.actor_of_call == actor.number)
        inside = pc.is_in(mine["callee"], pa.array(actor.numbers))
        yield actor, mine.filter(pc.invert(inside)), mine.filter(inside)


@pytest.mark.parametrize("grade", GRADES)
def test_boxes_call_as_local_subscribers(village, grade):
    for actor, carried, _ in boxes(village, grade):
        assert set(carried["trunk_class"].to_pylist()) == {"access"}
        assert set(carried["caller_place"].to_pylist()) == {"home"}
        assert number_classes(carried["callee"].combine_chunks())[0].unique().to_pylist() == ["KZ"]
        assert actor.dealer is not None


@pytest.mark.parametrize("grade", GRADES)
def test_cards_are_sold_before_the_first_call(village, grade):
    for actor, _, _ in boxes(village, grade):
        sold = village.subscriptions
        mine = sold.filter(pc.is_in(sold["phone"], pa.array(actor.numbers)))
        assert len(mine) == len(actor.numbers)
        assert pc.max(mine["at_us"]).as_py() <= actor.first_us


def test_a_naive_box_stands_still_and_puts_many_cards_in_a_device(village):
    for actor, carried, inside in boxes(village, "naive"):
        assert len(actor.imeis) < len(actor.numbers)
        assert pc.count_distinct(carried["cell"]).as_py() <= 2
        assert len(inside) == 0


def test_a_two_way_box_calls_and_texts_itself(village):
    for _, carried, inside in boxes(village, "two_way"):
        assert len(inside) > 0.05 * len(carried)
        assert set(inside["service"].to_pylist()) == {"voice", "sms"}


def test_a_new_imei_box_has_a_device_a_card_at_least(village):
    for _, carried, _ in boxes(village, "new_imei"):
        seen = carried.select(["imei", "imsi"]).group_by("imei")
        cards = seen.aggregate([("imsi", "count_distinct")])["imsi_count_distinct"]
        assert pc.max(cards).as_py() == 1
        assert not any(imei.startswith("869") for imei in carried["imei"].unique().to_pylist())


def test_a_moving_box_is_seen_in_several_cells(village):
    for _, carried, _ in boxes(village, "moving"):
        assert pc.count_distinct(carried["cell"]).as_py() > 1


def test_a_human_box_rings_some_people_again(village):
    for _, carried, _ in boxes(village, "human"):
        pairs = pc.binary_join_element_wise(carried["caller"], carried["callee"], " ")
        assert pc.count_distinct(pairs).as_py() < 0.98 * len(carried)


@pytest.mark.parametrize("grade", GRADES)
def test_no_two_boxes_of_a_grade_are_drawn_alike(grade):
    drawn = [GRADES[grade](np.random.default_rng(seed), 1.0) for seed in range(40)]
    rates = np.array([traits.calls_a_day for traits in drawn])
    assert rates.max() > 3 * rates.min()
    assert len({traits.cards for traits in drawn}) > 8
