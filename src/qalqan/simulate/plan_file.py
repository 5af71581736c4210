"""A ring's plan as JSON, for the world's file and for people who look into it."""

from __future__ import annotations

import json
from dataclasses import asdict

from qalqan.simulate.plan import Claim, Out, Plan, Ring, Stage


def plan_text(plan: Plan) -> str:
    """The plan as JSON text; equal plans give equal text."""
    body = asdict(plan)
    for ring in body["rings"]:
        ring["with_float"] = sorted(ring["with_float"])
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def read_plan(text: str) -> Plan:
    """The plan back from its text."""
    body = json.loads(text)
    rings = tuple(
        Ring(**{**ring, "drops": tuple(ring["drops"]), "with_float": frozenset(ring["with_float"])})
        for ring in body["rings"]
    )
    claims = tuple(Claim(**{**c, "methods": tuple(c["methods"])}) for c in body["claims"])
    stages = tuple(
        Stage(**{**stage, "outs": tuple(Out(**out) for out in stage["outs"])})
        for stage in body["stages"]
    )
    return Plan(rings, claims, stages)
