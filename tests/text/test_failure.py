"""Every error that can reach a person has its sentence, in every language."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from qalqan.errors import (
    Conflict,
    ContractBroken,
    InputRejected,
    NotAllowed,
    NotFound,
    QalqanError,
    Unavailable,
)
from qalqan.text.catalogue import LANGUAGES, entries, places, say
from qalqan.text.failure import failure

SOURCES = Path(__file__).parents[2] / "src" / "qalqan"
_CODE = re.compile(
    r"(?:Unavailable|ContractBroken)\([^()]*?(?:\([^()]*\)[^()]*?)*,\s*\"([a-z.]+)\""
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (InputRejected("amount", "x", "asked.amount"), "amount: x"),
        (NotFound("home", "/srv/qalqan"), "/srv/qalqan"),
        (NotFound("order", "O-26-000001"), "O-26-000001 (order)"),
        (Conflict("partner", "altyn", "registered", "add"), "altyn"),
        (Conflict("strange", "X-1", "sent", "withdraw"), "X-1 (strange)"),
        (Conflict("home", "/srv/x", "in use", "a demo"), "QALQAN_HOME"),
        (NotAllowed("reveal", "something strange"), "something strange"),
        (ContractBroken("payment lacks amount"), "payment lacks amount"),
        (ContractBroken("", "keys.mode", path="/k"), "chmod 600 /k"),
        (Unavailable("partner: HTTP 500"), "partner: HTTP 500"),
        (Unavailable("", "engine.spark", name="pyspark"), "pip install 'qalqan[spark]'"),
        (FileNotFoundError(errno.ENOENT, "no", "a.csv"), "a.csv"),
        (PermissionError(errno.EACCES, "no", "/srv/a"), "/srv/a"),
        (OSError(errno.EIO, "no", "a"), "Input/output error"),
        (OSError("odd"), "OSError"),
    ],
)
def test_an_error_is_one_sentence(error: QalqanError | OSError, shown: str, language: str) -> None:
    sentence = failure(error, language)
    assert shown in sentence
    assert "\n" not in sentence
    assert "{" not in sentence


def test_a_refused_value_is_masked() -> None:
    told = failure(InputRejected("account", "KZ86125KZT5004100100", "account.shape"), "en")
    assert "5004100100" not in told


def test_every_code_in_the_source_has_a_sentence() -> None:
    codes = {
        code
        for file in SOURCES.rglob("*.py")
        for code in _CODE.findall(file.read_text(encoding="utf-8"))
    }
    assert {"seal.busy", "register.lost", "keys.damaged", "engine.spark"} <= codes
    assert {code for code in codes if f"failure.{code}" not in entries()} == set()


def test_sentences_have_the_same_places_in_every_language() -> None:
    for key, entry in entries().items():
        if key.startswith("failure."):
            assert len({places(entry[language]) for language in LANGUAGES}) == 1, key
            blanks = {place: 2 if place == "n" else "x" for place in places(entry["kk"])}
            assert all(say(key, language, **blanks) for language in LANGUAGES)
