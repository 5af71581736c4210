"""How well scores find what was labelled: figures for a model's card."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def _steps(labels: Array, scores: Array) -> tuple[Array, Array, Array]:
    """Thresholds from the highest score down, and found and alerted at each; ties together."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    return ranked[last], np.cumsum(labels[order].astype(np.int64))[last], last + 1


def average_precision(labels: Array, scores: Array) -> float:
    """Area under precision by recall, in steps; nan without anything to find."""
    if not labels.any():
        return float("nan")
    _, found, alerted = _steps(labels, scores)
    return float((np.diff(found, prepend=0) * found / alerted).sum() / found[-1])


def roc_auc(labels: Array, scores: Array) -> float:
    """Chance that a labelled one outranks another; ties count half; nan for one class."""
    _, found, alerted = _steps(labels, scores)
    missed = alerted - found
    if not found[-1] or not missed[-1]:
        return float("nan")
    higher, width = found + np.concatenate([[0], found[:-1]]), np.diff(missed, prepend=0)
    return float((higher * width).sum() / 2 / found[-1] / missed[-1])


def best_threshold(labels: Array, scores: Array) -> float:
    """The threshold of the highest F1."""
    thresholds, found, alerted = _steps(labels, scores)
    return float(thresholds[np.argmax(2 * found / (alerted + found[-1]))])


def f1(labels: Array, scores: Array, threshold: float) -> float:
    """F1 of alerting from `threshold` on; 0 if nothing is found."""
    alerted = scores >= threshold
    both = alerted.sum() + labels.astype(bool).sum()
    return float(2 * (alerted & labels.astype(bool)).sum() / both) if both else 0.0
