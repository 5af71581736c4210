"""REQ-30, 31: a channel makes the letter of a loan's victim; nothing of it is kept."""

from __future__ import annotations

import io

import docx

SAID = {"language": "ru", "lender": "Первый", "day": "2026-11-20", "how": "unknown"}
PATH = "/v1/letters/loan-dispute"


def test_a_channel_gets_the_letter(web):
    answer = web.post(PATH, "hotline", json={**SAID, "day": "2020-02-01", "amount": 500_000})
    assert answer.status_code == 200
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(answer.content)).paragraphs)
    assert "Кому: Первый" in text
    assert "5 000 ₸" in text.replace("\u00a0", " ")


def test_others_and_wrong_bodies_are_refused(web):
    assert web.post(PATH, "altyn", json=SAID).status_code == 403
    for wrong in ({"how": "x"}, {"lender": ""}, {"day": "2999-01-01"}, {"amount": 1.5}, {"x": 1}):
        answer = web.post(PATH, "hotline", json={**SAID, **wrong})
        assert (answer.status_code, answer.json()["error"]["field"]) == (422, *wrong)
