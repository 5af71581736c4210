"""What the screens know of a question: whose lists, habits, devices and hours count for it."""

from __future__ import annotations

from typing import Any

import pytest

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.screening.asked import LoanAsked, PaymentAsked
from qalqan.screening.listed import Found, Held, Indicator, Listed
from qalqan.screening.memory import key_of, pair_of
from qalqan.screening.remembered import Screens, payer_key
from qalqan.screening.state import State

NOW = 1_773_100_800_000_000 + 30 * MINUTE
NOW_H = NOW // HOUR
ASKED = PaymentAsked("altyn", "p-1", NOW, "payer", "payee", 50_000_00, "KZT")
LOAN = LoanAsked("altyn", "l-1", NOW, "borrower", 300_000_00, "KZT")


def state(**listed: Any) -> State:
    made = State(Screens())
    made.listed = Listed(**listed)
    return made


def paid_before(made: State, payee: str, first_h: int, payer: str = "payer") -> None:
    made.remembered.pairs.add(pair_of(key_of(payer), key_of(payee)), (first_h, first_h))


def known_device(made: State, owner: str, device: str) -> None:
    made.remembered.owners.add(key_of(owner), (NOW_H, NOW_H))
    made.remembered.devices.add(pair_of(key_of(owner), key_of(device)), (NOW_H, NOW_H))


def test_money_held_in_another_currency_is_not_this_payments() -> None:
    dollars, tenge = Held(7_00, "USD", "other", None), Held(500_00, "KZT", "kz", NOW + 1)
    seen = state(holds={"payer": (dollars, tenge)}).payment(ASKED, NOW)
    assert (seen.payer_held, seen.payer_ground) == (500_00, "kz")
    seen = state(holds={"payer": (dollars,)}).payment(ASKED, NOW)
    assert (seen.payer_held, seen.payer_ground) == (0, None)


@pytest.mark.parametrize(
    ("until_us", "direct", "ground", "followed"),
    [(NOW + 1, True, "kz", True), (NOW + 1, False, None, True), (NOW, True, None, False)],
)
def test_only_a_hold_where_a_victim_paid_directly_is_a_ground(
    until_us: int, direct: bool, ground: str | None, followed: bool
) -> None:
    holds = {"payee": (Held(500_00, "KZT", "kz", until_us),)}
    victims = frozenset({"payee"} if direct else ())
    seen = state(holds=holds, victims_payees=victims).payment(ASKED, NOW)
    assert (seen.payee_ground, seen.payee_followed) == (ground, followed)


def test_an_account_with_money_of_a_case_is_followed_without_any_hold() -> None:
    seen = state(followed=frozenset({"payee"})).payment(ASKED, NOW)
    assert (seen.payee_followed, seen.payee_ground) == (True, None)
    assert not state(followed=frozenset({"payer"})).payment(ASKED, NOW).payee_followed


def test_the_payees_holder_is_looked_up_too_and_only_within_the_lists_days() -> None:
    asked = ASKED._replace(payee_holder="person")
    listed = {"person": Indicator("kz", NOW - DAY, NOW + 1)}
    found = {"payee": Found(0.5, "a"), "person": Found(0.8, "b"), "payer": Found(0.9, "c")}
    made = state(indicators=listed, found=found)
    seen = made.payment(asked, NOW)
    assert (seen.payee_listed, seen.payee_score, seen.payee_detector) == ("kz", 0.8, "b")
    assert (seen.payer_score, seen.payer_detector) == (0.9, "c")
    assert made.payment(asked, NOW + 1).payee_listed is None


@pytest.mark.parametrize(("ago_h", "new"), [(0, True), (24, True), (25, False)])
def test_a_payee_is_known_a_day_after_the_end_of_the_first_payments_hour(
    ago_h: int, new: bool
) -> None:
    made = state()
    paid_before(made, "payee", NOW_H - ago_h)
    assert made.payment(ASKED, NOW).new_payee is new


def test_a_question_makes_no_payee_known() -> None:
    made = state()
    made.payment(ASKED._replace(at_us=NOW - 2 * DAY), NOW - 2 * DAY)
    assert made.payment(ASKED, NOW).new_payee


def test_a_withdrawal_has_no_payee_to_be_new_or_paid_by_many() -> None:
    seen = state().payment(ASKED._replace(payee_account=None, instrument="cash_out"), NOW)
    assert (seen.new_payee, seen.payers_lately, seen.payers_known) == (False, 0, 0)


def test_a_device_known_of_the_account_or_of_its_holder_is_not_new() -> None:
    made = state()
    asked = ASKED._replace(payer_holder="person", device="phone")
    assert made.payment(asked, NOW).new_device is None
    known_device(made, "person", "phone")
    assert made.payment(asked, NOW).new_device is False
    assert made.payment(asked._replace(device="other"), NOW).new_device is True
    assert made.payment(asked._replace(device=None), NOW).new_device is None


def test_a_sum_in_parts_is_of_one_currency_and_to_new_payees() -> None:
    made = state()
    paid_before(made, "old friend", NOW_H - 100)
    for number, (payee, currency, ago_us) in enumerate([
        ("one", "KZT", MINUTE), ("two", "USD", MINUTE), ("old friend", "KZT", MINUTE),
        ("three", "KZT", HOUR + 1), ("payee", "KZT", HOUR),
    ]):  # fmt: skip
        before = ASKED._replace(
            id=f"b-{number}", payee_account=payee, currency=currency, at_us=NOW - ago_us
        )
        made.payment(before, NOW)
    seen = made.payment(ASKED, NOW)
    assert (seen.split_count, seen.split_sum) == (3, 3 * ASKED.amount)


def test_the_same_question_again_is_one_part() -> None:
    made = state()
    made.payment(ASKED, NOW)
    assert made.payment(ASKED, NOW).split_count == 1


def test_only_a_listed_or_found_number_is_a_call_that_counts() -> None:
    asked = ASKED._replace(payer_phone="phone")
    made = state(watched=frozenset({"listed"}), found={"found": Found(0.1, "d")})
    calls = made.recent.calls
    calls.put(key_of("phone"), 1, NOW - MINUTE, "friend", NOW)
    assert made.payment(asked, NOW).call_ago_us is None
    calls.put(key_of("phone"), 2, NOW - 30 * MINUTE, "listed", NOW)
    assert made.payment(asked, NOW).call_ago_us == 30 * MINUTE
    calls.put(key_of("phone"), 3, NOW - 20 * MINUTE, "found", NOW)
    assert made.payment(asked, NOW).call_ago_us == 20 * MINUTE
    assert made.payment(asked._replace(on_call=True), NOW).call_ago_us == 0
    assert made.payment(ASKED, NOW).call_ago_us is None


def test_the_newest_remote_session_and_loan_of_account_or_holder_count() -> None:
    asked = ASKED._replace(payer_holder="person")
    made = state()
    made.recent.remote.put(key_of("payer"), 1, NOW - 40 * MINUTE, None, NOW)
    made.recent.remote.put(key_of("person"), 2, NOW - 10 * MINUTE, None, NOW)
    made.recent.loans.put(key_of("payer"), 1, NOW - 50 * MINUTE, 100, NOW)
    made.recent.loans.put(key_of("person"), 2, NOW - 5 * MINUTE, 200, NOW)
    seen = made.payment(asked, NOW)
    assert (seen.remote_ago_us, seen.loan_ago_us, seen.loan_amount) == (
        10 * MINUTE, 5 * MINUTE, 200,
    )  # fmt: skip
    seen = made.payment(ASKED, NOW)
    assert (seen.remote_ago_us, seen.loan_ago_us, seen.loan_amount) == (
        40 * MINUTE, 50 * MINUTE, 100,
    )  # fmt: skip


def test_the_usual_sum_is_the_geometric_mean_in_this_currency() -> None:
    made = state()
    made.remembered.payers.add(payer_key("payer", "KZT"), (2, 4.605170185988092, NOW_H))
    seen = made.payment(ASKED, NOW)
    assert (seen.history, seen.usual) == (2, 10)
    assert made.payment(ASKED._replace(currency="USD"), NOW).history == 0


def test_payers_are_those_of_the_window_and_never_more_than_all_known() -> None:
    made = state()
    for number in range(3):
        made.payment(ASKED._replace(payer_account=f"p{number}", id=f"q-{number}"), NOW)
    seen = made.payment(ASKED, NOW)
    assert (seen.payers_lately, seen.payers_known) == (4, 4)
    made.remembered.payees.add(key_of("payee"), (9, NOW_H))
    seen = made.payment(ASKED, NOW + 7 * HOUR)
    assert (seen.payers_lately, seen.payers_known) == (0, 9)


def test_applications_are_those_of_the_hour_and_one_form_sent_twice_is_one() -> None:
    made = state()
    made.loan(LOAN._replace(id="again"), NOW)
    made.loan(LOAN._replace(source="other", id="l-2"), NOW)
    made.loan(LOAN._replace(source="third", id="l-3", applicant="somebody else"), NOW)
    seen = made.loan(LOAN, NOW)
    assert (seen.applications, seen.lenders) == (2, 2)


def test_an_application_dated_ahead_is_traced_when_it_was_asked_about() -> None:
    made = state()
    made.note(LOAN._replace(source="other", at_us=NOW + DAY), NOW - HOUR - 1, NOW)
    assert made.loan(LOAN, NOW).applications == 1
    made.note(LOAN._replace(source="other", at_us=NOW + DAY), NOW - HOUR, NOW)
    assert made.loan(LOAN, NOW).applications == 2


@pytest.mark.parametrize(
    ("told", "remembered", "other"),
    [("borrower", "x", False), ("x", "borrower", True), (None, "borrower", False),
     (None, "x", True), (None, None, None)],
)  # fmt: skip
def test_the_payout_accounts_holder_is_as_told_else_as_remembered(
    told: str | None, remembered: str | None, other: bool | None
) -> None:
    made = state()
    if remembered:
        made.remembered.holders.add(key_of("account"), (key_of(remembered), NOW_H))
    asked = LOAN._replace(payout_account="account", payout_holder=told)
    assert made.loan(asked, NOW).payout_to_other is other
    assert made.loan(LOAN, NOW).payout_to_other is None
