import pytest

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.exchange.order_message import Answer, OrderMessage
from qalqan.model.order import Kind, Outcome
from qalqan.simulate.banks import BANKS, BY_CODE
from qalqan.simulate.desk import answer_due, answer_time, is_down, mark_sent, take_order, unsent
from qalqan.simulate.lines import line
from qalqan.simulate.sizes import ALMATY_US


def _ask(world, kind, account, now, bank=None, **more) -> Answer:
    """Order, and what the bank answers at once."""
    text = world.text_of(account) if isinstance(account, int) else account
    code = (
        bank or world.sql.execute("SELECT bank FROM accounts WHERE text = ?", (text,)).fetchone()[0]
    )
    of = BY_CODE[code]
    order = more.pop("order", f"O-{kind}-{now}")
    message = OrderMessage(
        order=order, case="C-26-000001", kind=kind, partner=of.partner, account=text,
        ground="g", issued_us=now, **more,
    )  # fmt: skip
    take_order(world, of, message, now)
    assert answer_due(world, of, now) == 1
    return next(answer for answer in unsent(world, of) if answer.order == order)


@pytest.fixture
def live(town):
    """A claim whose money moves after the start."""
    return next(claim for claim in town.plan.claims if claim.at_us > town.start_us)


def _first(town, claim):
    return town.plan.stages[claim.first_stage].account


def test_confirms_the_victims_payment_and_denies_another(town, world, live):
    now = live.at_us + MINUTE
    period = {"from_us": live.at_us - DAY, "to_us": live.at_us + DAY}
    yes = _ask(world, Kind.CONFIRM, live.payer, now, amount=live.amount, **period)
    assert yes.outcome is Outcome.CONFIRMED
    assert yes.payment is not None
    assert yes.payment.payee_account == world.text_of(_first(town, live))
    assert yes.payment.amount == live.amount
    no = _ask(world, Kind.CONFIRM, live.payer, now, order="x", amount=live.amount + 1, **period)
    assert no.outcome is Outcome.NOT_FOUND


def test_holds_what_is_there_and_no_more(town, world, live):
    account, now = _first(town, live), live.at_us + MINUTE
    held = _ask(world, Kind.HOLD, account, now, amount=live.amount, expires_us=now + 3 * DAY)
    assert (held.outcome, held.amount) == (Outcome.HELD, live.amount)
    more = _ask(world, Kind.HOLD, account, now, order="x", amount=10**13, expires_us=now + 3 * DAY)
    assert more.outcome in {Outcome.PARTIAL, Outcome.GONE}
    with world.turn(now) as book:
        assert book.held(account, now) <= book.balance[account]


def test_a_hold_lives_through_prolonging_release_and_return(town, world, live):
    account, now = _first(town, live), live.at_us + MINUTE
    _ask(world, Kind.HOLD, account, now, order="h1", amount=live.amount, expires_us=now + 3 * DAY)
    later = _ask(
        world, Kind.HOLD, account, now + DAY, order="h2", amount=live.amount - 500,
        expires_us=now + 30 * DAY, reply_to="h1",
    )  # fmt: skip
    assert (later.outcome, later.amount) == (Outcome.HELD, live.amount - 500)
    let_go = _ask(
        world, Kind.RELEASE, account, now + 4 * DAY, order="r1", amount=1_500, reply_to="h1"
    )
    assert (let_go.outcome, let_go.amount) == (Outcome.RELEASED, 1_500)
    back = _ask(
        world, Kind.RETURN, account, now + 5 * DAY, order="b1", amount=live.amount,
        reply_to="h2", beneficiary=world.text_of(live.payer),
    )  # fmt: skip
    assert (back.outcome, back.amount) == (Outcome.RETURNED, live.amount - 2_000)
    assert back.payment is not None
    again = _ask(
        world, Kind.RETURN, account, now + 5 * DAY, order="b2", amount=live.amount,
        reply_to="h2", beneficiary=world.text_of(live.payer),
    )  # fmt: skip
    assert (again.outcome, again.amount, again.payment) == (Outcome.GONE, 0, None)


@pytest.mark.parametrize("tells", ["feed", "statement"])
def test_a_return_carries_the_line_that_the_bank_tells_of_it_anyway(town, world, tells):
    """Told twice, it counts once: the fact is the same to the letter."""
    bank = next(b for b in BANKS if (b.feed if tells == "feed" else b.tells_balance))
    index = BANKS.index(bank)
    account = next(
        int(a)
        for a in town.population.companies.account[town.population.companies.shops]
        if town.population.accounts.bank[a] == index
    )
    victims = [world.text_of(claim.payer) for claim in town.plan.claims]
    now = town.start_us + 10 * HOUR
    _ask(world, Kind.HOLD, account, now, order="h", amount=9_000, expires_us=now + 3 * DAY)
    back = [
        _ask(
            world, Kind.RETURN, account, now + HOUR, order=f"b{number}", amount=3_000,
            reply_to="h", beneficiary=victims[number // 2],
        ).payment
        for number in range(3)
    ]  # fmt: skip
    assert len({made.id for made in back}) == 3
    for number, made in enumerate(back):
        assert (made.amount, made.instrument, made.at_us) == (3_000, "return", now + HOUR)
        assert made.payer_account == world.text_of(account)
        assert made.payee_account == victims[number // 2]
    if tells == "feed":
        entries = world.entries_between(bank.code, now, now + 2 * HOUR)
        told = {one["id"]: one for one in (line(entry, bank.code) for entry in entries)}
        assert [told[one.id] for one in back] == [one.model_dump(exclude_none=True) for one in back]
    else:
        body = _ask(world, Kind.STATEMENT, account, now + 2 * HOUR, from_us=now).statement
        assert set(back) <= set(body.lines)


def test_statements_add_up_and_say_the_same_line_every_time(town, world, live):
    account, now = _first(town, live), live.at_us + 9 * HOUR
    seen = {}
    for number, from_us in enumerate((0, town.start_us - 5 * DAY, live.at_us)):
        body = _ask(
            world, Kind.STATEMENT, account, now, order=f"s{number}", from_us=from_us
        ).statement
        assert body is not None
        assert (body.from_us, body.to_us, body.complete) == (from_us, now, True)
        moved = sum(
            told.amount
            * ((told.payee_account == body.account) - (told.payer_account == body.account))
            for told in body.lines
        )
        assert body.opening is not None
        assert body.opening + moved == body.closing
        for told in body.lines:
            assert from_us <= told.at_us <= now
            assert seen.setdefault(told.id, told) == told
    assert any(told.amount == live.amount for told in seen.values())


def test_feed_and_statement_say_the_same_line(town, world):
    bank = next(b for b in BANKS if b.feed)
    now = town.start_us + 3 * DAY
    with world.turn(now):
        streamed = {
            told["id"]: told
            for told in (
                line(entry, bank.code)
                for entry in world.entries_between(bank.code, town.start_us, now)
            )
        }
    index = BANKS.index(bank)
    account = next(
        int(a)
        for a in town.population.companies.account[town.population.companies.shops]
        if town.population.accounts.bank[a] == index
    )
    body = _ask(world, Kind.STATEMENT, account, now, from_us=town.start_us + DAY).statement
    assert body is not None
    assert body.lines
    for told in body.lines:
        assert told.model_dump(exclude_none=True) == streamed[told.id]


def test_a_bank_does_not_answer_for_another_banks_account(town, world, live):
    account = world.text_of(live.payer)
    mine = world.sql.execute("SELECT bank FROM accounts WHERE text = ?", (account,)).fetchone()[0]
    other = next(bank.code for bank in BANKS if bank.code != mine)
    refused = _ask(world, Kind.STATEMENT, account, town.start_us + DAY, bank=other, from_us=0)
    assert refused.outcome is Outcome.REFUSED


def test_an_order_is_taken_and_answered_once(town, world, live):
    account, now = _first(town, live), live.at_us + MINUTE
    held = _ask(world, Kind.HOLD, account, now, order="h1", amount=100, expires_us=now + DAY)
    bank = BY_CODE[world.sql.execute('SELECT bank FROM orders WHERE "order" = "h1"').fetchone()[0]]
    text = world.text_of(account)
    again = OrderMessage(
        order="h1", case="C", kind=Kind.HOLD, partner=bank.partner, account=text, amount=100,
        ground="g", issued_us=now,
    )  # fmt: skip
    take_order(world, bank, again, now)
    assert answer_due(world, bank, now) == 0
    assert unsent(world, bank) == [held]
    mark_sent(world, "h1")
    assert unsent(world, bank) == []


@pytest.mark.parametrize("bank", BANKS, ids=lambda bank: bank.partner)
def test_answers_come_by_the_banks_pace_and_never_while_it_is_down(town, bank):
    for hour in range(24):
        now = town.start_us + hour * HOUR
        for order in ("O-26-000001", "O-26-000002", "O-26-000077"):
            due = answer_time(bank, order, now)
            assert due >= now + bank.pace.least_us
            assert not is_down(bank, due)


def test_down_hours_are_local():
    bank = next(b for b in BANKS if b.pace.down_hours)
    midnight = 1_773_082_800_000_000
    assert (midnight + ALMATY_US) % DAY == 0
    assert not is_down(bank, midnight)
    assert is_down(bank, midnight + 2 * HOUR)
    assert not is_down(bank, midnight + 12 * HOUR)
