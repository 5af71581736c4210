"""Training the model that finds drops' payments: two runs, one card (REQ-39)."""

from __future__ import annotations

from typing import Any

import numpy as np

from qalqan.learning import training
from qalqan.learning.card import features_hash
from qalqan.learning.labelled import Array, Features
from qalqan.learning.model import Model, made
from qalqan.learning.training import ARTEFACTS, ROUNDS, Learnt, Progress

RUNS = 2


def train(
    features: Features, labels: Array, *, seed: int = 1, progress: Progress | None = None
) -> Model:
    """The model over all columns; its card also tells how one without artefacts does.

    Raises InputRejected where there are too few labels to learn from.
    """

    def told(run: int) -> Progress | None:
        if progress is None:
            return None
        return lambda done, of: progress(run * of + done, RUNS * ROUNDS)

    names, at = features.names, features.at
    whole = training.learn(features.values, labels, at, names, seed=seed, progress=told(0))
    kept = [k for k, name in enumerate(names) if name not in ARTEFACTS]
    plain = training.learn(
        features.values[:, kept], labels, at, [names[k] for k in kept], seed=seed, progress=told(1)
    )
    return made(whole.text, _card(features, labels, whole, plain, seed))


def _card(
    features: Features, labels: Array, whole: Learnt, plain: Learnt, seed: int
) -> dict[str, Any]:
    at = features.at
    parts = training.split(at)._asdict()
    return {
        "kind": "drops",
        "not_for_blocking": True,
        "data": {
            "transfers": int(at.size),
            "labelled": int(np.count_nonzero(labels)),
            "first_us": int(at[0]),
            "last_us": int(at[-1]),
        },
        "split": {name: int(part.sum()) for name, part in parts.items()},
        "figures": whole.figures,
        "threshold": whole.threshold,
        "without_artefacts": {
            "figures": plain.figures,
            "threshold": plain.threshold,
            "left_out": sorted(ARTEFACTS),
        },
        "features": list(features.names),
        "features_hash": features_hash(),
        "settings": training.SETTINGS,
        "seed": seed,
    }
