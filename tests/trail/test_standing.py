"""What bounds a hold besides the trail: balances, and wages that still lie there (REQ-44)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qalqan.trail.around import Around, Told, booked
from qalqan.trail.body import Trail
from qalqan.trail.coverage import Covered
from qalqan.trail.following import Known, banks_of, step
from qalqan.trail.kept import KeptTrails
from qalqan.trail.policy import default
from qalqan.trail.semantics import Fact, Root
from qalqan.trail.standing import NOTHING_TOLD, Standing, standings, told_of

ROOT = Root("R1/1", "R1", "victim", "drop", "211", 1000, "KZT", 100)


def trail_of(*facts, roots=(ROOT,)):
    """The trail over these facts, as any walk makes it."""
    policy, hops = default(), {"drop": 1}
    told = step(Known(facts, []), roots, policy, hops, frozenset())
    return Trail(
        policy, 1, 10**6, "KZT", tuple(roots), hops, banks_of(hops, roots, told.payments.values()),
        told.payments, Covered([]), told.rules,
    )  # fmt: skip


def pay(at_us, payer, payee, amount, instrument="transfer"):
    side = "payee" if payee == "drop" else "payer"
    return Fact(
        f"b:{payer}{at_us}", at_us, side, payer, "b", payee, "211", amount, instrument
    )  # fmt: skip


def standing(*facts, told=None, **more):
    trail, balances = trail_of(*facts, **more), {"drop": told} if told else {}
    around = Around(trail.payments.values(), balances, booked(facts))
    found = standings(trail, around, "taint_first", ["drop"])
    return found.get("drop", NOTHING_TOLD)


def test_wages_lie_there_until_all_other_own_money_has_gone():
    wages = pay(10, "firm", "drop", 500, "salary")
    assert standing(wages).spared == 500
    assert standing(wages, pay(200, "drop", "shop", 1000)).spared == 500  # the stolen went first
    spent = pay(200, "drop", "shop", 1300)
    assert standing(wages, spent).spared == 200
    assert standing(wages, pay(20, "friend", "drop", 250), spent).spared == 450
    assert standing(pay(10, "state", "drop", 70, "benefit")).spared == 70


def test_the_victims_own_payment_is_no_money_that_goes_before_the_wages():
    wages, spent = pay(10, "firm", "drop", 500, "salary"), pay(200, "drop", "shop", 1300)
    assert standing(wages, pay(100, "victim", "drop", 1000), spent).spared == 200
    assert standing(wages, pay(100, "victim", "drop", 1250), spent).spared == 450


def test_money_that_went_before_the_wages_came_took_none_of_them():
    assert (
        standing(pay(5, "drop", "shop", 400), pay(10, "firm", "drop", 500, "salary")).spared == 500
    )


def test_a_balance_moves_on_by_what_is_known_since():
    told = Told(150, 4000, "b:firm150")
    later = [pay(160, "friend", "drop", 30), pay(170, "drop", "shop", 500)]
    assert standing(*later, told=told) == Standing(3530, 150, 0, 1)
    assert standing(pay(150, "firm", "drop", 99), told=told).balance == 4000


def test_a_payers_clock_that_goes_ahead_adds_nothing_to_a_balance_that_has_it_already():
    """The payee's bank booked 30 at 160, was told to have 4000 at 170; the payer's says 30 left
    at 180."""
    told = Told(170, 4000, "b:shop170")
    there = pay(160, "friend", "drop", 30)
    ahead = there._replace(id="o:x", side="payer", payer_bank="o", at_us=180)
    assert standing(there, ahead, told=told).balance == 4000
    assert standing(ahead, told=told).balance == 4030  # its own bank has told nothing of it


def test_the_victims_own_payment_counts_also_where_only_its_confirmation_is_known():
    assert standing(told=Told(50, 0)) == Standing(1000, 50, 0)
    own = pay(100, "victim", "drop", 1000)
    assert standing(own, told=Told(50, 0)) == Standing(1000, 50, 0)


def test_nothing_told_bounds_nothing():
    assert standing() == NOTHING_TOLD
    assert told_of({"nodes": []}, "drop") == NOTHING_TOLD
    assert told_of({"standings": {"drop": [5, 1, 2]}}, "drop") == Standing(5, 1, 2)


moves = st.lists(
    st.tuples(
        st.integers(1, 300),
        st.booleans(),
        st.integers(1, 2000),
        st.sampled_from(["transfer", "salary", "benefit", "card"]),
    ),
    max_size=8,
    unique_by=lambda move: move[0],
)


@given(moves)
def test_never_more_is_spared_than_came_as_wages(drawn):
    facts = [
        pay(at, "firm", "drop", n, kind) if inward else pay(at, "drop", "shop", n, kind)
        for at, inward, n, kind in drawn
    ]
    wages = sum(n for _, inward, n, kind in drawn if inward and kind in {"salary", "benefit"})
    assert 0 <= standing(*facts).spared <= wages


def test_the_newest_balance_that_a_bank_told_counts(duck_lake):
    def told(name, at_us, balance, side, seal, account="drop"):
        payer, payee = (account, "x") if side == "payer" else ("x", account)
        return {
            "id": name, "source": "bank", "at_us": at_us, "side": side, "payer_account": payer,
            "payer_bank": "b", "payee_account": payee, "payee_bank": "b", "amount": 1,
            "currency": "KZT", "instrument": "transfer", "balance": balance,
        }  # fmt: skip

    def around(seal):
        trail = kept.follow([ROOT], default(), 10**6, seal, frozenset())
        return kept.around(trail)

    duck_lake.write("payment", [
        told("1", 110, 100, "payee", 1), told("2", 120, 70, "payer", 1),
        told("3", 120, 60, "payer", 1), told("4", 130, 5, "both", 1),
        told("5", 105, 8, "payer", 1, "other"),
    ])  # fmt: skip
    engine = duck_lake.duck()
    kept = KeptTrails(engine)
    assert around(1).told == {"drop": Told(120, 60, "bank:3")}  # of one moment, the smaller
    assert {x.id for x in around(1).transfers} == {f"bank:{n}" for n in "1234"}
    statement = {
        "id": "s", "source": "bank", "at_us": 140, "bank": "b", "account": "drop", "from_us": 0,
        "to_us": 140, "closing": 55, "currency": "KZT", "complete": True, "lines": 0,
    }  # fmt: skip
    half = {**statement, "id": "t", "to_us": 150, "closing": 1, "complete": False}
    duck_lake.write("statement", [statement, half], seal=2)
    assert around(2).told == {"drop": Told(140, 55, "")}
    engine.close()
