"""`qalqan train drops` as a person runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from qalqan.cli import looks
from qalqan.cli.home import open_home
from qalqan.errors import ContractBroken
from qalqan.learning import model
from qalqan.register.orm import FindingRow


def payments(folder: Path, transfers: Any) -> tuple[Path, Path]:
    """A file as AMLSim writes them, and labels: those who pass on at once what they get."""
    dice = np.random.default_rng(3)
    rows, marked = [], []
    for day in range(120):
        for _ in range(10):
            payer, payee = (int(one) for one in dice.choice(300, 2, replace=False))
            rows.append((day, payer, payee, round(float(dice.lognormal(8, 1)), 2)))
        drop = 1000 + int(dice.integers(30))
        rows.append((day, int(dice.integers(300)), drop, 90_000.0))
        rows.append((day, drop, 2000, 88_000.0))
        marked += [len(rows) - 1, len(rows)]
    labels = folder / "labels.csv"
    lines = ["source,id", *(f"amlsim,amlsim-{row}" for row in marked)]
    labels.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return transfers(folder / "amlsim.parquet", rows), labels


@pytest.mark.long
def test_a_model_is_trained_from_the_lake_and_kept_with_its_card(
    qalqan: Any, tmp_path: Path
) -> None:
    facts, labels = payments(tmp_path, qalqan.transfers)
    assert qalqan("init").code == 0
    assert qalqan("ingest", "payments", facts, "--mapping", qalqan.mapping).code == 0
    said = qalqan("train", "drops", "--labels", labels)
    assert said.code == 0
    place = qalqan.home / "models" / str(model.in_use(qalqan.home / "models"))
    assert place.name in said.out
    assert "not for blocking money" in said.err
    card = model.load(qalqan.home / "models", place.name).card
    assert card["not_for_blocking"] is True
    assert (card["data"]["labelled"], card["data"]["transfers"]) == (240, 1440)
    assert card["figures"]["average_precision"] > 0.9
    assert len(list(place.glob("card.*.md"))) == 3
    scored(qalqan)
    seen = looks.model()
    assert seen.ok
    assert place.name in seen.seen
    model_of_another_version(qalqan, place)


def scored(qalqan: Any) -> None:
    """The model in use names accounts, in shadow, and comes out the same when asked again."""
    told = qalqan("detect", model.CODE, "--json").json
    assert (told["detectors"], told["shadow"]) == (1, told["findings"])
    strongest = told["alerts"][0]
    (reason,) = strongest["reasons"]
    assert reason["detector"] == model.CODE
    assert all("{" not in reason[language] for language in ("kk", "ru", "en"))
    with open_home().database.session() as session:
        rows = session.scalars(select(FindingRow)).all()
    assert 20 <= len({row.subject for row in rows}) <= 40, "thirty drops, and who is above them"
    assert all(1 <= len(row.evidence["reasons"]) <= 5 for row in rows)
    assert qalqan("detect", "--finding", str(rows[0].id), "--json").json["same"]


def model_of_another_version(qalqan: Any, place: Path) -> None:
    """A model whose columns this version computes otherwise scores nothing, and says so."""
    old = model.load(place.parent, place.name)
    other = model.made(old.text, {**old.card, "features_hash": "0" * 32})
    model.store(place.parent, other)
    model.use(place.parent, other.version)
    said = qalqan("detect", model.CODE)
    assert said.code != 0
    assert "Train it again" in said.err
    with pytest.raises(ContractBroken):
        looks.model()


def test_too_few_labels_are_told_clearly(filled: Any, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("source,id\namlsim,amlsim-1\n", encoding="utf-8")
    said = filled("train", "drops", "--labels", labels)
    assert said.code == 2
    assert "at least 20 labelled payments" in said.err
    assert "at least 20 labelled payments" in filled("train", "drops", "--confirmed").err
    assert "--confirmed" in filled("train", "drops").err
    assert not (filled.home / "models").exists()
    labels.write_text("payment\n1\n", encoding="utf-8")
    told = filled("train", "drops", "--labels", labels, "--json").json
    assert "columns source and id" in told["error"]
