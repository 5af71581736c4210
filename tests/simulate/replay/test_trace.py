"""The trail that a replay walks is the definition's, over what banks told so far."""

from __future__ import annotations

import pytest

from qalqan.simulate.replay.compare import Run, play
from qalqan.simulate.replay.drawing import draw
from qalqan.simulate.replay.ours import Ours
from qalqan.simulate.replay.scenario import scenario
from qalqan.simulate.replay.trace import ABROAD, HOME, Facts, name_of
from qalqan.simulate.replay.world import BANKS, Payment, World
from qalqan.trail.holds import hold_amounts
from qalqan.trail.oracle import told_document
from qalqan.trail.policy import default
from qalqan.trail.semantics import Fact


def as_told(world: World, payment: Payment, side: str) -> Fact:
    def bank(account: int) -> str:
        return "other" if account == world.outside else BANKS[world.banks[account]]

    return Fact(
        f"{side:>5}:{payment.number:07d}", payment.at_us, side, name_of(payment.payer),
        bank(payment.payer), None if payment.instrument == "cash_out" else name_of(payment.payee),
        bank(payment.payee), payment.amount, payment.instrument, f"u{payment.number}", None,
        ABROAD if payment.abroad else None,
    )  # fmt: skip


@pytest.mark.parametrize(("policy", "number"), [("statements", 0), ("statements", 2), ("feed", 1)])
def test_the_sums_to_hold_are_those_of_the_definition(
    policy: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts: dict[str, Fact] = {}
    learn = Facts.take

    def take(self: Facts, payment: Payment, side: str) -> None:
        fact = as_told(self.world, payment, side)
        facts[fact.id] = fact
        learn(self, payment, side)

    asked: list[tuple[Ours, int]] = []
    follow = Ours.follow

    def followed(self: Ours, at_us: int) -> None:
        follow(self, at_us)
        asked.append((self, at_us))
        if len(asked) % 3 == 1:
            check(self, list(facts.values()), at_us)

    monkeypatch.setattr(Facts, "take", take)
    monkeypatch.setattr(Ours, "follow", followed)
    s = scenario()
    play(draw(s, 21, number), s, Run(policy, 60))
    assert len(asked) > 5


def check(ours: Ours, facts: list[Fact], at_us: int) -> None:
    known = ours.trail.facts
    told = told_document(facts, known.coverages, ours.trail.roots, default(), at_us, HOME)
    here: dict[str, dict[str, int]] = {}
    for (claim, account), units in hold_amounts(told, "taint_first").items():
        here.setdefault(account, {})[claim] = units
    found = {name_of(place.account): place.claims for place in ours.places}
    assert found == {account: claims for account, claims in here.items() if claims}
