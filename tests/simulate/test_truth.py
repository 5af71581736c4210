"""Where nobody interferes, the trail by its default rule finds what the rings meant."""

import pytest

from qalqan.clock import DAY
from qalqan.simulate.banks import BANKS
from qalqan.simulate.lines import line
from qalqan.simulate.sizes import FIRST_US
from qalqan.simulate.truth import truth_now
from qalqan.trail import document, follow
from qalqan.trail.policy import default
from qalqan.trail.semantics import Root


@pytest.fixture
def told(town, world, duck_lake):
    """A lake with all that every bank could tell of the members' accounts up to the end."""
    end = town.end_us + DAY
    with world.turn(end):
        pass
    members = {world.text_of(account) for account in town.plan.members}
    for bank in BANKS:
        rows = [
            line(entry, bank.code) | {"source": bank.partner}
            for entry in world.entries_between(bank.code, 0, end)
            if {entry.payer.account, entry.payee.account} & members
        ]
        if rows:
            duck_lake.write("payment", rows)
        notice = {
            "id": "all", "source": bank.partner, "at_us": end, "bank": bank.code,
            "from_us": FIRST_US, "to_us": end, "currency": "KZT", "complete": True, "lines": 1,
        }  # fmt: skip
        duck_lake.write("statement", [notice])
    return duck_lake.duck(), end


def _bank(world, account):
    return world.sql.execute("SELECT bank FROM accounts WHERE number = ?", (account,)).fetchone()[0]


def _roots(town, world):
    for claim in town.plan.claims:
        payee = town.plan.stages[claim.first_stage].account
        yield Root(
            id=f"r{claim.number:03d}", claim=f"R{claim.number:03d}",
            payer=world.text_of(claim.payer), payee=world.text_of(payee),
            payee_bank=_bank(world, payee), payer_bank=_bank(world, claim.payer),
            amount=claim.amount, currency="KZT", at_us=claim.at_us,
        )  # fmt: skip


def test_the_default_rule_finds_every_part_within_one_per_cent(town, world, told):
    engine, end = told
    home = frozenset(bank.code for bank in BANKS)
    trail = document(follow(engine, list(_roots(town, world)), default(), end, home_banks=home))
    found = dict.fromkeys(next(iter(trail["parts"]["taint_first"].values())), 0)
    for parts in trail["parts"]["taint_first"].values():
        for part, units in parts.items():
            found[part] += units
    truth = truth_now(world, end)
    assert sum(found.values()) == truth.stolen
    for ours, meant in (
        (found["here"] + found["wallet"], truth.traceable),
        (found["kept"] + found["spent"], truth.kept_by_drops),
        (found["cash"], truth.cash),
        (found["abroad"], truth.abroad),
        (found["crypto"], truth.crypto),
        (found["fees"], truth.fees),
        (found["unknown"], 0),
    ):
        assert abs(ours - meant) <= truth.stolen // 100
