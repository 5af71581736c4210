from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest
from sqlalchemy import update

from qalqan import clock
from qalqan.errors import Conflict
from qalqan.register.database import Database
from qalqan.register.leases import Held, hold
from qalqan.register.numbers import next_id
from qalqan.register.orm import Lease, Number


def run_out(database: Database) -> None:
    with database.write() as session:
        session.execute(update(Lease).values(until_wall_us=0))


def test_one_holder_at_a_time_even_of_one_owner(database: Database) -> None:
    with hold(database, "seal", 60):
        with pytest.raises(Conflict), hold(database, "seal", 60):
            pass
        with hold(database, "vacuum", 60):
            pass
    with hold(database, "seal", 60):
        pass


def test_a_lease_falls_with_its_block(database: Database) -> None:
    with pytest.raises(KeyError), hold(database, "seal", 60):
        raise KeyError
    with database.session() as session:
        assert session.query(Lease).count() == 0


def test_a_dead_holders_lease_runs_out(database: Database) -> None:
    with ExitStack() as blocks:
        dead = blocks.enter_context(hold(database, "seal", 60))
        run_out(database)
        with hold(database, "seal", 60) as held:
            with pytest.raises(Conflict), database.write() as session:
                dead.check(session)
            with database.write() as session:
                held.check(session)
            blocks.close()  # the dead one comes back and must not free what is not its own
            with database.write() as session:
                held.check(session)


def test_checking_starts_the_term_anew(database: Database) -> None:
    with hold(database, "seal", 60) as held:
        run_out(database)
        with database.write() as session:
            held.check(session)
        with pytest.raises(Conflict), hold(database, "seal", 60):
            pass


def test_of_many_who_come_at_once_one_holds(database: Database) -> None:
    def attempt(number: int) -> bool:
        try:
            stack.enter_context(hold(database, "seal", 60))
        except Conflict:
            return False
        return True

    with ExitStack() as stack, ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(12))) == 1


def count_under(database: Database, held: Held) -> None:
    with database.write() as session:
        next_id(session, "C")
        held.check(session)


def test_what_a_lost_lease_wrote_rolls_back(database: Database) -> None:
    with hold(database, "seal", 60) as slow:
        run_out(database)
        with hold(database, "seal", 60) as held:
            with pytest.raises(Conflict):
                count_under(database, slow)
            count_under(database, held)
    with database.session() as session:
        assert session.query(Number.last).scalar() == 1


def test_a_living_holder_keeps_it_however_long_he_takes(database: Database) -> None:
    with hold(database, "seal", 0.3) as held:
        begun = clock.wall_us()
        while clock.wall_us() < begun + 3 * 300_000:
            with pytest.raises(Conflict), hold(database, "seal", 60):
                pass
        with database.write() as session:
            held.check(session)


_HOLDS_UNTIL_KILLED = """
import sys, time
from qalqan.register.database import Database
from qalqan.register.leases import hold
with hold(Database(sys.argv[1]), "seal", 0.5):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_killed_holder_is_followed_when_his_term_is_over(database: Database) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDS_UNTIL_KILLED, database.url], stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Conflict), hold(database, "seal", 60):
            pass
        holder.kill()
    for _ in range(200):
        with suppress(Conflict), hold(database, "seal", 60):
            break
        time.sleep(0.02)
    else:
        pytest.fail("the dead one's lock stood")


_RACES = """
import sys
from qalqan import clock
from qalqan.errors import Conflict
from qalqan.register.database import Database
from qalqan.register.leases import hold
from qalqan.register.numbers import next_id
database, won = Database(sys.argv[1]), 0
sys.stdin.readline()
while won < 10:
    try:
        with hold(database, "seal", 60) as held, database.write() as session:
            held.check(session)
            next_id(session, "C")
            won += 1
    except Conflict:
        pass
"""


def test_two_processes_race_and_each_gets_its_turns(database: Database) -> None:
    command = [sys.executable, "-c", _RACES, database.url]
    racers = [subprocess.Popen(command, stdin=subprocess.PIPE, text=True) for _ in range(2)]
    for racer in racers:  # both are told before either is waited for
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.close()
    for racer in racers:
        racer.wait()
    assert [racer.returncode for racer in racers] == [0, 0]
    with database.session() as session:
        assert session.query(Number.last).scalar() == 20
