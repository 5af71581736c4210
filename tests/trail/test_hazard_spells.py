"""What a trail and a finding tell of how long money stayed (REQ-90)."""

from __future__ import annotations

from qalqan.clock import HOUR, MINUTE
from qalqan.trail.hazard import Spell
from qalqan.trail.hazard_spells import of_findings, onward, traced
from qalqan.trail.semantics import Fact

RULE = "taint_first"
START = 1_000 * HOUR


def document(*legs, covered_us):
    """One victim's 100 units at `drop`; legs are (payer, payee or exit, units, at, hop)."""
    exits = {"cash", "returned", "unknown", "wallet"}
    told = [
        {
            "id": f"leg{n}", "payer": payer, "payee": None if to in exits else to,
            "exit": to if to in exits else None, "units": {RULE: {"R1": units}}, "at_us": at,
            "arrived_us": at, "hop": hop,
        }
        for n, (payer, to, units, at, hop) in enumerate(legs)
    ]  # fmt: skip
    nodes = [{"account": "drop", "hop": 1, "covered_to_us": covered_us}]
    nodes += [
        {"account": leg["payee"], "hop": leg["hop"], "covered_to_us": covered_us}
        for leg in told
        if leg["payee"]
    ]
    return {"claims": [{"payee": "drop", "at_us": START}], "legs": told, "nodes": nodes}


def test_an_arrival_lasts_until_money_goes_on_or_the_books_end():
    told = document(
        ("drop", "second", 60, START + 5 * MINUTE, 2),
        ("drop", "cash", 30, START + HOUR, 2),
        covered_us=START + 2 * HOUR,
    )
    assert sorted(traced([told], RULE, {})) == [
        Spell(1, START, 5 * MINUTE, True),
        Spell(2, START + 5 * MINUTE, 115 * MINUTE, False),
    ]
    assert traced([told, told], RULE, {}) == traced([told], RULE, {})


def test_what_nobody_watches_says_nothing_and_a_hold_cuts_it_off():
    leg = ("drop", "second", 60, START + HOUR, 2)
    assert traced([document(leg, covered_us=None)], RULE, {}) == []
    told = document(leg, covered_us=START + 2 * HOUR)
    held = traced([told], RULE, {"drop": START + 10 * MINUTE, "second": START})
    assert held == [Spell(1, START, 10 * MINUTE, False)]
    assert traced([told], RULE, {"drop": START - 1})[0].hop == 2


def test_the_share_that_reaches_another_account_leaves_out_what_nobody_took():
    told = document(
        ("drop", "second", 60, START, 2),
        ("drop", "cash", 20, START, 2),
        ("drop", "returned", 15, START, 2),
        ("second", "wallet", 10, START, 3),
        ("second", "unknown", 10, START, 3),
        covered_us=START,
    )
    assert onward([told], RULE) == {"1": 750_000, "2": 1_000_000, "all": 777_777}
    assert onward([], RULE) == {}


def test_a_finding_tells_each_receipt_and_the_first_payment_after_it():
    def fact(name, at_us, payer, payee):
        return Fact(name, at_us, "payer", payer, "b", payee, "b", 1, "transfer")

    facts = {
        "b:1": fact("b:1", 10, "x", "drop"),
        "b:2": fact("b:2", 25, "drop", "y"),
        "b:3": fact("b:3", 40, "drop", "z"),
        "b:4": fact("b:4", 50, "x", "drop"),
    }
    named = {"drop": ["b:1", "b:2", "b:3", "b:4", "b:9", "b:1"]}
    assert of_findings(named, facts) == [Spell(0, 10, 15, True)]
