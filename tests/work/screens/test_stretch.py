"""Facts read from files and facts grouped by the engine teach the screens the same."""

from __future__ import annotations

import random
from contextlib import closing
from typing import Any

import numpy as np

from conftest import Lake
from qalqan import clock
from qalqan.clock import DAY, HOUR
from qalqan.screening.remembered import Screens
from qalqan.screening.state import State
from qalqan.work.screens import feed
from qalqan.work.screens.lake_stretch import LakeStretch
from qalqan.work.screens.stretch import COLUMNS, read_fresh

NAMES = [None, *"abcdefgh"]


def some_facts(chance: random.Random, centre: Any) -> None:
    """Some of each kind, with holes, old and new, of one seal a kind."""

    def one(*columns: str, **values: Any) -> dict[str, Any]:
        return {
            "ago_us": chance.choice([0, HOUR // 3, DAY, 40 * DAY, 100 * DAY]),
            **{name: chance.choice(NAMES) for name in columns},
            **{name: chance.choice(among) for name, among in values.items()},
        }

    payment = {"side": ["payer", "payee", "both"], "amount": [1, 700, 10**9],
               "currency": ["KZT", "USD"], "instrument": ["transfer", "loan"]}  # fmt: skip
    ends = ("payer_account", "payee_account", "payer_holder", "payee_holder")
    told = {"outcome": ["signed_in", "refused"], "remote_access": [True, False, None]}
    loan = {"applicant": "abc", "amount": [5, 9], "decision": ["granted", "refused"]}
    call = {"caller": "abc", "callee": "def", "answered": [True, False]}
    centre.sealed("payment", *(one(*ends, **payment) for _ in range(80)))
    centre.sealed("session", *(one("holder", "account", "device", **told) for _ in range(40)))
    centre.sealed("loan", *(one("payout_account", "device", **loan) for _ in range(40)))
    centre.sealed("call", *(one(**call) for _ in range(40)))


def known(state: State) -> dict[str, Any]:
    """All that a state knows, in an order of its own."""
    tables = {name: table.columns() for name, table in state.remembered.tables().items()}
    windows = {
        name: {key: dict(sorted(entries.items())) for key, entries in window._now.items()}
        for name, window in state.recent.__dict__.items()
    }
    return {"tables": tables, "windows": windows}


def test_both_readers_teach_the_same(centre: Any) -> None:
    chance = random.Random(4)
    for _ in range(3):
        some_facts(chance, centre)
    now_us, root = clock.now_us(), centre.lake.root
    taught = []
    with closing(centre.lake.duck()) as engine:
        for after, up_to in ((0, 6), (6, 12)):
            of_lake = LakeStretch(engine, after, up_to, now_us)
            taught.append((of_lake, read_fresh(root, tuple(COLUMNS), after, up_to, now_us)))
        ours, theirs = State(Screens()), State(Screens())
        for lake, fresh in taught:
            feed.learn(ours, fresh)
            feed.learn(theirs, lake)
    found, expected = known(ours), known(theirs)
    assert found["windows"] == expected["windows"]
    assert all(len(window) for window in ours.recent.__dict__.values())
    for name, (keys, columns) in expected["tables"].items():
        assert len(keys) > 5, name
        assert keys.tolist() == found["tables"][name][0].tolist()
        for column, values in columns.items():
            np.testing.assert_allclose(found["tables"][name][1][column], values, rtol=1e-12)


def test_a_stretch_without_facts_of_a_kind_teaches_nothing(centre: Any) -> None:
    centre.sealed("payment", {"payer_account": "a", "payee_account": "b", "amount": 5})
    fresh = read_fresh(centre.lake.root, tuple(COLUMNS), 1, 1, clock.now_us())
    assert fresh.facts == {}
    state = State(Screens())
    feed.learn(state, fresh)
    assert not len(state.remembered.pairs)


def test_new_facts_are_read_from_a_bucket_too(bucket: str) -> None:
    lake = Lake(bucket)
    for seal in (1, 2):
        fact = {"id": f"s{seal}", "source": "b", "at_us": clock.now_us(), "holder": "h",
                "device": "d", "outcome": "signed_in", "remote_access": True}  # fmt: skip
        lake.write("session", [fact], seal)
    fresh = read_fresh(bucket, ("session", "call"), 1, 2, clock.now_us())
    assert [row for (row,) in fresh.rows(0, "session", "id")] == ["s2"]
