"""IMSI: ITU-T E.212."""

from __future__ import annotations

import pytest

from qalqan.errors import InputRejected
from qalqan.model.identifiers import imsi


def test_digits_are_read_however_they_are_grouped_and_kazakhstan_is_known() -> None:
    assert imsi.canonical(" 401 01 0123456789 ") == imsi.Imsi("401010123456789", "KZ")
    assert imsi.canonical("25001123456789").country is None
    assert imsi.canonical("4O1010123456789").folded


@pytest.mark.parametrize("text", ["", "1", "001010123456789", "4010101234567890", "4010101234567x"])
def test_what_is_no_imsi_is_refused(text: str) -> None:
    with pytest.raises(InputRejected) as refused:
        imsi.canonical(text)
    assert refused.value.expected in {"imsi.shape", "fact.missing", "given.empty"} or text == ""
