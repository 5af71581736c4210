import pytest

from qalqan.clock import DAY, HOUR, SECOND
from qalqan.simulate.book import parts
from qalqan.simulate.moves import place_hold
from qalqan.simulate.truth import truth_now, truth_untouched
from qalqan.simulate.world import World


def _ledger(world, account, until_us):
    """Balance by the payments themselves."""
    text, balance = world.text_of(account), world.opening(account)
    for entry in world.entries_of(account, until_us):
        balance += entry.amount * ((entry.payee.account == text) - (entry.payer.account == text))
    return balance


def test_balances_are_what_the_payments_say_at_every_step(town, world):
    now = town.start_us
    for _ in range(10):
        now += DAY
        with world.turn(now) as book:
            watched = dict(book.balance)
        for account, balance in watched.items():
            assert balance == _ledger(world, account, now + SECOND)


def test_the_world_plays_what_the_country_drew(town, world):
    end = town.end_us
    everybody = frozenset(claim.number for claim in town.plan.claims)
    for now in range(town.start_us, end + 5 * HOUR, 5 * HOUR):
        with world.turn(now) as book:
            played = parts(book, now, everybody)
    untouched = truth_untouched_of(town)
    assert played.stolen == untouched.stolen == sum(c.amount for c in town.plan.claims)
    # Without usual spending between the steps only what drops keep and pay as fees may shift.
    assert (played.cash, played.abroad, played.crypto) == (
        untouched.cash, untouched.abroad, untouched.crypto,
    )  # fmt: skip


def truth_untouched_of(town):
    import copy
    from dataclasses import replace

    return truth_untouched(replace(town, book=copy.deepcopy(town.book)))


def test_only_reported_money_counts(town, world):
    first = min(claim.reported_us for claim in town.plan.claims)
    assert truth_now(world, first - 1).stolen == 0
    assert truth_now(world, first).stolen > 0


def test_a_failed_turn_leaves_nothing_behind(town, world):
    with world.turn(town.start_us + DAY) as book:
        before = dict(book.balance)
    with pytest.raises(RuntimeError), world.turn(town.start_us + 3 * DAY):
        raise RuntimeError
    with world.turn(town.start_us + DAY) as book:
        assert book.balance == before


def test_two_processes_see_one_ledger(town, world, tmp_path):
    other = World(tmp_path / "world.db")
    now = town.start_us + DAY
    account = town.plan.rings[0].drops[0]
    with world.turn(now) as book:
        held = place_hold(book, "o1", account, 10**9, now, now + DAY)
    with other.turn(now) as book:
        assert book.held(account, now) == held > 0
    other.close()


def test_an_unwatched_account_is_watched_from_its_first_hold(town, world):
    now = town.start_us + 2 * DAY
    main = (int(account) for account in town.population.people.main)
    accounts = [account for account in main if account not in town.plan.involved][:20]
    with world.turn(now) as book:
        for account in accounts:
            assert account not in book.balance
            world.watch(book, account)
            assert book.balance[account] == _ledger(world, account, now)
            place_hold(book, f"o{account}", account, 10**12, now, now + 30 * DAY)
    with world.turn(now + 5 * DAY) as book:
        assert min(book.balance[account] for account in accounts) >= 0
    declined = {row[0] for row in world.sql.execute("SELECT payer FROM payments WHERE declined")}
    assert declined & set(accounts)
