"""Payments and balances around a trail, out of the index and out of plain lists (REQ-44)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random

import pyarrow as pa
from index_rows import parts, payment_rows, statement_rows
from trail_questions import Question, question

from qalqan.trail.around import Around, Newest, booked
from qalqan.trail.attribution import Attributed
from qalqan.trail.body import Trail
from qalqan.trail.coverage import Covered
from qalqan.trail.index.around import around
from qalqan.trail.index.store import Index
from qalqan.trail.index.writing import Writer, writing
from qalqan.trail.semantics import RULES, Transfer
from qalqan.trail.transfers import joined

TURNS = 9
QUESTIONS = [question(seed) for seed in range(7_000, 7_030)]
FACTS = list({fact.id: fact for asked in QUESTIONS for fact in asked.facts}.values())
Random(5).shuffle(FACTS)
STATEMENTS = [told for asked in QUESTIONS for told in asked.coverages]


def written(folder: Path, balances: Mapping[str, int]) -> Index:
    """The index in several turns, so that runs are merged; some have no balance at all."""
    writer = Writer(folder)
    with writing(folder):
        for seal, part in enumerate(parts(FACTS, TURNS), 1):
            told = pa.array([balances.get(fact.id) for fact in part], pa.int64())
            rows = payment_rows(part, seal)
            place = rows.column_names.index("balance")
            writer.begin()
            writer.take(rows.set_column(place, "balance", told))
            if seal == TURNS:
                writer.take_statements(statement_rows(STATEMENTS, seal))
            writer.publish(seal, {})
    return Index(folder)


def trail_of(asked: Question) -> Trail:
    """Some accounts of a question, as if they were followed."""
    roots, policy, as_of_us, _ = asked.rest
    named = {a for f in asked.facts for a in (f.payer, f.payee) if a}
    hops = dict.fromkeys(sorted(named)[::2], 1)
    answers = {rule: Attributed() for rule in RULES}
    return Trail(policy, TURNS, as_of_us, "KZT", tuple(roots), hops, {}, {}, Covered([]), answers)


def plain(trail: Trail, balances: Mapping[str, int]) -> Around:
    floor_us = min(root.at_us for root in trail.roots) - trail.policy.lookback_us
    facts = [
        f for f in FACTS
        if f.currency == "KZT" and floor_us <= f.at_us <= trail.as_of_us
        and {f.payer, f.payee} & trail.hops.keys()
    ]  # fmt: skip
    newest = Newest()
    for fact in facts:
        if fact.id in balances:
            newest.beside(fact, balances[fact.id])
    newest.closing(
        s for s in STATEMENTS
        if s.currency == "KZT" and s.account in trail.hops and s.to_us <= trail.as_of_us
    )  # fmt: skip
    return Around(joined(facts, trail.policy.match_window_us), newest.told, booked(facts))


def as_told(found: Around) -> dict[str, Transfer]:
    """Transfers by id, without their UETRs, of which the index keeps only keys."""
    return {x.id: x._replace(uetr=None) for x in found.transfers}


def test_the_index_tells_payments_and_balances_as_a_plain_look_does(tmp_path: Path) -> None:
    random = Random(7)
    balances = {f.id: random.randrange(-50, 500) for f in FACTS if random.random() < 0.4}
    index, seen = written(tmp_path, balances), 0
    for asked in QUESTIONS:
        trail = trail_of(asked)
        found, wanted = around(index, trail), plain(trail, balances)
        assert found.told == wanted.told
        assert found.booked == wanted.booked
        assert as_told(found) == as_told(wanted)
        seen += len(found.told)
    assert seen > 20
