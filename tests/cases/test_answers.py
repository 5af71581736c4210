"""What a partner may answer, and what an answer changes (REQ-19, 44)."""

from __future__ import annotations

import threading
from dataclasses import asdict

import pytest

from qalqan.cases import answers
from qalqan.cases.answers import take_answer
from qalqan.cases.figures import money
from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.exchange.order_message import Answer
from qalqan.model.order import State
from qalqan.register import orm

VICTIM, DROP = "211:V1", "223:D1"
SUM = 100_000_00


@pytest.fixture
def asked(centre):
    """The question to the payer's bank."""
    centre.report()
    centre.work()
    return centre.order("confirm")


@pytest.fixture
def holding(centre, asked):
    """The hold at the recipient's bank."""
    centre.confirm(asked)
    return centre.order("hold")


def paid(centre, **more):
    at_us = centre.clock.now_us() - 60 * MINUTE
    return centre.line(VICTIM, DROP, SUM, at_us) | more


def refused(centre, order, outcome, **more):
    """(field, expected) of the refusal; nothing has changed."""
    before = centre.orders()
    with pytest.raises(InputRejected) as error:
        centre.answer(order, outcome, **more)
    assert centre.orders() == before
    return error.value.field, error.value.expected


def test_another_banks_order_is_nobodys_business(centre, asked):
    answer = Answer(order=asked.id, outcome="not_found")
    with pytest.raises(NotFound):
        take_answer(centre.database, centre.keys, "baiterek", answer)


@pytest.mark.parametrize(
    ("more", "field", "expected"),
    [
        ({"amount": SUM - 1}, "payment.amount", "order.same_amount"),
        ({"payer_account": "211:V2"}, "payment.payer_account", "order.own_account"),
        ({"payee_account": "223:D9"}, "payment.payee_account", "order.same_payee"),
        ({"currency": "USD"}, "payment.currency", "order.same_currency"),
        ({"at_us": 1}, "payment.at_us", "order.period"),
        ({"payer_account": None}, "payment.payer_account", "order.own_account"),
    ],
)
def test_a_confirmation_is_about_the_payment_asked(centre, asked, more, field, expected):
    line = {name: value for name, value in paid(centre, **more).items() if value is not None}
    assert refused(centre, asked, "confirmed", payment=line) == (field, expected)
    centre.confirm(asked)  # it may answer again
    assert centre.order("confirm").state is State.CLOSED


def test_parts_that_are_missing_or_do_not_belong(centre, asked, holding):
    question = centre.order("statement")
    assert refused(centre, question, "statement") == ("statement", "order.statement")
    line = paid(centre, side="payee")
    assert refused(centre, holding, "held", payment=line) == ("payment", "order.nothing")
    assert refused(centre, holding, "held", forwarded=[line]) == ("forwarded", "order.nothing")
    assert refused(centre, holding, "confirmed", payment=line) == ("outcome", "order.outcome")


def test_a_bank_cannot_hold_more_than_was_asked(centre, holding):
    assert refused(centre, holding, "held", amount=SUM + 1) == ("amount", "order.at_most_asked")
    assert refused(centre, holding, "partial", amount=SUM) == ("amount", "order.part_of_sum")
    assert refused(centre, holding, "held", currency="USD") == ("currency", "order.same_currency")


def test_a_statement_that_does_not_add_up_is_said_so_and_its_lines_still_count(centre, holding):
    question, now = centre.order("statement"), centre.clock.now_us()
    lines = [
        paid(centre, side="payee"),
        centre.line(DROP, None, 70_000_00, now - 30 * MINUTE, instrument="cash_out"),
    ]
    body = {
        "id": "S1", "account": DROP, "from_us": question.from_us, "to_us": now,
        "opening": 0, "closing": 1, "lines": lines,
    }  # fmt: skip
    assert refused(centre, question, "statement", statement=body) == (
        "statement.closing", "statement.balance",
    )  # fmt: skip
    centre.work()
    assert centre.order("statement").state is State.APPROVED
    trail = centre.trail(question.case_id)
    assert [leg["exit"] for leg in trail["legs"]] == ["cash"]
    centre.answer(question, "statement", statement=body | {"closing": SUM - 70_000_00})
    assert centre.order("statement").state is State.CLOSED


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"account": "223:D9"}, "statement.account", "order.own_account"),
        ({"to_us": 2**61}, "statement.to_us", "order.not_future"),
        ({"currency": "USD"}, "statement.currency", "order.same_currency"),
    ],
)
def test_a_statement_is_about_the_account_asked(centre, holding, change, field, expected):
    question = centre.order("statement")
    body = {
        "id": "S1", "account": DROP, "from_us": question.from_us,
        "to_us": centre.clock.now_us(), "lines": [],
    } | change  # fmt: skip
    assert refused(centre, question, "statement", statement=body) == (field, expected)


def test_a_statement_may_not_begin_later_than_asked(centre, holding):
    question = centre.order("statement")
    body = {
        "id": "S1", "account": DROP, "from_us": question.from_us + HOUR,
        "to_us": centre.clock.now_us(), "lines": [],
    }  # fmt: skip
    expected = ("statement.from_us", "order.period")
    assert refused(centre, question, "statement", statement=body) == expected


def test_a_bank_tells_of_its_own_accounts_only(centre, holding):
    """A line of another bank's books is no fact; the answer itself stands."""
    now = centre.clock.now_us()
    theirs = centre.line("283:O1", "283:O2", 5_00, now)
    mine = centre.line(DROP, "283:O1", SUM, now - MINUTE)
    centre.answer(holding, "gone", amount=0, forwarded=[theirs, mine])
    with centre.database.session() as session:
        (bad,) = session.query(orm.Quarantined).all()
    assert (bad.field, bad.expected) == ("payer_bank", "bank.own")
    assert [leg["payee_bank"] for leg in centre.trail(holding.case_id)["legs"]] == ["283"]


def test_the_same_answer_again_changes_nothing_and_another_one_conflicts(centre, holding):
    centre.answer(holding, "held", amount=SUM)
    before = centre.orders()
    centre.answer(holding, "held", amount=SUM)
    assert centre.orders() == before
    with pytest.raises(Conflict):
        centre.answer(holding, "gone", amount=0)


def test_a_hold_that_lapsed_takes_no_answer(centre, holding):
    centre.later(4 * DAY)
    with pytest.raises(Conflict):
        centre.answer(holding, "held", amount=SUM)


def test_money_counts_as_returned_only_with_the_banks_own_line(centre, holding):
    centre.answer(holding, "held", amount=SUM)
    centre.statement(centre.order("statement"), DROP, [paid(centre, side="payee")])
    back = centre.order("return")
    centre.agree(back)
    assert refused(centre, back, "returned") == ("payment", "order.payment")
    line = centre.line(DROP, "211:V2", SUM, centre.clock.now_us(), instrument="return")
    assert refused(centre, back, "returned", payment=line) == (
        "payment.payee_account", "order.same_payee",
    )  # fmt: skip
    line = centre.line(DROP, VICTIM, 60_000_00, centre.clock.now_us(), instrument="return")
    centre.answer(back, "returned", amount=60_000_00, payment=line)
    assert centre.order("hold").effect == 40_000_00


def test_answers_that_race_count_once(centre, holding):
    """Ten threads, five of them with another answer: one wins, the same ones agree with it."""
    outcomes: list[str] = []

    def answer(number: int) -> None:
        said = Answer(order=holding.id, outcome="held" if number % 2 else "gone", amount=None)
        try:
            order = take_answer(centre.database, centre.keys, "baiterek", said)
            outcomes.append(order.answers[-1].outcome)
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=answer, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(outcomes) - {"conflict"}) == 1
    assert len(centre.order("hold").answers) == 1


def two_returns(centre, holding):
    """Two halves of one payment held one after the other, each to be returned."""
    half, now = SUM // 2, centre.clock.now_us()
    centre.answer(holding, "partial", amount=half)
    centre.statement(centre.order("statement"), DROP, [paid(centre, side="payee")])
    centre.answer(centre.order("hold", "approved"), "held")
    centre.later(MINUTE)
    question = centre.order("statement", "approved")
    centre.statement(question, DROP, [], opening=SUM)
    assert centre.clock.now_us() > now
    return [centre.agree(order) for order in centre.orders_of("return")]


def test_of_two_different_answers_at_once_one_has_facts(centre, holding, monkeypatch):
    """While the facts of one land, the other is refused before any of its own do."""
    landed, land = [], answers._land

    def meanwhile(database, keys, partner, bank, answer):
        landed.append(answer.outcome)
        if len(landed) == 1:
            other = Answer(order=holding.id, outcome="gone")
            with pytest.raises(Conflict, match="another answer"):
                take_answer(database, keys, partner, other)
            again = Answer(order=holding.id, outcome="held")  # nobody has answered him yet
            take_answer(database, keys, partner, again)
        land(database, keys, partner, bank, answer)

    monkeypatch.setattr(answers, "_land", meanwhile)
    assert centre.answer(holding, "held").answers[-1].outcome == "held"
    assert landed == ["held", "held"]


def test_a_return_is_paid_after_it_was_ordered_and_not_tomorrow(centre, holding):
    first, _ = two_returns(centre, holding)
    for at_us, expected in [
        (first.created_us - 1, "order.since_ordered"),
        (centre.clock.now_us() + HOUR, "order.not_future"),
    ]:
        line = centre.line(DROP, VICTIM, SUM // 2, at_us, instrument="return")
        assert refused(centre, first, "returned", payment=line) == ("payment.at_us", expected)


def test_an_answer_of_more_than_was_asked_brings_no_facts(centre, holding):
    """The bank may answer again with the same line, put right."""
    centre.answer(holding, "held", amount=SUM)
    centre.statement(centre.order("statement"), DROP, [paid(centre, side="payee")])
    back = centre.agree(centre.order("return"))
    line = centre.line(DROP, VICTIM, SUM, centre.clock.now_us(), number="b", instrument="return")
    more = SUM + 1
    assert refused(centre, back, "returned", amount=more, payment=line | {"amount": more}) == (
        "amount", "order.at_most_asked",
    )  # fmt: skip
    centre.answer(back, "returned", amount=SUM, payment=line)
    assert asdict(money(centre.database, "taint_first")["KZT"])["returned"] == SUM


def test_an_answer_that_conflicts_brings_no_facts(centre, holding):
    """The same return told again by another channel, under another number: it was paid once."""
    centre.answer(holding, "held", amount=SUM)
    centre.statement(centre.order("statement"), DROP, [paid(centre, side="payee")])
    back = centre.agree(centre.order("return"))
    half = SUM // 2
    line = centre.line(DROP, VICTIM, half, centre.clock.now_us(), instrument="return")
    centre.answer(back, "returned", amount=half, payment=line)
    again = line | {"id": "told by a camt.029"}
    with pytest.raises(Conflict):
        centre.answer(back, "returned", amount=half, payment=again)
    centre.later(MINUTE)
    assert asdict(money(centre.database, "taint_first")["KZT"])["returned"] == half
    assert centre.order("hold").effect == SUM - half
    assert centre.order("return", "drafted").amount == SUM - half


def test_one_payment_is_one_return(centre, holding):
    first, second = two_returns(centre, holding)
    line = centre.line(DROP, VICTIM, SUM // 2, centre.clock.now_us(), instrument="return")
    centre.answer(first, "returned", payment=line)
    assert refused(centre, second, "returned", payment=line) == (
        "payment.id", "order.payment_used",
    )  # fmt: skip
    centre.answer(second, "returned", payment=line | {"id": "another"})
    assert [o.state for o in centre.orders_of("return")] == [State.CLOSED, State.CLOSED]


def test_nobody_is_robbed_by_a_payment_to_himself(centre):
    with pytest.raises(InputRejected, match="other_account"):
        centre.report(payee_account=VICTIM)
    centre.report(payee_account=None)
    centre.work()
    line = centre.line(VICTIM, VICTIM, SUM, centre.clock.now_us() - HOUR)
    assert refused(centre, centre.order("confirm"), "confirmed", payment=line) == (
        "payment.payee_account", "order.other_account",
    )  # fmt: skip
