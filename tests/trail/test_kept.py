"""What is kept from question to question changes no answer."""

from __future__ import annotations

from typing import Any

from qalqan.trail import document, follow
from qalqan.trail.kept import KeptTrails


def test_kept_trails_are_those_of_a_new_walk(trail_lake: Any) -> None:
    """Asked again at the same seal too, where nothing is read anew."""
    kept, fresh = KeptTrails(trail_lake.engine), {}
    for seal in (6, 7, 8, 8):
        for seed, asked in enumerate(trail_lake.questions[:7]):
            roots, policy, as_of_us, home_banks = asked.rest
            for until_us in (as_of_us - 40, as_of_us):
                rest = roots, policy, until_us, seal, home_banks
                found = document(kept.follow(*rest))
                if (key := (seed, until_us, seal)) not in fresh:
                    fresh[key] = document(follow(trail_lake.engine, *rest))
                assert found == fresh[key], (seed, seal)
