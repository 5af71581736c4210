"""Accounts that a model names: whose payments look like those of confirmed drops (REQ-39).

A payment is not a person, and victims' payments reach drops as well. So an account is named for
what it receives; for what it pays only if within the last 30 days it has itself received a
payment that scores so. The window is the UTC day of the payments. A finding says what the
model saw, with at most five reasons of the payment that scored highest; it blocks nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from qalqan.clock import DAY
from qalqan.learning import model as models
from qalqan.learning.labelled import Features
from qalqan.learning.model import CODE, Model
from qalqan.learning.reasons import reasons
from qalqan.learning.windows import LOOKBACK_DAYS
from qalqan.model.finding import Finding

Array = np.ndarray[Any, Any]
Key = dict[str, Any]

MOST_FACTS = 40
"""Payments named in the evidence, at most."""


class Hit(NamedTuple):
    """A payment that scores from the threshold on."""

    score: float
    row: Key
    """Its keys and window features, exactly."""
    moved: dict[str, float]
    values: dict[str, float]


def findings(features: Features, model: Model, version: str, seal: int) -> list[Finding]:
    """A finding for each account and day that the model names; by account and day."""
    hits = _hits(features, model)
    days: dict[tuple[str, str, int], list[Hit]] = defaultdict(list)
    for account, hit in _accounts(hits):
        row = hit.row
        days[account, row["currency"], row["at_us"] - row["at_us"] % DAY].append(hit)
    best: dict[tuple[str, int], tuple[str, list[Hit]]] = {}
    for (account, currency, day), some in sorted(days.items(), key=lambda one: one[0]):
        known = best.get((account, day))
        if known is None or _top(some).score > _top(known[1]).score:
            best[account, day] = currency, some
    return [
        Finding(
            CODE, "account", account, day, day + DAY, round(_top(some).score, 6),
            _evidence(currency, some, model), version, seal,
        )
        for (account, day), (currency, some) in best.items()
    ]  # fmt: skip


def _hits(features: Features, model: Model) -> list[Hit]:
    scores = models.scores(model, features.values)
    places = np.flatnonzero(scores >= model.card["threshold"])
    values = features.values[places]
    moved = models.contributions(model, values)
    rows = features.keys.take(places).to_pylist()
    return [
        Hit(
            float(scores[place]),
            rows[k],
            dict(zip(features.names, moved[k].tolist(), strict=True)),
            dict(zip(features.names, values[k].tolist(), strict=True)),
        )
        for k, place in enumerate(places)
    ]


def _accounts(hits: list[Hit]) -> Iterator[tuple[str, Hit]]:
    """Which accounts each payment speaks of; `hits` are in order of time."""
    received: dict[tuple[str, str], list[int]] = defaultdict(list)
    for hit in hits:
        received[hit.row["payee_account"], hit.row["currency"]].append(hit.row["at_us"])
    for hit in hits:
        at_us = hit.row["at_us"]
        yield hit.row["payee_account"], hit
        arrivals = received.get((hit.row["payer_account"], hit.row["currency"]), [])
        until = bisect_right(arrivals, at_us)
        if until and at_us - arrivals[until - 1] < LOOKBACK_DAYS * DAY:
            yield hit.row["payer_account"], hit


def _top(hits: list[Hit]) -> Hit:
    """The highest score; of equal ones the first."""
    return max(hits, key=lambda hit: hit.score)


def _evidence(currency: str, hits: list[Hit], model: Model) -> dict[str, object]:
    top = _top(hits)
    at = [hit.row["at_us"] for hit in hits]
    return {
        "currency": currency,
        "model": model.version[:12],
        "payments": len(hits),
        "paid_minor": sum(hit.row["amount"] for hit in hits),
        "first_us": min(at),
        "last_us": max(at),
        "facts": [f"{hit.row['source']}:{hit.row['id']}" for hit in hits[:MOST_FACTS]],
        "reasons": reasons({**top.values, **top.row}, top.moved),
    }
