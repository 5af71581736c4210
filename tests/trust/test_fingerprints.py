"""Fingerprints of columns: equal to the MAC computed value by value."""

from __future__ import annotations

import hmac

import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from qalqan.trust import fingerprints
from qalqan.trust.fingerprints import Fingerprinter

KEY = bytes(range(32))


def slowly(message: bytes, label: str) -> list[int]:
    """CBC-MAC over length, label and message, by the library's own CBC mode."""
    drawn = hmac.digest(KEY, b"fingerprints", "sha256")
    tag = hmac.digest(drawn[16:], label.encode(), "sha256")[:8]
    padded = len(message).to_bytes(8, "little") + tag + message
    padded += bytes(-len(padded) % 16)
    done = Cipher(algorithms.AES(drawn[:16]), modes.CBC(bytes(16))).encryptor().update(padded)
    return np.frombuffer(done[-16:], "<u8").tolist()


@given(st.lists(st.none() | st.text(max_size=80)), st.integers(0, 3))
def test_texts_are_a_mac_of_each_value(values: list[str | None], left_out: int) -> None:
    column = pa.array(values, pa.string())[left_out:]
    found = Fingerprinter(KEY).texts("id", column).tolist()
    for value, print_ in zip(column.to_pylist(), found, strict=True):
        assert print_ == ([0, 0] if value is None else slowly(value.encode(), "id"))


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)))
def test_numbers_are_one_block_each(values: list[int | None]) -> None:
    found = Fingerprinter(KEY).numbers("amount", pa.array(values, pa.int64())).tolist()
    for value, print_ in zip(values, found, strict=True):
        length = 0 if value is None else value % 2**64
        tagged = _block(length, "amount")
        assert print_ == ([0, 0] if value is None else tagged)


def _block(first: int, label: str) -> list[int]:
    drawn = hmac.digest(KEY, b"fingerprints", "sha256")
    tag = hmac.digest(drawn[16:], label.encode(), "sha256")[:8]
    cipher = Cipher(algorithms.AES(drawn[:16]), modes.ECB()).encryptor()
    return np.frombuffer(cipher.update(first.to_bytes(8, "little") + tag), "<u8").tolist()


def test_long_columns_are_worked_on_in_pieces() -> None:
    rows = fingerprints._AT_ONCE + 3
    column = pa.array([str(row % 7) for row in range(rows)])
    found = Fingerprinter(KEY).texts("id", column)
    assert (found[7:] == found[:-7]).all()
    numbers = Fingerprinter(KEY).numbers("n", pa.array(np.arange(rows) % 7))
    assert (numbers[7:] == numbers[:-7]).all()
    assert len(np.unique(found[:, 0])) == len(np.unique(numbers[:, 0])) == 7


def test_labels_and_keys_keep_them_apart() -> None:
    column = pa.array(["1"])
    prints = {
        tuple(Fingerprinter(key).texts(label, column)[0].tolist())
        for key in (KEY, bytes(32))
        for label in ("a", "b")
    }
    assert len(prints) == 4
