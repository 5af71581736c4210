"""Policies in simulated worlds: what must hold however they end (REQ-44)."""

from __future__ import annotations

import numpy as np
import pytest

from qalqan.clock import MINUTE, SECOND
from qalqan.simulate.replay.answers import CONFIRM, HOLD, Answers
from qalqan.simulate.replay.bounds import own
from qalqan.simulate.replay.campaign import FIELD, campaign, result
from qalqan.simulate.replay.compare import POLICIES, Run, outcomes, play
from qalqan.simulate.replay.drawing import draw
from qalqan.simulate.replay.play import EXITS, Outcome
from qalqan.simulate.replay.scenario import scenario

SEED = 11
WORLDS = range(1, 4)
DELAYS = (15, 60)
RUNS = [Run(policy, delay) for policy in POLICIES for delay in DELAYS]


@pytest.fixture(scope="module")
def found() -> np.ndarray:
    return outcomes(SEED, WORLDS, RUNS)


def told(found: np.ndarray, name: str) -> np.ndarray:
    return found[:, :, FIELD[name]]


def test_every_stolen_unit_is_somewhere(found: np.ndarray) -> None:
    places = ["stopped", "waiting", "kept", *EXITS]
    assert (sum(told(found, name) for name in places) == told(found, "stolen")).all()
    assert (found >= 0).all()


def test_all_policies_meet_the_same_thefts(found: np.ndarray) -> None:
    stolen = told(found, "stolen")
    assert (stolen == stolen[0]).all()
    assert stolen.min() > 0


def test_what_is_counted_as_innocent_was_held(found: np.ndarray) -> None:
    assert (told(found, "innocent_held") + told(found, "own_held") <= told(found, "held")).all()
    assert (told(found, "innocent_at_end") <= told(found, "innocent_held")).all()


def test_the_same_seed_gives_the_same_and_another_does_not(found: np.ndarray) -> None:
    again = outcomes(SEED, WORLDS, RUNS[:2])
    assert (again == found[:2]).all()
    assert (outcomes(SEED + 1, WORLDS, RUNS[:2]) != found[:2]).any()


def test_who_learns_at_once_stops_no_less(found: np.ndarray) -> None:
    """Over these worlds together: with a feed as much as by statements, and more than today."""
    by_policy = {
        policy: sum(
            int(told(found, "stopped")[at].sum())
            for at, run in enumerate(RUNS)
            if run.policy == policy
        )
        for policy in POLICIES
    }
    assert by_policy["feed"] >= by_policy["statements"] > by_policy["today"]


def test_whoever_is_warned_and_confirms_is_helped_sooner() -> None:
    """Over these worlds together, a day before his own report (REQ-90)."""
    plain = scenario()
    warned = plain.changed({"policies.ours.warned_share": 1.0})
    late = Run("feed", 1440)
    stopped = {
        s["policies.ours.warned_share"]: sum(
            play(draw(s, SEED, number), s, late).outcome().stopped for number in WORLDS
        )
        for s in (plain, warned)
    }
    assert stopped[1.0] > stopped[0.0]


def test_connected_banks_have_the_peers_clock_and_hold_by_machine() -> None:
    s = scenario()
    world = draw(s, SEED, 1)
    payer, share = world.claims[0].payer, world.claims[0].notice_share
    connected = Answers(world, s, 2.0, connected=True)
    assert connected.after_us(payer, CONFIRM, share) == int(share * 60 * MINUTE)
    assert connected.after_us(payer, HOLD) == 4 * SECOND
    clerks = Answers(world, s, 2.0)
    assert clerks.after_us(payer, HOLD) > connected.after_us(payer, HOLD)


def test_leaving_busy_accounts_alone_spares_bystanders() -> None:
    """Over these worlds together, and stops no less but for what lay there."""
    s, late = scenario(), Run("feed", 720)
    unbounded = late._replace(setting=own(s)._replace(busy_payers=None))
    bounded, free = outcomes(SEED, WORLDS, [late, unbounded]).sum(axis=1)
    assert bounded[FIELD["innocent_held"]] < free[FIELD["innocent_held"]]
    assert bounded[FIELD["stopped"]] >= 0.95 * free[FIELD["stopped"]]


@pytest.mark.parametrize("policy", POLICIES)
def test_no_account_is_held_beyond_what_it_has(policy: str) -> None:
    s = scenario()
    world = draw(s, SEED, 1)
    game = play(world, s, Run(policy, 60))
    assert any(game.held)
    for account in range(world.outside):
        assert 0 <= game.held[account] <= max(0, game.balance[account])


def test_a_result_says_that_it_is_simulated_and_of_what() -> None:
    s = scenario()
    plan = campaign(2, s, sensitivity=False)._replace(main=tuple(RUNS[:4]))
    heard: list[int] = []
    said = result(plan, SEED, 1, heard.append)
    assert said["simulated"] is True
    assert (said["scenario"], said["seed"], said["victims"]) == (s.version, SEED, 5)
    assert [row["policy"] for row in said["main"]] == [run.policy for run in RUNS[:4]]
    assert heard == [1]
    assert set(Outcome._fields) <= said["main"][0].keys()
