import numpy as np
import pyarrow.compute as pc
import pytest

from qalqan.errors import InputRejected
from qalqan.lake.schemas import SCHEMAS
from qalqan.model.identifiers import column
from qalqan.simulate.banks import BANKS
from qalqan.simulate.country import make
from qalqan.simulate.plan_file import plan_text


def test_same_seed_gives_the_same_facts_and_the_same_rings(town):
    again = make("town", 7)
    assert plan_text(again.plan) == plan_text(town.plan)
    assert again.made == town.made
    first, second = list(town.history()), list(again.history())
    assert [batch[:2] for batch in first] == [batch[:2] for batch in second]
    assert all(a[2].equals(b[2]) for a, b in zip(first, second, strict=True))


def test_another_seed_gives_another_country(town):
    assert make("town", 8).plan != town.plan


def test_town_has_the_promised_size(town):
    assert 2_000 <= town.size.people <= 3_000
    assert 60_000 <= len(town.usual) <= 110_000
    assert len(town.plan.rings) == 2
    assert len(town.plan.claims) == 12
    for ring in town.plan.rings:
        assert 2 * len(ring.with_float) >= len(ring.drops)


def test_unknown_size_is_refused():
    with pytest.raises(InputRejected):
        make("planet", 1)


@pytest.mark.parametrize("kind", sorted(SCHEMAS))
def test_facts_have_the_columns_of_their_schema(town, kind):
    table = town.facts(kind)
    given = {c.name for c in SCHEMAS[kind].given} | {"source"}
    required = {c.name for c in SCHEMAS[kind].given if c.required}
    assert table.num_rows > 0
    assert set(table.column_names) <= given
    assert required <= set(table.column_names)
    assert all(table[name].null_count == 0 for name in required)
    assert pc.max(table["at_us"]).as_py() <= town.start_us


def test_identifiers_are_valid_by_their_check_digits(town):
    people, accounts = town.population.people, town.population.accounts
    assert pc.count_distinct(people.iin).as_py() == len(people.iin)
    for kind, values in (
        ("iin", people.iin),
        ("bin", town.population.companies.bin),
        ("phone", people.phone),
        ("account", accounts.text.drop_null()),
    ):
        refused = column(kind, values).refused
        assert refused.null_count == len(values), (kind, refused.drop_null()[:3])


def test_usual_payments_never_overdraw(town):
    balance = town.opening.copy()
    for payer, payee, amount in zip(
        town.usual.payer.tolist(), town.usual.payee.tolist(), town.usual.amount.tolist(),
        strict=True,
    ):  # fmt: skip
        balance[payer] -= amount
        balance[payee] += amount
        assert balance[payer] >= 0 or not town.population.accounts.home[payer]


def test_only_feeds_tell_without_being_asked(town):
    told = {source for kind, source, _ in town.history() if kind == "payment"}
    assert told == {bank.partner for bank in BANKS if bank.feed}
    assert len(told) == 2


def test_chains_are_two_to_five_layers_deep(town):
    def depth(number):
        onto = [out.stage for out in town.plan.stages[number].outs if out.stage is not None]
        return 1 + max((depth(stage) for stage in onto), default=0)

    depths = {depth(claim.first_stage) for claim in town.plan.claims}
    assert depths <= {2, 3, 4, 5, 6}
    assert len(depths) >= 3
    for stage in town.plan.stages:
        assert stage.keep_ppm <= 100_000
        assert sum(out.share_ppm for out in stage.outs) == 1_000_000


def test_victims_report_at_once_and_late(town):
    delays = np.array([c.reported_us - c.at_us for c in town.plan.claims]) / 60_000_000
    assert (delays <= 40).sum() >= 2
    assert (delays >= 2 * 24 * 60).sum() >= 2
    for claim in town.plan.claims:
        assert claim.at_us <= claim.discovered_us <= claim.reported_us
