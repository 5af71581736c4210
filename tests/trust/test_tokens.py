from __future__ import annotations

import base64
import hmac
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.errors import ContractBroken
from qalqan.trust.keys import CLASSES, Keys
from qalqan.trust.tokens import klass_of, last_four, token, tokens

KEYS = Keys.new()
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize("klass", CLASSES)
def test_the_body_is_keyed_hmac_in_base32(klass: str) -> None:
    digest = hmac.digest(KEYS.token_key(klass), b"+77011234567", "sha256")
    body = base64.b32encode(digest[:15]).decode().lower()
    assert token(KEYS, klass, "+77011234567")[4:28] == body
    assert klass_of(token(KEYS, klass, "+77011234567")) == klass


@pytest.mark.parametrize(
    ("klass", "canonical", "shown"),
    [
        ("account", "KZ86125KZT5004100100", "0100"),
        ("account", "KZAML:1002047", "047"),
        ("account", "KZAML:C1", "1"),
        ("account", "KZAML:7", ""),
        ("account", "KZAML:ab-12.3_4", "34"),
        ("phone", "+77011234567", "4567"),
        ("card", "4400430012345678", "5678"),
        ("person", "900101300123", ""),
        ("name", "Айгүл", ""),
    ],
)
def test_the_last_characters_show_where_pages_need_them(
    klass: str, canonical: str, shown: str
) -> None:
    made = token(KEYS, klass, canonical)
    assert last_four(made) == shown
    assert re.fullmatch(r"[a-z]{3}_[a-z2-7]{24}(_[0-9A-Za-z]{1,4})?", made)


@given(st.lists(st.none() | texts, max_size=30), st.sampled_from(CLASSES))
def test_a_column_gets_the_tokens_of_its_values(values: list[str | None], klass: str) -> None:
    column = pa.array(values, pa.string())
    wanted = [None if value is None else token(KEYS, klass, value) for value in values]
    assert tokens(KEYS, klass, column).to_pylist() == wanted
    assert tokens(KEYS, klass, column.dictionary_encode()).to_pylist() == wanted
    assert tokens(KEYS, klass, pa.chunked_array([column, column])).to_pylist() == wanted * 2


@given(texts, texts)
def test_tokens_are_equal_only_for_equal_values(one: str, other: str) -> None:
    assert (token(KEYS, "person", one) == token(KEYS, "person", other)) == (one == other)


def test_columns_without_values_keep_their_length() -> None:
    assert tokens(KEYS, "phone", pa.nulls(3)).to_pylist() == [None] * 3
    holed = pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array(["+7", None]))
    assert tokens(KEYS, "phone", holed).to_pylist() == [token(KEYS, "phone", "+7"), None]


def test_another_process_makes_the_same_tokens(tmp_path: Path) -> None:
    keys = Keys.create(tmp_path / "keys.json")
    script = (
        "import sys, pathlib; from qalqan.trust.keys import Keys;"
        "from qalqan.trust.tokens import token;"
        "print(token(Keys.load(pathlib.Path(sys.argv[1])), 'phone', '+77011234567'))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "keys.json")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == token(keys, "phone", "+77011234567")


def test_other_text_is_no_token() -> None:
    with pytest.raises(ContractBroken):
        klass_of("KZ86125KZT5004100100")
