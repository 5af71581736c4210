"""REQ-30, 31: the letter of somebody in whose name a loan was taken."""

from __future__ import annotations

import io
from datetime import date

import docx
import pytest

from qalqan.cases.loan_dispute import HOW, LoanDispute, letter
from qalqan.errors import InputRejected
from qalqan.exchange.letter import docx_of
from qalqan.text.catalogue import LANGUAGES, say

TODAY = date(2026, 11, 25)


def told(**changes: object) -> LoanDispute:
    said = {
        "language": "en", "lender": "First Lender", "reference": "A-17", "day": date(2026, 11, 20),
        "amount": 150_000_050, "how": "remote", "case": "C-26-000002",
    }  # fmt: skip
    return LoanDispute.model_validate({**said, **changes})


def read(**changes: object) -> str:
    document = docx.Document(io.BytesIO(docx_of(letter(told(**changes), TODAY))))
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def test_it_says_what_happened_asks_six_things_and_gives_six_pieces_of_advice():
    text = read()
    for part in ("First Lender", "A-17", "20 November 2026", "1 500 000.50 ₸", "C-26-000002"):
        assert part in text.replace("\u00a0", " ")
    for number in range(1, 7):
        assert text.count(f"\n{number}. ") == 2
    assert "Stop credit" in text
    assert "No lawyer has confirmed" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("how", HOW)
def test_each_way_in_each_language_is_whole(language, how):
    text = read(language=language, how=how)
    assert say(f"letter.loan.how.{how}", language) in text
    assert "{" not in text
    assert "letter.loan" not in text


def test_what_is_not_known_is_said_so():
    text = read(amount=None, reference="", case="")
    assert "not known to me" in text
    assert "Number of the contract" not in text
    assert "will send you the registration number" in text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": 10**15 + 1}, "amount"),
        ({"currency": "XYZ"}, "currency"),
        ({"day": date(2026, 11, 26)}, "day"),
        ({"day": date(1999, 12, 31)}, "day"),
    ],
)
def test_what_cannot_be_is_refused(changes, field):
    with pytest.raises(InputRejected) as refused:
        letter(told(**changes), TODAY)
    assert refused.value.field == field
