"""A model as two files: LightGBM's text and its card. Its name is the hash of both.

`<home>/models/<version>/model.txt`, `card.json`, and the card as a page in each language. A model
whose files do not hash to its name is refused. Scores order what people look at; they never
block money.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from qalqan.errors import ContractBroken, NotFound
from qalqan.learning.card import page
from qalqan.learning.library import lightgbm, threads_for
from qalqan.text.catalogue import LANGUAGES

Array = np.ndarray[Any, Any]

CODE = "learning.drops"
"""What findings of the model are named by, as a detector's are by its code."""
FOLDER = "models"
"""Folder of a home that holds models, each under its hash."""
IN_USE = "in-use"
"""File beside the models that holds the version of the one that scores."""


class Model(NamedTuple):
    """LightGBM's text, the card beside it, and the name that both make."""

    version: str
    text: str
    card: Mapping[str, Any]


def made(text: str, card: Mapping[str, Any]) -> Model:
    """The model of this text and card."""
    return Model(_version(text, _written(card)), text, card)


def store(folder: Path, model: Model) -> Path:
    """Put the model's files below `folder`, whole or not at all; the same model is there once."""
    place = folder / model.version
    if place.exists():
        load(folder, model.version)
        return place
    folder.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=folder))
    try:
        _put(making / "model.txt", model.text)
        _put(making / "card.json", _written(model.card))
        for language in LANGUAGES:
            _put(making / f"card.{language}.md", page(model.card, model.version, language))
        making.rename(place)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return place


def use(folder: Path, version: str) -> None:
    """From now on this stored model is the one that scores (`IN_USE`)."""
    if not (folder / version).is_dir():
        raise NotFound("model", version)
    _put(folder / f".{IN_USE}", f"{version}\n")
    (folder / f".{IN_USE}").replace(folder / IN_USE)


def in_use(folder: Path) -> str | None:
    """The version of the model that scores; none if none was trained here."""
    try:
        return (folder / IN_USE).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None


def load(folder: Path, version: str) -> Model:
    """The stored model; raises NotFound, or ContractBroken if a byte of it has changed."""
    place = folder / version
    if not place.is_dir():
        raise NotFound("model", version)
    try:
        text, card = (
            (place / name).read_bytes().decode("utf-8") for name in ("model.txt", "card.json")
        )
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise _damaged(version) from error
    if _version(text, card) != version:
        raise _damaged(version)
    return Model(version, text, json.loads(card))


def scores(model: Model, values: Array) -> Array:
    """A score from 0 to 1 for each row of float32 [n, features], in the card's order of names."""
    booster = lightgbm().Booster(model_str=model.text)
    if not len(values):
        return np.zeros(0)
    return np.asarray(booster.predict(values, num_threads=threads_for(len(values))), np.float64)


def contributions(model: Model, values: Array) -> Array:
    """How much each column moved each row's score, as log odds: float64 [n, features].

    LightGBM's TreeSHAP (S. Lundberg et al., "From local explanations to global understanding with
    explainable AI for trees", 2020), without the expectation that all rows share.
    """
    booster = lightgbm().Booster(model_str=model.text)
    if not len(values):
        return np.zeros((0, len(model.card["features"])))
    told = booster.predict(values, num_threads=threads_for(len(values)), pred_contrib=True)
    return np.asarray(told, np.float64)[:, :-1]


def _damaged(version: str) -> ContractBroken:
    return ContractBroken(f"model {version} changed", "learning.damaged", version=version)


def _written(card: Mapping[str, Any]) -> str:
    return json.dumps(card, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def _version(text: str, card: str) -> str:
    return hashlib.sha256(f"{len(text)}\n{text}{card}".encode()).hexdigest()[:32]


def _put(path: Path, text: str) -> None:
    with path.open("wb") as file:
        file.write(text.encode("utf-8"))
        file.flush()
        os.fsync(file.fileno())
