from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.errors import ContractBroken
from qalqan.trust.encryption import open_box, seal, seal_many

KEY = bytes(range(32))


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_what_was_sealed_opens(plaintext: bytes, bound_to: bytes) -> None:
    box = seal(KEY, plaintext, bound_to)
    assert open_box(KEY, box, bound_to) == plaintext
    assert len(plaintext) < 16 or plaintext not in box


@given(st.data())
def test_a_changed_box_does_not_open(data: st.DataObject) -> None:
    box = bytearray(seal(KEY, b"900101300123", b"per_a"))
    place = data.draw(st.integers(0, len(box) - 1))
    box[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ContractBroken):
        open_box(KEY, bytes(box), b"per_a")


@given(st.binary(max_size=60))
def test_other_bytes_are_no_box(box: bytes) -> None:
    with pytest.raises(ContractBroken):
        open_box(KEY, box, b"per_a")


def test_a_box_opens_only_at_home() -> None:
    box = seal(KEY, b"900101300123", b"per_a")
    with pytest.raises(ContractBroken):
        open_box(KEY, box, b"per_b")
    with pytest.raises(ContractBroken):
        open_box(bytes(32), box, b"per_a")


def test_equal_values_get_different_boxes() -> None:
    boxes = seal_many(KEY, [b"x"] * 1000, [b"t"] * 1000)
    assert len(set(boxes)) == 1000
    assert {open_box(KEY, box, b"t") for box in boxes} == {b"x"}
