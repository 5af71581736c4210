"""What asking makes of a verdict (REQ-45)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.screening.calls import asking, decisions, rules
from qalqan.screening.calls.decisions import ANSWERS, code_of
from qalqan.screening.calls.row import ROWS, Standing, Trunk, pack, unpack
from qalqan.screening.calls.rules import Answer
from qalqan.screening.calls.screen import Decided, Screen, Tables
from screening.calls.conftest import CITY, FOREIGN, HOME, PORTED, UNTOLD

S = Standing
TABLE = decisions.compiled(rules.CODES).rule
ONE, OTHER = 77050000001, 77050000002


def verdict(row: int, network: int = ONE, presented: int = ONE) -> Decided:
    place = TABLE[row]
    return (ANSWERS[place], place, row, 1, network, presented, 77011111111, 0, -1)


def abroad(network: int, presented: int, own: int = 0) -> int:
    return pack(Trunk.INTERNATIONAL, network, presented, 0, 0, own)


def code(found: Decided) -> str:
    return code_of(found[1])


def test_only_what_decides_the_call_is_asked_about() -> None:
    assert asking.unplaced(verdict(abroad(S.ANYWHERE, S.ANYWHERE))) == (ONE,)
    both = verdict(abroad(S.ANYWHERE, S.ANYWHERE), ONE, OTHER)
    assert sorted(asking.unplaced(both)) == [ONE, OTHER]
    assert asking.unplaced(verdict(abroad(S.ANYWHERE, S.FOREIGN), ONE, 44)) == (ONE,)
    assert asking.unplaced(verdict(abroad(S.ANYWHERE, S.FIXED), ONE, OTHER)) == ()
    assert asking.unplaced(verdict(abroad(S.AT_HOME, S.AT_HOME))) == ()


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ({ONE: ("abroad", 3), OTHER: ("abroad", 7)}, "calls.roams"),
        ({ONE: ("abroad", 3), OTHER: ("home", 0)}, "calls.mobile_at_home"),
        ({ONE: ("home", 3)}, "calls.mobile_at_home"),
        ({ONE: ("abroad", 3)}, "calls.place_unknown"),
        ({}, "calls.place_unknown"),
        ({5: ("home", 0)}, "calls.place_unknown"),
    ],
)
def test_places_decide_by_the_table(places: Any, expected: str) -> None:
    before = verdict(abroad(S.ANYWHERE, S.ANYWHERE), ONE, OTHER)
    after = asking.amended(before, TABLE, places, False)
    assert code(after) == expected
    assert after[7] == max((age_s for number, (_, age_s) in places.items() if number > 5),
                           default=0)  # fmt: skip


@given(st.integers(0, ROWS - 1), st.booleans(), st.sampled_from([None, "home", "abroad"]))
def test_an_answered_call_replays_and_no_list_is_lifted(
    row: int, signed: bool, place: str | None
) -> None:
    before = verdict(row)
    after = asking.amended(before, TABLE, {ONE: (place, 0)} if place else {}, signed)
    assert TABLE[after[2]] == after[1]
    assert ANSWERS[after[1]] == after[0]
    told = unpack(row)
    if {told.network, told.presented} & {S.LISTED, S.PROTECTED, S.MALFORMED, S.UNALLOCATED}:
        assert after[:2] == before[:2]
    if before[0] == Answer.PASS:
        assert after[0] == Answer.PASS
    if signed and not asking.may_be_signed(before, TABLE):
        assert unpack(after[2]).own == told.own


@pytest.mark.parametrize("standing", [S.FIXED, S.AT_HOME, S.ANYWHERE, S.NETWORK])
def test_a_signed_call_passes_with_its_number(standing: int) -> None:
    before = verdict(abroad(standing, standing))
    assert asking.may_be_signed(before, TABLE)
    assert code(asking.amended(before, TABLE, {}, True)) == "calls.signed"


@pytest.mark.parametrize(
    "standing",
    [S.MALFORMED, S.SHORT, S.UNALLOCATED, S.NOBODYS, S.PROTECTED, S.LISTED, S.FOUND, S.FOREIGN,
     S.ABROAD, S.ABSENT],
)  # fmt: skip
def test_a_signature_gives_no_number_that_nobody_can_have(standing: int) -> None:
    assert not asking.may_be_signed(verdict(abroad(standing, standing)), TABLE)
    assert not asking.may_be_signed(verdict(abroad(S.FIXED, S.LISTED)), TABLE)


def test_one_signature_proves_one_number() -> None:
    row = abroad(S.FIXED, S.FIXED)
    assert asking.signer_of(verdict(row, ONE, ONE)) == ONE
    assert asking.signer_of(verdict(row, 0, ONE)) == ONE
    assert asking.signer_of(verdict(row, ONE, 0)) == ONE
    assert asking.signer_of(verdict(row, ONE, OTHER)) == 0


def test_whose_a_number_is(tables: Any) -> None:
    found = Tables(tables)
    names = {HOME: "cell", CITY: "line", PORTED: "line", UNTOLD: "bee", FOREIGN: None}
    assert {text: asking.operator_of(found, int(text)) for text in names} == names


def test_what_was_asked_is_the_screen_s_own_verdict(tables: Any) -> None:
    screen = Screen(tables)
    found = screen.decide("10.0.0.1", UNTOLD, UNTOLD, CITY, None)
    assert asking.unplaced(found) == (int(UNTOLD),)
    assert code(asking.amended(found, TABLE, {int(UNTOLD): ("abroad", 1)}, False)) == "calls.roams"
