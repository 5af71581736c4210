"""What victims tell, in their own words (REQ-16, 27 to 33, 88)."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from qalqan.simulate.names import name_of
from qalqan.simulate.plan import Claim
from qalqan.simulate.world import World

CAUSES = {
    "27": "trusted_seller", "28": "trusted_caller", "29": "hoped_for_profit",
    "30": "leaked_data", "31": "gave_access", "32": "opened_link",
}  # fmt: skip
"""Method → cause of the code book."""


@cache
def _words() -> dict[str, dict[str, str]]:
    text = files("qalqan.simulate").joinpath("words.toml").read_text("utf-8")
    return tomllib.loads(text)


def report_body(world: World, claim: Claim) -> dict[str, Any]:
    """The report of one victim, as a reporting channel sends it."""
    stage = world.plan.stages[claim.first_stage]
    body = told_by(world, claim.payer, claim.methods, claim.language) | {
        "region": claim.region,
        "amount": claim.amount,
        "crime_us": claim.at_us,
        "discovered_us": claim.discovered_us,
        "reported_us": claim.reported_us,
    }
    if claim.names_payee:
        body["payee_account"] = world.text_of(stage.account)
    return body


def told_by(world: World, payer: int, methods: Sequence[str], language: str) -> dict[str, Any]:
    """What the holder of an account tells of himself and of how it happened."""
    iin = world.sql.execute("SELECT holder FROM accounts WHERE number = ?", (payer,)).fetchone()[0]
    return {
        "methods": list(methods),
        "cause": CAUSES[methods[0]],
        "language": language,
        "victim_iin": iin,
        "victim_name": name_of(iin),
        "words": _words()[methods[-1]][language],
        "payer_account": world.text_of(payer),
        "currency": "KZT",
    }


def false_report(world: World, claim: Claim, at_us: int) -> dict[str, Any]:
    """A report of a payment that never was: the payer's bank denies it, and nothing is held."""
    body = report_body(world, claim) | {
        "amount": claim.amount + 77_700,
        "crime_us": at_us - 3_600_000_000,
        "discovered_us": at_us,
        "reported_us": at_us,
    }
    body.pop("payee_account", None)
    return body
