"""The card's figures against scikit-learn's."""

from __future__ import annotations

import importlib
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qalqan.learning import measures


@settings(max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=2, max_size=60))
def test_figures_equal_those_of_scikit_learn(rows: list[tuple[bool, int]]) -> None:
    peer = importlib.import_module("sklearn.metrics")
    labels, scores = (np.array(column) for column in zip(*rows, strict=True))
    if labels.any():
        assert measures.average_precision(labels, scores) == pytest.approx(
            peer.average_precision_score(labels, scores)
        )
        best = measures.best_threshold(labels, scores)
        found = measures.f1(labels, scores, best)
        assert found == pytest.approx(peer.f1_score(labels, scores >= best))
        assert all(found >= measures.f1(labels, scores, other) - 1e-12 for other in scores)
        if not labels.all():
            assert measures.roc_auc(labels, scores) == pytest.approx(
                peer.roc_auc_score(labels, scores)
            )


def test_one_class_has_no_figures() -> None:
    scores = np.array([0.1, 0.2])
    assert math.isnan(measures.average_precision(np.zeros(2), scores))
    assert math.isnan(measures.roc_auc(np.ones(2), scores))
    assert measures.f1(np.zeros(2), scores, 1.0) == 0
