"""REQ-48, 49: keyed hashes by which two providers tell one call without its numbers."""

from __future__ import annotations

import hmac
import shutil
import subprocess
from datetime import date, timedelta
from itertools import product

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.errors import InputRejected
from qalqan.trust.keys import Keys
from qalqan.trust.legs import KEY_BYTES, LENGTH, day_key, leg, legs

KEYS = Keys.new()
DAY = date(2026, 1, 27)
KEY = day_key(KEYS, DAY)
A, B = "+77011234567", "+77272501234"
numbers = st.from_regex(r"\+[1-9][0-9]{6,14}|[1-9][0-9]{2,3}", fullmatch=True)


def test_every_day_and_every_centre_has_a_key_of_its_own() -> None:
    days = [DAY + timedelta(days=n) for n in range(400)]
    found = {day_key(keys, day) for keys, day in product((KEYS, Keys.new()), days)}
    assert len(found) == 800
    assert {len(key) for key in found} == {KEY_BYTES}
    assert day_key(KEYS, DAY) == KEY
    assert not found & {KEYS.signing_seed, KEYS.log_blind, *KEYS.token_keys.values()}


def test_it_is_the_hmac_of_the_pair_under_the_key_of_the_day() -> None:
    found = leg(KEY, A, B)
    assert found == hmac.digest(KEY, f"{A}>{B}".encode(), "sha256").hex()[:LENGTH]
    assert len({found, leg(KEY, B, A), leg(day_key(KEYS, DAY + timedelta(days=1)), A, B)}) == 3


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
def test_a_provider_makes_the_same_with_openssl() -> None:
    command = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{KEY.hex()}"]
    told = subprocess.run(command, input=f"{A}>{B}".encode(), capture_output=True, check=True)
    assert told.stdout.decode().split()[-1][:LENGTH] == leg(KEY, A, B)


@pytest.mark.parametrize(
    ("caller", "callee", "field"),
    [
        ("87011234567", B, "caller"),
        ("77011234567", B, "caller"),
        ("", B, "caller"),
        (A, "+7 727 250 12 34", "callee"),
        (A, "+77272501234\n", "callee"),
        (A, f"{B}>{B}", "callee"),
        (A, "anonymous", "callee"),
    ],
)
def test_a_number_that_the_other_side_would_write_otherwise_is_refused(
    caller: str, callee: str, field: str
) -> None:
    with pytest.raises(InputRejected) as caught:
        leg(KEY, caller, callee)
    assert (caught.value.field, caught.value.expected) == (field, "phone.shape")
    assert legs(KEY, pa.array([caller, A]), pa.array([callee, B])).to_pylist() == [
        None,
        leg(KEY, A, B),
    ]


@given(st.lists(st.tuples(numbers, numbers)))
def test_a_column_gives_what_its_rows_give(pairs: list[tuple[str, str]]) -> None:
    ends = [pa.array([pair[end] for pair in pairs], pa.string()) for end in (0, 1)]
    assert legs(KEY, *ends).to_pylist() == [leg(KEY, *pair) for pair in pairs]


def test_without_a_number_there_is_no_leg() -> None:
    assert legs(KEY, pa.array([None, A]), pa.array([B, None])).to_pylist() == [None, None]
    assert legs(KEY, pa.nulls(1), pa.array([B])).to_pylist() == [None]
