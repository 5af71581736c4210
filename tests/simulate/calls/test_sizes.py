from qalqan.simulate.calls.sizes import AT_LEAST, NATION, ONE_IN, VILLAGE, sized


def test_every_actor_is_there_and_grows_with_the_country():
    for name in ONE_IN:
        small, large = getattr(VILLAGE, name), getattr(NATION, name)
        assert AT_LEAST <= small <= large


def test_crowds_shrink_in_small_countries_alone():
    assert VILLAGE.scale < sized(20_000).scale < NATION.scale == 1.0
