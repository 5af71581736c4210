"""The scenario as data, each number with its source; it stood before the first comparison."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Scenario:
    """Numbers by dotted name, such as `ring.drops`."""

    version: str
    values: Mapping[str, Any]
    sources: Mapping[str, str]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str) -> Any:
        """A number that not every version has; None if this one has not."""
        return self.values.get(name)

    def changed(self, changes: Mapping[str, Any]) -> Scenario:
        """The same with other values.

        Raises:
            KeyError: a change of something that is not in the scenario.
        """
        for name in changes:
            self.values[name]
        return replace(self, values={**self.values, **changes})


VERSIONS = (1, 2)
_FILES = {1: ("scenario.toml",), 2: ("scenario.toml", "scenario_2.toml")}


@cache
def scenario(version: int = VERSIONS[-1]) -> Scenario:
    """A scenario that comes with the software; a later version tells what differs."""
    found: dict[str, Mapping[str, Any]] = {}
    for name in _FILES[version]:
        text = (files("qalqan.simulate.replay") / name).read_text(encoding="utf-8")
        body = tomllib.loads(text)
        found.update(_entries(body))
    return Scenario(
        body["version"],
        {name: entry["value"] for name, entry in found.items()},
        {name: entry["source"] for name, entry in found.items()},
    )


def _entries(body: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, below in body.items():
        if not isinstance(below, dict):
            continue
        if "source" in below:
            yield before + name, below
        else:
            yield from _entries(below, f"{before}{name}.")


VARIATIONS: Mapping[str, Mapping[str, Any]] = {
    "rest halved": {"ring.rest_minutes_first": 7, "ring.rest_minutes_later": 14},
    "rest doubled": {"ring.rest_minutes_first": 28, "ring.rest_minutes_later": 56},
    "no floats": {"ring.float_chance": 0.0},
    "all have floats": {"ring.float_chance": 1.0},
    "no splits": {"ring.width_chances": [1.0]},
    "wide splits": {"ring.width_chances": [0.0, 0.2, 0.3, 0.3, 0.2]},
    "one layer more": {"ring.depth_chances": [0.0, 0.0, 0.3, 0.35, 0.22, 0.13]},
    "one layer less": {"ring.depth_chances": [0.3, 0.35, 0.22, 0.13]},
    "no commission": {"ring.keep_ppm": [0, 1]},
    "full commission": {"ring.keep_ppm": [99_999, 100_000]},
    "no private sellers": {"exits.seller_of_crypto_chance": 0.0},
    "half are private sellers": {"exits.seller_of_crypto_chance": 0.5},
    "three times the innocent traffic": {
        "innocent.card_a_day": 3.6,
        "innocent.transfers_a_day": 1.5,
        "innocent.qr_a_day": 2.1,
    },
    "all banks answer in minutes": {"banks.answer_minutes": [2, 2, 2, 2, 2, 2]},
    "peer tracks again every 30 minutes": {},
    "ours confirmed by machine": {"banks.connected_confirm": "machine"},
    "ours without the limit for busy accounts": {"policies.ours.busy_payers": None},
    "ours with half the limit for busy accounts": {"policies.ours.busy_payers": 2},
    "ours with twice the limit for busy accounts": {"policies.ours.busy_payers": 8},
    "our connected banks answer like clerks": {
        "banks.connected_seconds": None,
        "banks.connected_confirm": None,
    },
}
"""What each line of the sensitivity table changes; where a line is empty, the peer's rules."""

AFTERWARDS: Mapping[str, Mapping[str, Any]] = {
    "peer's receivers answer as ours": {},
    "our banks answer at once": {"banks.answer_minutes": [0, 0, 0, 0, 0, 0]},
    "peer blocks what comes later, too": {},
    "ours warns who paid the same drop, half of those robbed confirm": {
        "policies.ours.warned_share": 0.5
    },
}
"""Asked after the first results were seen, to understand them; told apart from the others."""
