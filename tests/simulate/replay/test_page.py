"""The page of a replay says what its figures say (REQ-44)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qalqan.simulate.replay.campaign import FIELD, Result, campaign, told
from qalqan.simulate.replay.chart import svg
from qalqan.simulate.replay.compare import Figures, Run
from qalqan.simulate.replay.page import replay_page
from qalqan.simulate.replay.scenario import VERSIONS, scenario
from qalqan.text.catalogue import LANGUAGES, say

PEER_STOPS, FEED_STOPS = 200, 500


def figures(runs: Sequence[Run], worlds: int, innocent: int) -> Figures:
    """Made up: each world lost 1 000; the peer holds from bystanders except at one hop."""
    found = np.zeros((len(runs), worlds, len(FIELD)), np.int64)
    found[:, :, FIELD["stolen"]] = 1_000
    found[:, :, FIELD["held"]] = 600
    for at, run in enumerate(runs):
        careful = run.setting is not None and "hops=1," in repr(run.setting)
        stops = PEER_STOPS if careful else 900
        found[at, :, FIELD["stopped"]] = stops if run.policy == "med" else FEED_STOPS
        peer = 0 if careful else 50
        found[at, :, FIELD["innocent_held"]] = peer if run.policy == "med" else innocent
    return found


def result(innocent: int) -> Result:
    s = scenario()
    plan = campaign(50, s)
    sums = [(plan.sweep, plan.part), (plan.side, plan.few), (plan.main, plan.worlds)]
    sweep, side, main = (figures(runs, worlds, innocent) for runs, worlds in sums)
    return told(plan, 1, VERSIONS[-1], sweep, side, main)


def test_the_peer_is_compared_at_no_more_innocent_money_than_ours() -> None:
    few, many = result(innocent=4), result(innocent=60)
    assert len(few["equal_innocent"]) == len(many["equal_innocent"]) == 4
    for row in few["equal_innocent"]:
        assert (row["peer_stopped"], row["ratio"]) == (8 * PEER_STOPS, 2.5)
    for row in many["equal_innocent"]:
        assert row["ratio"] == round(FEED_STOPS / 900, 3)


def test_a_missed_target_is_said_to_be_missed() -> None:
    met, missed = replay_page(result(innocent=4)), replay_page(result(innocent=60))
    assert "Everything on this page is simulated" in met
    assert "2.50 times what the MED-like policy stops; the target of 2 is met" in met
    assert "the target of at most 1 % is met" in met
    assert "the target of 2 is **missed**" in missed
    assert "the target of at most 1 % is **missed**" in missed


def test_the_page_tells_every_assumption_and_its_source() -> None:
    page = replay_page(result(innocent=4))
    for name, source in scenario().sources.items():
        assert f"| `{name}` |" in page
        assert source in page
    for variation in scenario()["comparison.sensitivity"]:
        assert f"| {variation} |" in page


def test_the_chart_says_that_it_is_simulated_in_every_language() -> None:
    made = result(innocent=4)
    for language in LANGUAGES:
        assert say("replay.title", language) in svg(made, language)


def test_a_later_version_changes_neither_thieves_nor_bystanders_nor_the_peer() -> None:
    first, last = scenario(VERSIONS[0]), scenario(VERSIONS[-1])
    changed = {name for name, value in last.values.items() if first.get(name) != value}
    assert {"policies.ours.busy_payers", "banks.connected_seconds"} <= changed
    allowed = ("policies.ours.", "banks.connected", "comparison.own", "comparison.part_of")
    assert {n for n in changed if not n.startswith(allowed)} == {"comparison.sensitivity"}
    assert first.values.keys() <= last.values.keys()
