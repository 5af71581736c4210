"""Learning to tell a drop's payments from others, split by time (REQ-39).

A model is fitted on the first 60 % of payments, its length and threshold are chosen on the next
20 %, and its card's figures come from the last 20 %, which it never saw. Seeds are fixed: the
same table gives the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from qalqan.errors import InputRejected
from qalqan.learning import measures, strangers
from qalqan.learning.library import lightgbm, threads_for

Array = np.ndarray[Any, Any]
Progress = Callable[[int, int], None]

ARTEFACTS = frozenset({
    "pair_first", "pair_since", "pair_count_30d", "pair_sum_30d",
    "payer_since_in", "payee_since_in", "payer_since_out", "payee_since_out",
    "payer_age", "payee_age", *strangers.COLUMNS,
})  # fmt: skip
"""Columns by which a simulator betrays itself: its launderers are strangers who had been still."""
LEAST = 20
"""Labelled payments without which there is nothing to learn from in a part of the split."""
KEPT = 0.25
"""Share of the unlabelled payments that is learnt from."""
ROUNDS = 400
PATIENCE = 50
SETTINGS = {
    "objective": "binary",
    "metric": "average_precision",
    "num_leaves": 31,
    "learning_rate": 0.1,
    "lambda_l2": 5.0,
    "min_sum_hessian_in_leaf": 1.0,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
"""Leaves and rate are LightGBM's own defaults; both regularisers, `KEPT`, `ROUNDS` and `PATIENCE`
are judgement: few labels among very many payments make small leaves that know them by heart."""


class Parts(NamedTuple):
    """Masks of the three parts; payments of one instant stay together."""

    fit: Array
    choose: Array
    test: Array


class Learnt(NamedTuple):
    """A model as LightGBM's text, the threshold, and how it did on payments it never saw."""

    text: str
    threshold: float
    figures: dict[str, float]


def split(at: Array) -> Parts:
    """60, 20 and 20 % of the payments, by time; `at` ascends."""
    first, second = at[int(at.size * 0.6)], at[int(at.size * 0.8)]
    return Parts(at < first, (at >= first) & (at < second), at >= second)


def learn(
    features: Array,
    labels: Array,
    at: Array,
    names: Sequence[str],
    *,
    seed: int = 1,
    progress: Progress | None = None,
) -> Learnt:
    """Fit on float32 [n, len(names)] in order of time; `labels` are 0 or 1.

    Raises InputRejected where a part of the split has too few labelled payments, or only such.
    """
    parts = _checked(labels, at)
    kept = (labels == 1) | (np.random.default_rng(seed).random(labels.size) < KEPT)
    lgb, threads = lightgbm(), threads_for(labels.size)
    fit, choose = parts.fit & kept, parts.choose & kept
    data = lgb.Dataset(features[fit], labels[fit], feature_name=list(names))
    valid = lgb.Dataset(features[choose], labels[choose], reference=data)
    told = [lgb.early_stopping(PATIENCE, verbose=False)]
    if progress is not None:
        told.append(lambda env: progress(env.iteration + 1, ROUNDS))
    settings = {**SETTINGS, "seed": seed, "num_threads": threads}
    booster = lgb.train(settings, data, ROUNDS, valid_sets=[valid], callbacks=told)
    chosen = booster.predict(features[parts.choose], num_threads=threads)
    threshold = measures.best_threshold(labels[parts.choose], chosen)
    scores = booster.predict(features[parts.test], num_threads=threads)
    return Learnt(
        booster.model_to_string(), threshold, _figures(labels[parts.test], scores, threshold)
    )


def _checked(labels: Array, at: Array) -> Parts:
    if not np.isin(labels, (0, 1)).all():
        raise InputRejected("labels", "other", "labels.zero_or_one")
    if np.count_nonzero(labels) < LEAST:
        raise InputRejected("labels", np.count_nonzero(labels), "labels.enough", least=LEAST)
    parts = split(at)
    for part in parts:
        found = int(np.count_nonzero(labels[part]))
        if found < LEAST or found == np.count_nonzero(part):
            raise InputRejected("labels", found, "labels.enough", least=LEAST)
    return parts


def _figures(labels: Array, scores: Array, threshold: float) -> dict[str, float]:
    return {
        "average_precision": round(measures.average_precision(labels, scores), 4),
        "f1": round(measures.f1(labels, scores, threshold), 4),
        "roc_auc": round(measures.roc_auc(labels, scores), 4),
    }
