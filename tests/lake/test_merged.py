"""Requests that share a commit get what they would have got one after the other (REQ-19)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from lake.good_facts import GOOD
from qalqan.exchange import json_lines
from qalqan.lake import landing, written
from qalqan.lake.checked import Terms
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.lake.merged import merged
from qalqan.lake.receipt import Receipt
from qalqan.lake.telling import Telling, alike
from qalqan.register.database import Database
from qalqan.register.orm import Batch, Identity, Quarantined, VaultEntry
from qalqan.trust.keys import Keys

BANKS = {"bank-a": "AAA", "bank-b": "BBB", "shop": None}

VALUES = {
    "id": st.sampled_from(["1", "2", "3", 4, 4.0, None, " ", "x" * 101, ["1"], True]),
    "amount": st.sampled_from([5, 5, 6, "5", 5.0, 12.5, -1, 10**40, 1e999, None, [1], "much"]),
    "currency": st.sampled_from(["KZT", "kzt", "XXX", None]),
    "payer_account": st.sampled_from(
        ["AAA:1", "ААА:1", "BBB:7", "KZ75125KZT2069100100", "KZ75125KZT20691001",
         "DE8937040044053201300", "FR76", None]
    ),
    "payer_holder": st.sampled_from(["850101300005", "850101300006", None]),
    "purpose": st.sampled_from(["rent", "\ud800", "", None, {"a": 1}]),
    "colour": st.sampled_from(["red", 5]),
    "\ud800": st.just(1),
}  # fmt: skip
CHANGES = st.lists(st.sampled_from(sorted(VALUES)), max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: VALUES[name] for name in names})
)
FACT = st.one_of(
    st.tuples(st.sampled_from(["1", "2", "3"]), CHANGES).map(
        lambda drawn: {"id": drawn[0], **GOOD["payment"], **drawn[1]}
    ),
    st.sampled_from([7, None, "x", [], {}]),
)
TELLING = st.tuples(st.sampled_from(sorted(BANKS)), st.lists(FACT, max_size=3))


def one_commit(
    database: Database, keys: Keys, groups: Sequence[Sequence[Telling]]
) -> list[Receipt]:
    with database.write() as session:
        checked = [merged(group, keys) for group in groups]
        done = dict(written.write(session, keys, checked, "/nowhere"))
    return [done[telling] for group in groups for telling in group]


def one_by_one(
    database: Database, keys: Keys, groups: Sequence[Sequence[Telling]]
) -> list[Receipt]:
    """As a long body is taken: by itself, in its own columns."""
    return [
        take(
            Centre(database, keys, "/nowhere"),
            HandIn(one.kind, one.source, "alone", Terms(frozenset({one.own_bank} - {None}))),
            json_lines.records(one.facts),
        )
        for group in groups
        for one in group
    ]


def left(database: Database) -> dict[str, Any]:
    """All that the facts left in the register, without ids of ours."""
    shown = ("kind", "source", "place", "field", "value_masked", "expected")
    with database.session() as session:
        sums = session.execute(
            select(Batch.source, *(func.sum(getattr(Batch, name)) for name in
                   ("read", "accepted", "duplicate", "quarantined"))).group_by(Batch.source)
        ).all()  # fmt: skip
        identities = session.execute(
            select(Identity.identity, Identity.content, Batch.source)
            .join(Batch, Batch.batch == Identity.batch)
        ).all()  # fmt: skip
        refused = session.scalars(select(Quarantined)).all()
        facts = [row for _, table in landing.landed(session, "payment", 10**6)
                 for row in table.to_pylist()]  # fmt: skip
        return {
            "facts": sorted(facts, key=str),
            "refused": sorted(
                str([*(getattr(one, name) for name in shown), sorted(one.params.items())])
                for one in refused
            ),
            "sums": {source: tuple(map(int, counts)) for source, *counts in sums},
            "identities": set(map(tuple, identities)),
            "vault": set(session.scalars(select(VaultEntry.token))),
        }


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(TELLING, min_size=1, max_size=6))
def test_together_as_one_by_one(
    told: list[tuple[str, list[Any]]], registers: Any, keys: Keys
) -> None:
    tellings = [Telling("payment", who, BANKS[who], facts) for who, facts in told]
    groups = alike(tellings)
    found = []
    for way in (one_commit, one_by_one):
        with closing(Database(registers.migrated(None))) as database:
            receipts = [replace(one, batch="") for one in way(database, keys, groups)]
            found.append((receipts, left(database)))
    together, apart = found
    for one, other in zip(together[0], apart[0], strict=True):
        assert one == other
        assert one.read == one.accepted + one.duplicate + one.quarantined
    # Who told nothing leaves a batch of nothing, or shares one: sums say the same.
    assert together[1] == apart[1]


def test_each_gets_its_own_places_and_refusals(database: Database, keys: Keys) -> None:
    good, bad = {"id": "1", **GOOD["payment"]}, {"id": "2", **GOOD["payment"], "amount": -5}
    tellings = [
        Telling("payment", "bank-a", "AAA", facts)
        for facts in ([bad, good], [7], [good], [{**good, "amount": 9}, {**bad, "colour": 1}])
    ]
    first, second, third, fourth = one_commit(database, keys, [tellings])
    assert [(one.place, one.expected) for one in first.refusals] == [("[1]", "number.range")]
    assert [(one.place, one.expected) for one in second.refusals] == [("[1]", "file.json")]
    assert (first.accepted, third.duplicate) == (1, 1)
    assert [(one.place, one.expected) for one in fourth.refusals] == [
        ("[1]", "fact.conflict"), ("[2]", "number.range"),
    ]  # fmt: skip
    assert fourth.unknown == ("colour",)
    assert first.unknown == ()


def test_look_alike_letters_are_counted_where_they_stood(database: Database, keys: Keys) -> None:
    plain = {"id": "1", **GOOD["payment"]}
    folded = {**plain, "id": "2", "payer_account": "ААА:1"}  # Cyrillic
    told = [Telling("payment", "bank-a", "AAA", [fact]) for fact in (plain, folded)]
    receipts = one_commit(database, keys, [told])
    assert [one.folded for one in receipts] == [{}, {"payer_account": 1}]
