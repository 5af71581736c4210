"""How long what is kept: named with its source, and in force by two people's word."""

from __future__ import annotations

from typing import Any

import pytest

from qalqan.errors import InputRejected, NotAllowed
from qalqan.lake.schemas import KINDS
from qalqan.lake.upkeep import policy
from qalqan.register.database import Database


def test_the_policy_names_every_kind_with_its_source(database: Database) -> None:
    with database.session() as session:
        assert policy.current(session) is None
    assert policy.of_body(0, policy.default_body()).days["payment"] == 1826


@pytest.mark.parametrize(
    "change",
    [
        {"payment": None},
        {"payment": {"days": 1, "source": "x"}},
        {"payment": {"days": True, "source": "x"}},
        {"payment": {"days": 100}},
        {"weather": {"days": 100, "source": "x"}},
        {"batch": {"days": 89, "source": "x"}},
        {"quarantine": {"days": 100}},
    ],
)
def test_a_policy_without_sense_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputRejected):
        policy.of_body(1, {**policy.default_body(), **change})


def test_two_people_put_a_policy_in_force(database: Database) -> None:
    body = {**policy.default_body(), "call": {"days": 400, "source": "ours"}}
    with pytest.raises(NotAllowed), database.write() as session:
        policy.install(session, body, ["aigul", "aigul"])
    with database.write() as session:
        assert policy.install(session, body, ["aigul", "daniyar"]).version == 1
    with database.session() as session:
        in_force = policy.current(session)
    assert in_force is not None
    assert in_force.days["call"] == 400


def test_what_is_no_kind_of_fact_may_be_left_out(database: Database) -> None:
    """As in a policy from before: then it is kept for good."""
    body = {kind: policy.default_body()[kind] for kind in KINDS}
    assert set(policy.of_body(1, body).days) == set(KINDS)
    whole = policy.of_body(1, policy.default_body())
    assert set(whole.days) == {*KINDS, policy.BATCH, policy.QUARANTINE} == set(whole.sources)
    assert "to be confirmed" in whole.sources[policy.BATCH]
