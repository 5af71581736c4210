"""Facts are joined one to one as section 2 of the trail's page says, however many they are."""

from __future__ import annotations

from random import Random

import pytest
from trail_questions import question

from qalqan.trail.index.facts import listed
from qalqan.trail.index.joins import join_few
from qalqan.trail.index.nearest import join_many
from qalqan.trail.index.rows import (
    ID_FROM,
    ID_TO,
    PARTNER,
    ROWS,
    SECOND,
    Gathered,
    nothing_gathered,
    taken_in,
)
from qalqan.trail.semantics import Fact
from qalqan.trail.transfers import joined

ANY = 1 << 60
"""So many candidates at once are tried one with another."""


def transfers(facts: list[Fact], window_us: int, few: int) -> dict[str, tuple[str, ...]]:
    """Id of each transfer → ids of the facts that tell it; by trying (`few` = `ANY`), or by
    going through sorted rows (0)."""
    held = taken_in(nothing_gathered(), listed(facts).facts, 0)
    if few:
        assert join_few(held, window_us, few)
    else:
        join_many(held, window_us, few)
    told = {}
    for row in range(held.counts[ROWS]):
        partner = held.rows[PARTNER, row]
        if partner != SECOND:
            pair = [_id(held, row)] + ([_id(held, partner)] if partner >= 0 else [])
            told[pair[0]] = tuple(sorted(pair))
    return told


def _id(held: Gathered, row: int) -> str:
    return bytes(held.ids[held.rows[ID_FROM, row] : held.rows[ID_TO, row]]).decode()


def check(facts: list[Fact], window_us: int, few: int) -> None:
    """The definition's transfers, and each fact in one; what an account pays itself is not among
    the definition's."""
    found = transfers(facts, window_us, few)
    defined = {told.id: told.facts for told in joined(facts, window_us)}
    assert {id: pair for id, pair in found.items() if id in defined} == defined
    assert sorted(id for pair in found.values() for id in pair) == sorted(f.id for f in facts)


@pytest.mark.parametrize("few", [ANY, 0])
def test_joined_as_defined(few: int) -> None:
    for seed in range(7_000, 7_400):
        asked = question(seed)
        check(asked.facts, asked.policy.match_window_us, few)


def crowded(random: Random) -> list[Fact]:
    """Facts that nearly all could be one another: few accounts, sums, references and moments, by
    clocks that differ."""
    accounts = ["a", "b", "c"][: random.randint(2, 3)]
    facts = []
    for i in range(random.randint(2, 40)):
        payer, payee = random.sample(accounts, 2)
        facts.append(
            Fact(
                id=f"s:{random.randint(0, 99)}n{i}", at_us=random.randint(0, 8) * 10,
                side=random.choice(("payer", "payee")),
                payer=payer if random.random() < 0.95 else None, payer_bank="B",
                payee=payee if random.random() < 0.85 else None, payee_bank="B",
                amount=random.choice((5, 5, 5, 6)), instrument="transfer",
                uetr=random.choice((None, None, "u1", "u2", "u3")),
                end_to_end_id=random.choice((None, "e1", "e2")),
            )
        )  # fmt: skip
    return facts


@pytest.mark.parametrize("few", [ANY, 0])
def test_crowded_facts_are_joined_as_defined(few: int) -> None:
    for seed in range(600):
        random = Random(seed)
        check(crowded(random), random.choice((0, 10, 25, 100)), few)


def test_books_that_disagree_are_one_transfer_by_their_uetr() -> None:
    """Different sums, and clocks an hour apart: the same UETR and payer say that it is one."""
    told = Fact("s:1", 0, "payer", "a", "A", "b", "B", 100, "transfer", "u")
    other = told._replace(id="t:1", side="payee", amount=90, at_us=3_600_000_000)
    assert transfers([told, other], 10, ANY) == {"s:1": ("s:1", "t:1")}
    stranger = other._replace(payer="x", payee="y")
    assert len(transfers([told, stranger], 10, ANY)) == 2


def test_a_crowd_at_one_moment_is_joined_pair_by_pair() -> None:
    """Fifty thousand equal payments of two accounts, told from both sides."""
    n = 50_000
    facts = [
        Fact(f"s:{i:06}", 0, ("payer", "payee")[i % 2], "a", "A", "b", "B", 5, "transfer")
        for i in range(n)
    ]
    found = transfers(facts, 10, 0)
    assert len(found) == n // 2
    assert all(len(pair) == 2 for pair in found.values())
