"""The trail that a replay walks is the definition's, over what banks told so far."""

from __future__ import annotations

from collections import Counter

import pytest

from qalqan.simulate.replay.compare import Run, play
from qalqan.simulate.replay.drawing import draw
from qalqan.simulate.replay.ours import Ours
from qalqan.simulate.replay.scenario import scenario
from qalqan.simulate.replay.trace import ABROAD, HOME, Facts, name_of
from qalqan.simulate.replay.world import BANKS, Payment, World
from qalqan.trail.oracle import told_document
from qalqan.trail.policy import default
from qalqan.trail.semantics import Fact


def as_told(world: World, payment: Payment, side: str) -> Fact:
    def bank(account: int) -> str:
        account %= len(world.kinds)
        return "other" if account == world.outside else BANKS[world.banks[account]]

    return Fact(
        f"{side:>5}:{payment.number:07d}", payment.at_us, side, name_of(payment.payer),
        bank(payment.payer), None if payment.instrument == "cash_out" else name_of(payment.payee),
        bank(payment.payee), payment.amount, payment.instrument, f"u{payment.number}", None,
        ABROAD if payment.abroad else None,
    )  # fmt: skip


@pytest.mark.parametrize(("policy", "number"), [("statements", 0), ("statements", 2), ("feed", 3)])
def test_the_sums_to_hold_are_those_of_the_definition(
    policy: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts: dict[str, Fact] = {}
    learn, let_go = Facts.take, Facts.unhold

    def take(self: Facts, payment: Payment, side: str) -> None:
        fact = as_told(self.world, payment, side)
        facts[fact.id] = fact
        learn(self, payment, side)

    def unhold(self: Facts, account: int, amount: int) -> None:
        """Of the latest holds first, at least one unit is left of each."""
        let_go(self, account, amount)
        aside = name_of(account + self.n_accounts)
        for fact in sorted(facts.values(), key=lambda fact: fact.id, reverse=True):
            if fact.payee == aside:
                less = min(amount, fact.amount - 1)
                facts[fact.id] = fact._replace(amount=fact.amount - less)
                amount -= less

    asked: list[tuple[Ours, int]] = []
    follow = Ours.follow

    def followed(self: Ours, at_us: int) -> None:
        follow(self, at_us)
        asked.append((self, at_us))
        if len(asked) % 3 == 1 or policy == "feed":
            check(self, list(facts.values()), at_us)

    monkeypatch.setattr(Facts, "take", take)
    monkeypatch.setattr(Facts, "unhold", unhold)
    monkeypatch.setattr(Ours, "follow", followed)
    s = scenario()
    play(draw(s, 21, number), s, Run(policy, 60 if policy == "statements" else 720))
    assert len(asked) >= 5


def check(ours: Ours, facts: list[Fact], at_us: int) -> None:
    """What may still be paid on, and what is there with what holds took, by every account."""
    known = ours.trail.facts
    walked = [fact for fact in facts if fact.payer not in {name_of(hub) for hub in known.hubs}]
    told = told_document(walked, known.coverages, ours.trail.roots, default(), at_us, HOME)
    loose: Counter[str] = Counter()
    for node in told["nodes"]:
        loose[node["account"]] += sum(node["here"].get("taint_first", {}).values())
    held: Counter[str] = Counter()
    for leg in told["legs"]:
        if leg["payee"] is not None and int(leg["payee"]) >= known.n_accounts:
            held[leg["payer"]] += sum(leg["units"].get("taint_first", {}).values())
    found = {name_of(place.account): (place.loose, place.units) for place in ours.places}
    wanted = {a: (loose[a], loose[a] + held[a]) for a in {*loose, *held}}
    assert found == {account: sums for account, sums in wanted.items() if sums[1]}
