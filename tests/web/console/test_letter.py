"""REQ-30, 31: an officer makes a letter for the victim of a loan."""

from __future__ import annotations

import io

import docx

PAGE = "/cases/C-26-000002/loan-letter"


def test_the_letter_comes_as_a_document_and_a_mistake_is_explained(console):
    browser = console.browser("d.ospanov", "en")
    form = {
        "language": "kk", "lender": "Несие үйі", "reference": "", "day": "2026-11-20",
        "amount": "1 500 000,5", "how": "deceived",
    }  # fmt: skip
    made = console.post(PAGE, **form)
    assert made.status_code == 200
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(made.content)).paragraphs)
    assert "Несие үйі" in text
    assert "1 500 000,50 ₸" in text.replace("\u00a0", " ")
    for wrong in ({"amount": "much"}, {"day": ""}, {"lender": " "}, {"how": "else"}):
        told = console.post(PAGE, **{**form, **wrong})
        assert told.status_code == 422
        assert 'id="problem"' in told.text
        assert "Несие үйі" in told.text or "lender" in wrong
    assert browser.get("/cases/C-26-999999/loan-letter").status_code == 404
