import ast
from pathlib import Path

import pytest

import qalqan
from qalqan.errors import InputRejected
from qalqan.text.catalogue import LANGUAGES, has
from qalqan.text.refusal import expectation, refusal


def test_a_refusal_names_field_value_and_expectation():
    error = InputRejected("payer_account", "KZ86125KZ", "iban.length", country="KZ", length=20)
    ru = "payer_account: KZ•••25KZ — ожидалось: IBAN из 20 знаков для страны KZ"
    assert refusal(error, "ru") == ru
    for language in LANGUAGES:
        assert "20" in refusal(error, language)


def test_the_value_is_masked():
    error = InputRejected("iin", "880101300124", "iin.check_digit")
    for language in LANGUAGES:
        assert "880101300124" not in refusal(error, language)


PLACES = {"InputRejected": 2, "Broken": 2, "Reason": 1, "add": 2}
"""Who takes a code, and as which of its arguments; `add` is that of `Refusals`."""


def codes_in(folder: Path) -> set[str]:
    found = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            place = PLACES.get(getattr(node.func, "attr", getattr(node.func, "id", "")))
            if place is not None and len(node.args) > place:
                code = node.args[place]
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    found.add(code.value)
    return found


@pytest.mark.parametrize("code", sorted(codes_in(Path(qalqan.__file__).parent)))
def test_every_code_raised_has_its_sentence(code):
    assert has("expected." + code)


def test_a_sentence_takes_its_values():
    assert "64" in expectation("text.too_long", "kk", {"most": 64})
