"""The decision table: R1 to R6, what may refuse, shadow (REQ-45, 46)."""

from __future__ import annotations

import pytest

from qalqan.screening.calls import decisions, rules
from qalqan.screening.calls.row import ROWS, Allowed, Callee, Row, Standing, Trunk, pack, unpack
from qalqan.screening.calls.rules import CODES, RULES, Answer

S = Standing


def decided(trunk: int, network: int, presented: int, callee: int = 0, allowed: int = 0,
            own: int = 0, live: object = CODES) -> str:  # fmt: skip
    found = decisions.compiled(live)  # type: ignore[arg-type]
    return decisions.code_of(found.rule[pack(trunk, network, presented, callee, allowed, own)])


def test_a_row_and_its_values_are_one() -> None:
    for row in range(ROWS):
        assert pack(*unpack(row)) == row


@pytest.mark.parametrize(
    ("network", "presented", "code"),
    [
        (S.MALFORMED, S.FOREIGN, "calls.malformed"),
        (S.FOREIGN, S.FIXED, "calls.fixed_from_abroad"),
        (S.FIXED, S.FOREIGN, "calls.fixed_from_abroad"),
        (S.AT_HOME, S.AT_HOME, "calls.mobile_at_home"),
        (S.FOREIGN, S.AT_HOME, "calls.mobile_at_home"),
        (S.ABROAD, S.ABROAD, "calls.roams"),
        (S.ANYWHERE, S.ANYWHERE, "calls.place_unknown"),
        (S.ABROAD, S.FIXED, "calls.fixed_from_abroad"),
        (S.FOREIGN, S.PROTECTED, "calls.do_not_originate"),
        (S.SHORT, S.FOREIGN, "calls.short_from_abroad"),
        (S.UNALLOCATED, S.FOREIGN, "calls.unallocated"),
        (S.NOBODYS, S.NOBODYS, "calls.nobodys_code"),
        (S.NETWORK, S.NETWORK, "calls.network_from_abroad"),
        (S.ABSENT, S.ABSENT, "calls.no_number"),
        (S.ABSENT, S.FOREIGN, "calls.nothing"),
        (S.FOREIGN, S.FOREIGN, "calls.nothing"),
    ],
)
def test_calls_from_abroad(network: int, presented: int, code: str) -> None:
    assert decided(Trunk.INTERNATIONAL, network, presented) == code
    of_country = {"calls.nothing", "calls.no_number"}
    domestic = decided(Trunk.DOMESTIC, network, presented)
    assert domestic == "calls.nothing" or code in of_country
    assert decided(Trunk.UNKNOWN, network, presented) == "calls.nothing"


@pytest.mark.parametrize("why", [Allowed.CONTRACT, Allowed.LOOPED, Allowed.VISITOR])
def test_what_is_allowed_is_tested_first_but_a_listing_goes_before(why: Allowed) -> None:
    for standing in (S.FIXED, S.AT_HOME, S.MALFORMED):
        code = decided(Trunk.INTERNATIONAL, standing, standing, allowed=why)
        assert code == f"calls.{why.name.lower()}"
    assert decided(Trunk.INTERNATIONAL, S.LISTED, S.FIXED, allowed=why) == "calls.listed"


def test_a_voip_provider_s_calls_bear_its_own_numbers() -> None:
    for standing in (S.FIXED, S.AT_HOME, S.FOREIGN, S.MALFORMED):
        assert decided(Trunk.VOIP, standing, S.ABSENT) == "calls.not_your_number"
        assert decided(Trunk.VOIP, standing, S.ABSENT, own=1) == "calls.nothing"


def test_emergency_calls_pass_whoever_makes_them() -> None:
    for row in map(unpack, range(ROWS)):
        if row.callee == Callee.EMERGENCY:
            assert decisions.compiled(CODES).rule[pack(*row)] == CODES.index("calls.emergency")
            break
    everything = decisions.compiled(CODES)
    rows = [n for n in range(ROWS) if unpack(n).callee == Callee.EMERGENCY]
    assert {everything.rule[n] for n in rows} == {CODES.index("calls.emergency")}


def test_signs_alone_never_refuse() -> None:
    for rule in RULES:
        assert rule.legal or rule.answer is Answer.LABEL
    assert (
        decided(Trunk.INTERNATIONAL, S.FOUND, S.FOUND, Callee.CITY) == "calls.fraud_signs_to_city"
    )
    assert decided(Trunk.INTERNATIONAL, S.FOUND, S.FOUND) == "calls.fraud_signs"


def test_the_table_is_the_rules_in_their_order_row_by_row() -> None:
    """The compiled table against the plainest reading of it, live and shadow rules mixed."""
    live = frozenset(CODES[::2])
    found = decisions.compiled(live)
    masks = memoryview(found.shadow).cast("I")
    for number in range(ROWS):
        row = unpack(number)
        holding = [rule.code for rule in RULES if rule.when(row)]
        counted = [code for code in holding if code in live]
        expected = counted[0] if counted else rules.NOTHING
        assert decisions.code_of(found.rule[number]) == expected
        assert decisions.codes_in(masks[number]) == tuple(c for c in holding if c not in live)


def test_all_in_shadow_passes_everything_and_tells_what_it_would_have_said() -> None:
    found = decisions.compiled(())
    assert set(found.rule) == {decisions.NONE}
    masks = memoryview(found.shadow).cast("I")
    row = pack(*Row(Trunk.INTERNATIONAL, S.FIXED, S.FIXED, 0, 0, 0))
    assert decisions.codes_in(masks[row]) == ("calls.fixed_from_abroad",)


def test_an_unknown_code_is_no_policy() -> None:
    with pytest.raises(ValueError, match=r"calls\.nonsense"):
        decisions.compiled(["calls.nonsense"])
