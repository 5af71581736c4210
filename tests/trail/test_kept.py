"""What is kept from question to question changes no answer."""

from __future__ import annotations

from typing import Any

from qalqan.trail import document, follow
from qalqan.trail.kept import KeptTrails


def test_kept_trails_are_those_of_a_new_walk(trail_lake: Any) -> None:
    kept = KeptTrails(trail_lake.engine)
    for seal in (6, 7, 8, 8):
        for seed, asked in enumerate(trail_lake.questions[:12]):
            roots, policy, as_of_us, home_banks = asked.rest
            for until_us in (as_of_us - 40, as_of_us):
                found = kept.follow(roots, policy, until_us, seal, home_banks)
                fresh = follow(trail_lake.engine, roots, policy, until_us, seal, home_banks)
                assert document(found) == document(fresh), (seed, seal)
