"""All that makes findings: the readable detectors, what the registry of devices says of calls, and
the model of drops where one is in use.

Both say what they saw in the facts as known at a seal, and their findings are kept, shown and
replayed alike. The model comes last: whatever keeps it from scoring keeps no detector.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import ibis

from qalqan.clock import DAY
from qalqan.detectors import registry
from qalqan.detectors.base import Detector
from qalqan.errors import ContractBroken, NotFound
from qalqan.lake.engine import Engine
from qalqan.learning.model import CODE, in_use
from qalqan.model.finding import Finding
from qalqan.work import listed_devices
from qalqan.work.listed_devices import Listed
from qalqan.work.tuning import Tuning, tuned

Found = tuple[list[Finding], int | None]
"""Findings, and where the facts they are about begin (UTC microseconds); none if there are none."""
BESIDE = (listed_devices.CODE, CODE)
"""What makes findings without being a detector of the registry's."""
SCORED_DAYS = 90
"""The model scores payments of so many days before the newest: what is older no hold can reach,
and the columns of a nation's years would not fit in memory."""


class Finder(Protocol):
    """What makes findings."""

    @property
    def code(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of fact that it reads."""

    def found(self, engine: Engine, seal: int) -> Found:
        """What it finds as known at `seal`."""


@dataclass(frozen=True)
class Asked:
    """A readable detector."""

    detector: Detector

    @property
    def code(self) -> str:
        return self.detector.code

    @property
    def version(self) -> str:
        return self.detector.version

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self.detector.reads)

    def found(self, engine: Engine, seal: int) -> Found:
        tables = {
            kind: engine.held(kind, (*dict.fromkeys((*names, "day")),), seal)
            for kind, names in self.detector.reads.items()
        }
        rows = engine.run(self.detector.ask(tables)).to_pylist()
        begins = [_first_day(engine, table) for table in tables.values()]
        known = [DAY * day for day in begins if day is not None]
        first_us = max(known) if len(known) == len(begins) else None
        return list(self.detector.findings(rows, seal)), first_us


@dataclass(frozen=True)
class Scored:
    """The model of drops' payments that is in use, over the last `SCORED_DAYS` of them."""

    folder: Path
    model: str
    code: str = CODE
    kinds: tuple[str, ...] = ("payment",)

    @property
    def version(self) -> str:
        """Of the model and of the code that names accounts by it."""
        from qalqan.learning.card import naming_hash

        return hashlib.sha256(f"{self.model}{naming_hash()}".encode()).hexdigest()[:16]

    def found(self, engine: Engine, seal: int) -> Found:
        """Raises Unavailable without LightGBM's library, ContractBroken if the model is damaged
        or was made for columns that this version computes otherwise."""
        from qalqan.learning import named
        from qalqan.learning.card import features_hash
        from qalqan.learning.labelled import features_of
        from qalqan.learning.library import lightgbm
        from qalqan.learning.model import load

        lightgbm()
        try:
            model = load(self.folder, self.model)
        except NotFound as gone:
            raise ContractBroken("no such model", "learning.damaged", version=self.model) from gone
        if model.card["features_hash"] != features_hash():
            raise ContractBroken("another version's columns", "learning.other", version=self.model)
        features = features_of(engine, up_to_seal=seal, days=SCORED_DAYS)
        if not len(features.values):
            return [], None
        day = int(features.at[-1]) + 1 - SCORED_DAYS * DAY
        return named.findings(features, model, self.version, seal), day + -day % DAY


def wanted(finders: Iterable[Finder]) -> dict[str, list[str]]:
    """Columns of kinds of fact that several of them read: what is worth holding while they run."""
    reads = [one.detector.reads for one in finders if isinstance(one, Asked)]
    often = Counter(kind for each in reads for kind in each)
    columns: dict[str, set[str]] = {kind: {"day"} for kind, times in often.items() if times > 1}
    for kind, names in columns.items():
        names.update(name for each in reads for name in each.get(kind, ()))
    return {kind: sorted(names) for kind, names in columns.items()}


def all_of(
    models: Path | None, tuning: Tuning = MappingProxyType({}), lists: Listed | None = None
) -> Mapping[str, Finder]:
    """Code → what makes findings, in the order in which they run, by the parameters of `tuning`;
    `models` holds trained ones, `lists` are the devices that are listed now."""
    found: dict[str, Finder] = {
        code: Asked(tuned(detector, tuning.get(code, {})))
        for code, detector in registry.all_detectors().items()
    }
    if lists is not None:
        found[lists.code] = lists
    model = None if models is None else in_use(models)
    if models is not None and model is not None:
        found[CODE] = Scored(models, model)
    return found


def get(
    code: str, models: Path | None, tuning: Tuning = MappingProxyType({}),
    lists: Listed | None = None,
) -> Finder:  # fmt: skip
    """What makes findings of this code; raises NotFound if nothing does."""
    found = all_of(models, tuning, lists)
    return found[code] if code in found else Asked(registry.get(code))


def _first_day(engine: Engine, table: ibis.Table) -> int | None:
    """Days since 1970 of the oldest fact; none if there are no facts."""
    first = engine.run(table.agg(first=table.day.min()))["first"][0].as_py()
    return (first - date(1970, 1, 1)).days if first else None
