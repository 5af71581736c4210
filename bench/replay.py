"""What policies stop in the simulated worlds of the replay, and how fast they are played (REQ-44).

Prints one JSON object a line. The peer is the MED 2.0-like tracking graph in the same worlds, of
its whole sweep the setting that stops most while it holds no more from bystanders than ours.
**Simulated**: the ratios say how policies compare in one made-up world. The whole result is
`docs/reference/replay.md`.
`python bench/replay.py [DATA] [VICTIMS]`: DATA is not used; VICTIMS is 500 unless told.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from qalqan.simulate.replay.campaign import Campaign, Result, campaign, result
from qalqan.simulate.replay.scenario import VERSIONS, scenario

SEED = 3
PROCESSES = 2
PEER = "MED 2.0-like tracking graph, its best setting with no more innocent money"


def plan_of(victims: int) -> Campaign:
    """All policies and the peer's sweep, in all worlds."""
    whole = campaign(victims, scenario())
    peers = tuple(run for run in whole.sweep if run.setting and run.policy == "med")
    return whole._replace(part=whole.worlds, sweep=peers, side=())


def lines(found: Result) -> list[dict[str, Any]]:
    """The rows of one result."""
    pooled = {row["policy"]: row for row in found["pooled"]}
    rows = []
    for row in found["equal_innocent"]:
        if row["counted"] == "others":
            own = pooled[row["policy"]]
            innocent = own["innocent_held"] / max(1, own["held"])
            rows.append({
                "name": f"replay: stolen money stopped, {row['policy']}",
                "unit": "share of stolen, all delays together",
                "ours": round(row["stopped"] / row["stolen"], 3), "peer": PEER,
                "peer_value": round(row["peer_stopped"] / row["stolen"], 3),
                "ratio": row["ratio"], "n": found["victims"],
                "notes": f"simulated; {100 * innocent:.1f} % of what we held was bystanders'; "
                f"scenario {found['scenario']}, seed {found['seed']}",
            })  # fmt: skip
    return rows


def main(given: list[str]) -> None:
    """Play and print."""
    victims = next((int(one) for one in given if one.isdigit()), 500)
    plan, began = plan_of(victims), time.perf_counter()
    found = result(plan, SEED, PROCESSES)
    took = time.perf_counter() - began
    plays = (len(plan.main) + len(plan.sweep)) * plan.worlds
    speed = {
        "name": "replay: worlds played under a policy", "unit": "plays/s",
        "ours": round(plays / took, 1), "peer": None, "peer_value": None, "ratio": None,
        "n": plays, "notes": f"{PROCESSES} processes, {took:.0f} s, scenario/{VERSIONS[-1]}",
    }  # fmt: skip
    for row in [*lines(found), speed]:
        print(json.dumps(row, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
