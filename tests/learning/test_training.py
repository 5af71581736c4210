"""A model and its card: learnt, stored, loaded again, refused when changed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from qalqan.clock import DAY
from qalqan.errors import ContractBroken, InputRejected, NotFound
from qalqan.learning import drops, measures, model, training
from qalqan.learning.card import SAID, features_hash, page
from qalqan.learning.labelled import Features, Span, labels_of, labels_of_accounts, read_labels
from qalqan.text.catalogue import LANGUAGES, say

N = 2000
NAMES = ("amount", "pair_first", "payer_passed_3d")


def told() -> tuple[Features, np.ndarray]:
    """Payments of which one column betrays the labelled ones, mostly."""
    dice = np.random.default_rng(7)
    labels = (dice.random(N) < 0.1).astype(np.int8)
    values = dice.normal(size=(N, len(NAMES))).astype(np.float32)
    values[:, 2] += 3 * labels
    values[::50, 0] = np.nan
    keys = {
        "id": [str(k) for k in range(N)],
        "source": ["bank"] * N,
        "at_us": np.arange(N) // 10 * DAY,
    }
    return Features(pa.table(keys), values, NAMES), labels


@pytest.fixture(scope="module")
def learnt() -> model.Model:
    return drops.train(*told())


def test_the_same_facts_and_seed_give_the_same_model(learnt: model.Model) -> None:
    assert drops.train(*told()) == learnt


def test_a_card_tells_data_split_figures_and_what_the_model_is_not_for(learnt: model.Model) -> None:
    card = learnt.card
    features, labels = told()
    assert card["not_for_blocking"] is True
    assert card["data"]["transfers"] == N == sum(card["split"].values())
    assert card["data"]["labelled"] == labels.sum()
    assert card["features"] == list(NAMES)
    assert card["features_hash"] == features_hash()
    assert card["figures"]["average_precision"] > 0.8
    assert card["without_artefacts"]["figures"]["average_precision"] > 0.8
    tested = training.split(features.at).test
    again = model.scores(learnt, features.values[tested])
    found = measures.average_precision(labels[tested], again)
    assert found == pytest.approx(card["figures"]["average_precision"], abs=1e-4)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_it_all_in_the_reader_s_language(learnt: model.Model, language: str) -> None:
    told = page(learnt.card, learnt.version, language)
    assert say("card.not_for_blocking", language) in told
    assert say("card.limits", language) in told
    assert f"{learnt.card['figures']['f1']:.3f}" in told
    assert told.count("\n\n") == len(SAID)
    assert "{" not in told


def test_a_stored_model_comes_back_and_scores_the_same(learnt: model.Model, tmp_path: Path) -> None:
    place = model.store(tmp_path, learnt)
    assert model.store(tmp_path, learnt) == place
    assert [one.name for one in tmp_path.iterdir()] == [learnt.version]
    back = model.load(tmp_path, learnt.version)
    assert back.text == learnt.text
    assert json.dumps(back.card, sort_keys=True) == json.dumps(learnt.card, sort_keys=True)
    values = told()[0].values
    assert (model.scores(back, values) == model.scores(learnt, values)).all()


@pytest.mark.parametrize("name", ["model.txt", "card.json"])
def test_a_changed_model_is_refused(learnt: model.Model, tmp_path: Path, name: str) -> None:
    file = model.store(tmp_path, learnt) / name
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2] ^= 1
    file.write_bytes(whole)
    with pytest.raises(ContractBroken):
        model.load(tmp_path, learnt.version)
    file.unlink()
    with pytest.raises(ContractBroken):
        model.load(tmp_path, learnt.version)


def test_a_model_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        model.load(tmp_path, "0" * 32)


@pytest.mark.parametrize("labels", [np.zeros(N), np.ones(N), np.eye(1, N)[0], np.full(N, np.nan)])
def test_there_must_be_enough_of_both_to_learn_from(labels: np.ndarray) -> None:
    with pytest.raises(InputRejected):
        drops.train(told()[0], labels)


def test_nothing_can_be_learnt_from_an_empty_lake() -> None:
    features, labels = told()
    none = Features(features.keys[:0], features.values[:0], NAMES)
    with pytest.raises(InputRejected):
        drops.train(none, labels[:0])


def test_labels_name_payments_by_source_and_id(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("id,source,why\n7,bank,seen\n8,other,seen\n", encoding="utf-8")
    labels = labels_of(told()[0], read_labels(file))
    assert np.flatnonzero(labels).tolist() == [7]


def test_accounts_label_their_payments_of_the_time_that_is_meant() -> None:
    keys = pa.table(
        {"at_us": [1, 2, 3, 4], "payer_account": list("abaa"), "payee_account": list("bcbc")}
    )
    features = Features(keys, np.zeros((4, 1), np.float32), ("amount",))
    spans = [Span("a", 1, 2), Span("a", 4, 9), Span("c", 9, 10)]
    assert labels_of_accounts(features, spans).tolist() == [1, 0, 0, 1]
    assert labels_of_accounts(features, []).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("text", ["id\n7\n", "id,source\n7\n", "", "id,source\n7,\n"])
def test_a_file_that_holds_no_labels_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "labels.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputRejected):
        read_labels(file)
