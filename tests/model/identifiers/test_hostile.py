"""What nobody should send and somebody will: a clear refusal, never a crash, never a long wait."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.errors import InputRejected
from qalqan.model.identifiers import KINDS
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.refusal import refusal

TEN_MB = 10_000_000
HOSTILE = [
    "",
    " \t\r\n",
    "\u200b\u200e",
    "\x00",
    "a\x1bb",
    "\ud800",
    "\ufffe",
    "\u202e",
    "👨‍👩‍👧‍👦" * 4,
    "é" * 60,
    "e\u0301\u0316" * 20,
    "１" * 64,
    "+" * 64,
    "." * 64,
    "%" * 64,
    "[" * 64,
    ":" * 64,
    "-" * 64,
    "@" * 64,
    "(" * 64,
    "00" * 32,
    "xn--" * 10 + ".kz",
    "xn--.kz",
    "http://" + "@" * 1000,
    "http://a.kz/" + "../" * 1300,
    "http://a.kz/" + "%" * 4000,
    "1" * TEN_MB,
    " " * TEN_MB,
    "7 " * (TEN_MB // 2),
    "\u0301\u0316" * (TEN_MB // 2),
]


def read(kind, text):
    try:
        return KINDS[kind](text, field="f")
    except InputRejected as error:
        return error


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_hostile_text_is_refused_or_read(kind):
    for text in HOSTILE:
        found = read(kind, text)
        if isinstance(found, InputRejected):
            sentences = [refusal(found, language) for language in LANGUAGES]
            assert all(len(one) < 300 and one.startswith("f: ") for one in sentences)
        else:
            assert found.text.isascii()
            assert read(kind, found.text).text == found.text


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(st.text())
def test_no_text_crashes_a_reader(kind, text):
    found = read(kind, text)
    if isinstance(found, InputRejected):
        assert refusal(found, "kk")
    else:
        assert found.text.isascii()
        assert found.text == found.text.strip() != ""
