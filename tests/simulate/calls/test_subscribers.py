import pyarrow.compute as pc


def shares(village, key: str, value: str) -> dict[int, float]:
    """Share of `key`s by how many different `value`s ordinary calls show with each."""
    calls = village.calls.filter(village.truth.actor_of_call < 0)
    seen = calls.select([key, value]).drop_null()
    counted = seen.group_by(key).aggregate([(value, "count_distinct")])[f"{value}_count_distinct"]
    counts = counted.value_counts().to_pylist()
    return {one["values"]: one["counts"] / len(counted) for one in counts}


def test_a_few_telephones_are_shared_and_a_few_are_replaced(village):
    assert 0.005 < 1 - shares(village, "imei", "imsi")[1] < 0.06
    assert 0.005 < 1 - shares(village, "imsi", "imei")[1] < 0.06


def test_a_card_has_one_number(village):
    assert shares(village, "imsi", "caller") == {1: 1.0}


def test_most_people_are_seen_in_several_cells(village):
    assert shares(village, "imsi", "cell")[1] < 0.5


def test_some_people_hold_two_numbers_and_nobody_ordinary_more(village):
    mine = village.subscriptions.slice(0)
    innocent = pc.is_in(mine["holder_kind"], pc.cast(["person"], "string"))
    boxes = [n for actor in village.truth.of("sim_box") for n in actor.numbers]
    boxed = pc.is_in(mine["phone"], pc.cast(boxes, "string"))
    people = mine.filter(pc.and_(innocent, pc.invert(boxed)))
    held = people.group_by("holder").aggregate([("phone", "count")])["phone_count"]
    assert pc.max(held).as_py() == 2
    assert 0.1 < pc.mean(pc.equal(held, 2).cast("float64")).as_py() < 0.3
