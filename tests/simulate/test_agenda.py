from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.simulate.agenda import CLERK_HOURS, FEED_REST_US, FEED_STEP_US, Agenda
from qalqan.simulate.banks import BANKS
from qalqan.simulate.sizes import ALMATY_US

IDLE: dict = {"idle": True, "next_due_us": None}


def _stream_all(world, now_us):
    world.sql.execute("UPDATE streams SET told_us = ?", (now_us,))


def test_it_stops_for_whoever_is_first(town, world):
    agenda = Agenda(world, town.start_us)
    soon = town.start_us + MINUTE
    assert agenda.next_stop(IDLE, soon) == soon
    assert agenda.next_stop({"next_due_us": soon - 5}, soon) == soon - 5
    world.sql.execute(
        "INSERT INTO orders VALUES ('O', '211', 'hold', '{}', ?, NULL, 0)", (soon - 9,)
    )
    assert agenda.next_stop(IDLE, soon) == soon - 9
    assert [bank.code for bank in agenda.banks_due(soon - 9)] == ["211"]


def test_it_never_stops_twice_at_one_moment(town, world):
    agenda = Agenda(world, town.start_us)
    now = town.start_us + 7 * HOUR
    agenda.banks_due(now)
    assert agenda.next_stop({"next_due_us": now - HOUR}, now) == now + 1


def test_feeds_tell_of_the_script_within_ten_minutes_and_of_all_else_in_hours(town, world):
    agenda, now = Agenda(world, town.start_us), town.start_us
    feeds = [bank for bank in BANKS if bank.feed]
    while now < town.end_us:
        now = agenda.next_stop(IDLE, None)
        with world.turn(now):
            pass
        agenda.banks_due(now)
        due = agenda.feeds_due(now)
        for bank in feeds:
            (told,) = world.sql.execute(
                "SELECT told_us FROM streams WHERE bank = ?", (bank.code,)
            ).fetchone()
            assert now - told <= FEED_REST_US
            touched = world.touched_since(bank.code, told)
            if bank not in due and touched is not None:
                assert now < touched + FEED_STEP_US
            if bank in due:
                world.sql.execute("UPDATE streams SET told_us = ? WHERE bank = ?", (now, bank.code))


def test_the_clerk_comes_at_his_hours(town, world):
    agenda, seen = Agenda(world, town.start_us), []
    now = town.start_us
    while now < town.start_us + DAY:
        with world.turn(now):
            _stream_all(world, now)
        now = agenda.next_stop(IDLE, None)
        if any(bank.delivery == "sheet" for bank in agenda.banks_due(now)):
            seen.append((now + ALMATY_US) // HOUR % 24)
    assert seen[:6] == list(CLERK_HOURS)


def test_quiet_is_counted_from_the_last_answer(town, world):
    agenda = Agenda(world, town.start_us)
    agenda.saw(town.start_us + HOUR, answered=2)
    agenda.saw(town.start_us + DAY, answered=0)
    assert not agenda.quiet_since(town.start_us + DAY, DAY)
    assert agenda.quiet_since(town.start_us + DAY + HOUR, DAY)
