import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.errors import ContractBroken, InputRejected
from qalqan.model.identifiers import KINDS, column
from qalqan.model.identifiers.card import luhn
from qalqan.model.identifiers.iban import check_digits
from qalqan.model.identifiers.twelve import check_digit

DIGITS = st.text("0123456789", min_size=1, max_size=20)


def twelve(start):
    digit = check_digit(start)
    return f"{start}{0 if digit is None else digit}"


def card(start):
    return next(start + d for d in "0123456789" if luhn(start + d) == 0)


MADE = {
    "iin": st.from_regex(
        r"[0-9]{2}(0[0-9]|1[0-3])([0-2][0-9]|3[0-2])[0-7][0-9]{4}", fullmatch=True
    ),
    "bin": st.from_regex(r"[0-9]{2}(0[0-9]|1[0-3])[3-7][0-4][0-9]{5}", fullmatch=True),
    "card": st.from_regex(r"[1-9][0-9]{10,17}", fullmatch=True).map(card),
    "iban": st.from_regex(r"[0-9]{3}[0-9A-Z]{13}", fullmatch=True).map(
        lambda rest: f"KZ{check_digits('KZ', rest)}{rest}"
    ),
    "phone": st.from_regex(r"(\+7|8|7|\+8|07)[0-9]{10}", fullmatch=True),
    "account": st.from_regex(r"[A-Z0-9]{1,12}:[A-Za-z0-9._-]{1,41}", fullmatch=True),
    "bank": st.from_regex(r"[A-Za-z0-9]{1,12}", fullmatch=True),
    "imei": st.from_regex(r"[0-9]{14,16}", fullmatch=True),
    "imsi": st.from_regex(r"401[0-9]{11,12}", fullmatch=True),
    "bic": st.sampled_from(["CASPKZKA", "CASPKZKAXXX", "DEUTDEFF500", "caspkzka"]),
    "ip": st.ip_addresses().map(str),
    "host": st.sampled_from(["kaspi.kz", "Kаspi.kz", "com.kz", "a.қаз"]),
    "wallet": st.sampled_from(
        [
            "BTC:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        ]
    ),
    "url": st.sampled_from(["kaspi.kz/x", "http://8.8.8.8", "ftp://a.kz"]),
}
MADE["phone"] |= st.from_regex(
    r" ?\(?\+?[ (]{0,2}[78] ?\(?[0-9]{3}\)?[ -]?[0-9]{3}[ .-][0-9]{2}[ /][0-9]{2} ?", fullmatch=True
)
MADE["iin"] = MADE["iin"].map(twelve)
MADE["bin"] = MADE["bin"].map(twelve)
MADE["person"] = MADE["iin"] | MADE["bin"]
MADE["account"] |= MADE["iban"] | MADE["wallet"]


def spoiled(text: str, at: int, letter: str) -> str:
    at %= len(text) + 1
    return text[:at] + letter + text[at + 1 :]


def in_groups(text: str, size: int, gap: str) -> str:
    return gap.join(text[at : at + size] for at in range(0, len(text), size))


@st.composite
def columns(draw, kind):
    made = MADE[kind]
    wrong = st.builds(spoiled, made, st.integers(0, 40), st.sampled_from("0 9AКО-\u200b\x00:й\n"))
    grouped = st.builds(in_groups, made, st.integers(1, 6), st.sampled_from([" ", "-", " - "]))
    values = st.one_of(
        st.none(), made, grouped, grouped.map(str.lower), wrong, DIGITS, st.text(max_size=25)
    )
    return draw(st.lists(values, max_size=12))


def one(kind, text):
    if text is None:
        return None, None, False
    try:
        found = KINDS[kind](text)
    except InputRejected as refused:
        return None, refused.expected, False
    return found.text, None, bool(found.folded)


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(data=st.data())
def test_a_column_is_read_like_its_rows(kind, data):
    values = data.draw(columns(kind))
    array = pa.array(["before", *values, None], pa.string()).slice(1, len(values))
    found = column(kind, array)
    rows = zip(
        found.text.to_pylist(), found.refused.to_pylist(), found.folded.to_pylist(), strict=True
    )
    assert list(rows) == [one(kind, text) for text in values]


@pytest.mark.parametrize(
    "values",
    [
        pa.chunked_array([["87011234567"], [None, "x"]]),
        pa.array(["87011234567", None, "x"], pa.large_string()),
        pa.array(["87011234567", None, "x"]).dictionary_encode(),
        pa.chunked_array([pa.array(["87011234567", None, "x"]).dictionary_encode()]),
    ],
)
def test_every_kind_of_string_column_is_read(values):
    found = column("phone", values)
    assert found.text.to_pylist() == ["+77011234567", None, None]
    assert found.refused.to_pylist() == [None, None, "phone.shape"]


def test_an_empty_or_null_column_is_read():
    assert len(column("iban", pa.array([], pa.string())).text) == 0
    assert len(column("iban", pa.chunked_array([], pa.string())).text) == 0
    assert column("iban", pa.nulls(3)).text.null_count == 3


def test_a_column_longer_than_a_batch_is_read_whole():
    values = ["KZ86125KZT5004100100"] * 70_000 + ["KZ87125KZT5004100100"]
    found = column("iban", pa.array(values))
    assert found.text.null_count == 1
    assert found.refused[70_000].as_py() == "iban.check_digits"


def test_what_is_no_column_of_strings_is_refused_whole():
    with pytest.raises(ContractBroken):
        column("phone", pa.array([1]))
    with pytest.raises(ContractBroken):
        column("mac", pa.array(["1"]))
