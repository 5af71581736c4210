import copy

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.simulate.book import Book, parts
from qalqan.simulate.moves import lower_hold, pay_back, place_hold, prolong_hold, settle
from qalqan.simulate.plan import Claim, Out, Plan, Ring, Stage

ALL = frozenset(range(100))
AT = 1_000 * DAY


def _claim(number, payer, stage, amount, at_us=AT):
    return Claim(
        number, 0, 0, payer, stage, amount, at_us, ("27",), at_us, at_us, "kk", "KZ-75", True
    )


def _chain():
    """Victim 100 → drop 10 (keeps 5 %) → drop 11 (keeps 10 %) → cash; victim 101 likewise."""
    stages = []
    for claim in (0, 1):
        first = len(stages)
        stages += [
            Stage(first, claim, 10, 50_000, True, (Out(1_000_000, 10 * MINUTE, stage=first + 1),)),
            Stage(first + 1, claim, 11, 100_000, False, (Out(1_000_000, HOUR, exit="cash"),)),
        ]
    ring = Ring(0, 12, (10, 11), frozenset({10}), "c")
    claims = (_claim(0, 100, 0, 1_000_000), _claim(1, 101, 2, 500_000, AT + 20 * MINUTE))
    book = Book(
        Plan((ring,), claims, tuple(stages)),
        {10: 0, 11: 0, 100: 0, 101: 0},
        {10: 300_000, 11: 0, 100: 2_000_000, 101: 2_000_000},
    )
    for claim in claims:
        book.schedule(claim.at_us, claim.first_stage, -1, claim.amount)
    return book


def test_each_drop_keeps_his_part_and_the_rest_leaves():
    book = _chain()
    settle(book, [], AT + DAY)
    at_end = parts(book, AT + DAY, ALL)
    # 5 % of 1 500 000; 10 % of 1 425 000, of which the cash machine's one per cent is paid.
    assert (at_end.stolen, at_end.cash) == (1_500_000, 1_282_500)
    assert at_end.fees == 8_550 + 4_275
    assert at_end.kept_by_drops == 75_000 + 142_500 - at_end.fees


def test_a_hold_in_time_catches_all_and_the_step_is_given_up():
    book = _chain()
    settle(book, [], AT + 5 * MINUTE)
    assert place_hold(book, "o1", 10, 1_000_000, AT + 5 * MINUTE, AT + 3 * DAY) == 1_000_000
    settle(book, [], AT + 15 * MINUTE)
    now = parts(book, AT + 15 * MINUTE, ALL)
    assert (now.stolen, now.held, now.traceable) == (1_000_000, 1_000_000, 0)
    assert book.given_up[0] == 950_000


def test_a_late_hold_takes_what_the_drop_kept_then_his_own_money():
    book = _chain()
    settle(book, [], AT + 15 * MINUTE)
    assert place_hold(book, "o1", 10, 1_000_000, AT + 15 * MINUTE, AT + 3 * DAY) == 350_000
    assert parts(book, AT + 15 * MINUTE, ALL).held == 50_000


def test_new_money_beside_a_hold_still_moves_on():
    book = _chain()
    settle(book, [], AT + 15 * MINUTE)
    place_hold(book, "o1", 10, 1_000_000, AT + 15 * MINUTE, AT + 30 * DAY)
    settle(book, [], AT + DAY)
    carried = [m.carried for m in book.made if m.payer == 10 and 1 in m.carried]
    assert carried == [{1: 475_000}]


def test_usual_spending_takes_what_the_drop_kept_first_and_stops_at_a_hold():
    book = _chain()
    usual = [(AT + 12 * MINUTE, 1, 10, 99, 30_000), (AT + 18 * MINUTE, 2, 10, 99, 30_000)]
    settle(book, usual[:1], AT + 13 * MINUTE)
    assert book.gone[0, "spent"] == 30_000
    assert book.parcel(10, 0).kept == 20_000
    place_hold(book, "o1", 10, 1, AT + 13 * MINUTE, AT + DAY)
    settle(book, usual[1:], AT + 19 * MINUTE)
    assert book.declined == [2]


def test_a_return_pays_the_victim_out_of_the_hold():
    book = _chain()
    settle(book, [], AT + 5 * MINUTE)
    place_hold(book, "o1", 10, 800_000, AT + 5 * MINUTE, AT + 3 * DAY)
    assert pay_back(book, "o1", 900_000, 100, AT + HOUR) == 800_000
    now = parts(book, AT + HOUR, ALL)
    assert (now.returned, now.held) == (800_000, 0)
    assert book.balance[100] == 1_800_000
    assert pay_back(book, "o1", 1, 100, AT + HOUR) == 0


def test_a_lapsed_hold_holds_returns_and_releases_nothing():
    book = _chain()
    settle(book, [], AT + 5 * MINUTE)
    place_hold(book, "o1", 10, 800_000, AT + 5 * MINUTE, AT + DAY)
    assert book.held(10, AT + DAY) == 0
    assert pay_back(book, "o1", 1, 100, AT + DAY) == 0
    assert lower_hold(book, "o1", 1, AT + DAY) == 0
    assert prolong_hold(book, "o1", 1, AT + DAY, AT + 2 * DAY) == 0


_STEP = st.tuples(
    st.sampled_from(["wait", "hold", "lower", "prolong", "return", "spend"]),
    st.integers(0, 10**9),
    st.integers(1, 6 * HOUR),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(_STEP, max_size=40))
def test_money_is_conserved_whatever_is_ordered(town, steps):
    book = copy.deepcopy(town.book)
    members = sorted(town.plan.members)
    now, whole = town.start_us, _whole(book, ())
    spent = []
    for number, (what, chance, wait_us) in enumerate(steps):
        account = members[chance % len(members)]
        amount, order = 1 + chance // 7 % 300_000_000, f"o{chance % 5}"
        now += wait_us
        usual = [(now, number, account, 99, amount)] if what == "spend" else []
        settle(book, usual, now)
        if what == "spend" and number not in book.declined:
            spent.append(amount)
        if what == "hold" and order not in book.holds:
            place_hold(book, order, account, amount, now, now + 3 * DAY)
        elif what == "lower":
            lower_hold(book, order, amount, now)
        elif what == "prolong":
            prolong_hold(book, order, amount, now, now + 9 * DAY)
        elif what == "return":
            pay_back(
                book, order, amount, town.plan.claims[chance % len(town.plan.claims)].payer, now
            )
        _check(town, book, now)
        assert _whole(book, spent) == whole


def _whole(book, spent):
    """Money of the watched accounts, and what left them for others."""
    watched = set(book.balance)
    gone = sum(m.amount for m in book.made if m.payee not in watched)
    return sum(book.balance.values()) + gone + sum(spent)


def _check(town, book, now):
    at_hand = parts(book, now, ALL)
    body = at_hand.as_dict()
    assert body.pop("stolen_tiyn") == sum(body.values())
    assert at_hand.stolen == sum(c.amount for c in town.plan.claims if c.at_us <= now)
    assert min(body.values()) >= 0
    for account, balance in book.balance.items():
        assert balance >= 0
        assert 0 <= book.held(account, now) <= balance
        assert book.disputed(account) <= balance
        assert book.reserved(account, now) <= book.disputed(account)
