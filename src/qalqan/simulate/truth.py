"""The truth beside the centre's figures: where the stolen money is by the rings' intent.

The parts are those of `docs/reference/trail.md`; `docs/reference/country.md` says how each unit
is counted. Only money whose victim has reported counts, as for the centre.
"""

from __future__ import annotations

from qalqan.simulate.book import Parts, parts
from qalqan.simulate.country import Drawn
from qalqan.simulate.moves import settle
from qalqan.simulate.plan import Plan
from qalqan.simulate.world import World


def reported_by(plan: Plan, now_us: int) -> frozenset[int]:
    """Numbers of the claims whose victims have reported."""
    return frozenset(claim.number for claim in plan.claims if claim.reported_us <= now_us)


def truth_now(world: World, now_us: int) -> Parts:
    """The parts of all reported money, the script played up to `now_us`."""
    with world.turn(now_us) as book:
        return parts(book, now_us, reported_by(book.plan, now_us))


def truth_untouched(country: Drawn) -> Parts:
    """The parts at the end if nobody holds anything; uses up the country's book."""
    settle(country.book, [], country.end_us)
    return parts(country.book, country.end_us, reported_by(country.plan, country.end_us))
