from __future__ import annotations

import json

import pytest

from qalqan.cases import reasons
from qalqan.text.catalogue import LANGUAGES, entries, places

AT = 1_767_250_800_000_000
CODES = sorted(key for key in entries() if key.startswith("orders.reason."))
VALUES = {
    "amount": reasons.money(40_000_000, "KZT"),
    "at": reasons.when(AT),
    "spared": reasons.money(5_000_000, "KZT"),
    "hop": 2,
    "chance": 40,
    "words": "Нөмірден қоңырау шалынған",
    "appeal": "A-26-000001",
    "calls": 12,
    "first": reasons.when(AT),
    "last": reasons.when(AT),
    "to": "dala",
    "trunk": "abroad-1",
}


@pytest.mark.parametrize("code", CODES)
def test_every_reason_is_a_sentence_in_every_language(code):
    assert places(entries()[code]["kk"]) <= set(VALUES)
    kept = json.loads(json.dumps(reasons.reason(code.removeprefix("orders.reason."), **VALUES)))
    said = reasons.sentences(kept)
    assert list(said) == list(LANGUAGES)
    assert len(set(said.values())) == len(LANGUAGES)
    sum_said = "400\u00a0000" if "amount" in places(entries()[code]["kk"]) else ""
    assert all(sum_said in sentence and "{" not in sentence for sentence in said.values())


def test_without_a_reason_nothing_is_said():
    assert reasons.sentences({}) == {}
    assert reasons.sentence({}, "kk") == ""
