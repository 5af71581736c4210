"""An account's money goes over two or three others and comes back to it within days (REQ-39, 42).

A sum that runs in a circle buys nothing: it makes turnover, or layers over which a trail breaks.
Each account in between was new to both sides and passed nearly the whole sum on. Quiet on

- refunds and debts between two: there are at least two accounts in between;
- wages and takings: neither is a transfer between strangers;
- relatives and partners who have known one another for a week;
- one's own accounts: money from oneself is no receipt from a stranger;
- tills and money-changers with many payments a day.

Each step is later than the one before it, so the subject is where the circle begins. The window is
the 30 days (counted from 1970) of the money's return. The score grows with the accounts in between
and with the part that came back; it ranks and is no probability. In the AMLSim set circles mostly
have five accounts and more and pass on other sums than came, so that it finds none there.
"""

from dataclasses import dataclass

from ibis import Table, Value, _, literal

from qalqan.detectors import legs
from qalqan.detectors.base import detector

MONTH_US = 30 * legs.DAY_US


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    instruments: tuple[str, ...] = ("transfer", "wallet")
    """REQ-39: transfers to banks and electronic accounts."""
    step_us: int = 10 * legs.DAY_US
    """Judgement: in the schemes of the AMLSim set a sum rests for up to eleven days."""
    within_us: int = 30 * legs.DAY_US
    """Judgement: the whole way; a month is how far back graph patterns look elsewhere too."""
    min_passed_permille: int = 850
    """REQ-39: a drop keeps up to 10 %; judgement: up to 5 % more goes on fees and rounding."""
    max_passed_permille: int = 1_005
    """Judgement: rounding up may add half a percent; beyond it other money comes along."""
    full_between: int = 3
    """Judgement: a full score; two may yet be friends of a friend."""
    known_after_us: int = 7 * legs.DAY_US
    """Judgement: a counterparty of a week ago is no stranger; rings change drops sooner."""
    max_a_day: int = 20
    """Judgement: more payments of strangers a day make a till or a money-changer."""
    max_named: int = 20
    """Accounts in between named in the evidence, at most."""


EVIDENCE = (
    "currency", "rounds", "between", "intermediaries", "sent_minor", "returned_minor",
    "longest_span_us", "first_us", "last_us",
)  # fmt: skip


@detector(
    "payments.comes_back_over_others",
    reads={"payment": legs.READS},
    params=Params(),
    shares=(legs,),
)
def comes_back_over_others(payments: Table, p: Params) -> Table:
    """Account and month to which its own money came back over others."""
    moves = legs.strangers(legs.of(payments, p.instruments, p.instruments), p.known_after_us)
    moves = legs.calm(moves.filter(_.other.notnull()), p.max_a_day)
    relays = _passed(legs.relays(moves, p.step_us).filter(_.scattering != _.gathering), p)
    rounds = _over_two(relays, moves, p).union(_over_three(relays, p))
    months = rounds.mutate(from_us=_.came_us - _.came_us % MONTH_US)
    found = months.group_by("account", "currency", "from_us").agg(
        rounds=_.sent.count(),
        between=_.between.max(),
        sent_minor=_.sent.sum(),
        returned_minor=_.came.sum(),
        longest_span_us=(_.came_us - _.began_us).max(),
        first_us=_.began_us.min(),
        last_us=_.came_us.max(),
    )
    ways = legs.share(_.between, literal(p.full_between))
    scored = found.mutate(score=ways * legs.share(_.returned_minor, _.sent_minor))
    top = legs.best(_with_names(scored, months, p), "account", "from_us")
    return legs.finding(top, MONTH_US, EVIDENCE)


def _passed(relays: Table, p: Params) -> Table:
    """Those that passed nearly the whole sum on."""
    return relays.filter(_like(_.amount, _.came, p))


def _like(amount: Value, came: Value, p: Params) -> Value:
    return legs.at_least(amount, came, p.min_passed_permille) & ~legs.at_least(
        amount, came, p.max_passed_permille + 1
    )


def _over_two(relays: Table, moves: Table, p: Params) -> Table:
    """Out to one, on to the next, and back: a relay, and what the next then pays to its origin."""
    back = moves.filter(~_.inward).select(
        "currency", last="account", first="other", back_us="at_us", back="amount"
    )
    both = relays.inner_join(
        back,
        [
            relays.gathering == back.last,
            relays.scattering == back.first,
            relays.currency == back.currency,
        ],
    )
    closed = both.filter(
        _.back_us >= _.left_us,
        _.back_us - _.left_us <= p.step_us,
        _.back_us - _.came_us <= p.within_us,
        _like(_.back, _.amount, p),
    )
    return closed.select(
        account=_.scattering, currency=_.currency, began_us=_.came_us, sent=_.came,
        came_us=_.back_us, came=_.back, between=literal(2, "int64"), one=_.account,
        two=_.gathering, three=_.gathering,
    )  # fmt: skip


def _over_three(relays: Table, p: Params) -> Table:
    """Two relays, the second from where the first ends to where it began."""
    then = relays.select(
        "currency", third="account", middle="scattering", first="gathering",
        middle_us="came_us", had="came", back_us="left_us", back="amount",
    )  # fmt: skip
    both = relays.inner_join(
        then,
        [
            relays.gathering == then.middle,
            relays.scattering == then.first,
            relays.currency == then.currency,
        ],
    )
    closed = both.filter(
        _.account != _.third,
        _.middle_us >= _.left_us,
        _.middle_us - _.left_us <= p.step_us,
        _.back_us - _.came_us <= p.within_us,
        _like(_.had, _.amount, p),
    )
    return closed.select(
        account=_.scattering, currency=_.currency, began_us=_.came_us, sent=_.came,
        came_us=_.back_us, came=_.back, between=literal(3, "int64"), one=_.account,
        two=_.gathering, three=_.third,
    )  # fmt: skip


def _with_names(found: Table, rounds: Table, p: Params) -> Table:
    """`found` with the accounts in between."""
    keys = ("account", "currency", "from_us")
    each = [rounds.select(*keys, name=rounds[place]) for place in ("one", "two", "three")]
    named = each[0].union(each[1]).union(each[2]).group_by(*keys)
    listed = named.agg(intermediaries=_.name.collect(distinct=True).sort()[: p.max_named])
    return found.inner_join(listed, list(keys))
