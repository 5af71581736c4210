"""The abroad pages in a browser without scripts (REQ-69, 70)."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from docx import Document

CASE = "C-26-000002"
BOSS, OFFICER = "a.nurlanova", "d.ospanov"
FORM = {
    "kind": "preservation", "country": "GE", "addressee": "Cybercrime Division",
    "basis": "interpol", "words": "Кіру журналдарын сақтап қойыңыз", "key": "k",
}  # fmt: skip


@pytest.fixture
def request_of(console: Any) -> str:
    answer = console.post(f"/cases/{CASE}/abroad", **FORM)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_the_form_shows_grounds_or_says_that_there_is_none(console: Any) -> None:
    page = console.get(f"/cases/{CASE}/abroad?kind=preservation&country=GE").text
    assert "Interpol" in page
    assert "This channel obliges nobody" in page
    page = console.get(f"/cases/{CASE}/abroad?kind=freeze&country=AE").text
    assert "the register has none (United Arab Emirates)" in page
    refused = console.post(f"/cases/{CASE}/abroad", **{**FORM, "basis": "minsk1993"})
    assert refused.status_code == 422
    assert "Cybercrime Division" in refused.text


def test_a_request_goes_its_way(console: Any, request_of: str) -> None:
    page = console.get(request_of, OFFICER).text
    assert 'value="approve"' not in page
    assert console.post(f"{request_of}/step", OFFICER, event="approve").status_code == 403
    assert console.post(f"{request_of}/step", BOSS, event="approve").status_code == 303
    assert console.post(f"{request_of}/step", OFFICER, event="send", version="0").status_code == 409
    assert console.post(f"{request_of}/step", OFFICER, event="send").status_code == 303
    browser = console.browser(OFFICER)
    told = {"csrf": console.csrf(browser), "event": "answer", "outcome": "part", "words": "Half"}
    files = {"file": ("a.pdf", b"%PDF-1.7", "application/pdf")}
    assert browser.post(f"{request_of}/step", data=told, files=files).status_code == 303
    page = console.get(request_of).text
    assert "Part of what was asked came" in page
    assert re.search(r"E-26-\d{6}", page)
    tasks = console.get(f"/cases/{CASE}/tasks").text
    assert request_of in tasks
    assert console.post(f"{request_of}/step", event="nonsense").status_code == 422
    assert console.get("/abroad").text.count("X-26-000001") >= 1


def test_the_letter_is_a_word_document(console: Any, request_of: str) -> None:
    answer = console.post(f"{request_of}/letter", language="kk", translation="Please keep it")
    document = Document(io.BytesIO(answer.content))
    text = "\n".join(c.text for t in document.tables for r in t.rows for c in r.cells)
    assert "Деректерді сақтап қою" in text
    assert "Please keep it" in text
    assert console.post(f"{request_of}/letter", language="en").status_code == 422


def test_what_came_from_abroad_is_entered(console: Any) -> None:
    told = {"kind": "data", "country": "TR", "sender": "Ankara", "words": "Who is the subscriber?"}
    answer = console.post("/abroad", **told)
    assert answer.status_code == 303
    assert "Came: waits for our answer" in console.get(answer.headers["location"]).text
    assert console.post("/abroad", **{**told, "term": "soon"}).status_code == 422


def test_contacts_are_added_and_verified(console: Any) -> None:
    told = {"country": "GE", "body": "Point", "channel": "point_24_7", "mail": "a@b.ge"}
    assert console.post("/abroad/contacts", **told).status_code == 303
    assert console.post("/abroad/contacts", **{**told, "mail": "x"}).status_code == 422
    assert console.post("/abroad/contacts/1/verify", still="yes").status_code == 303
    assert console.post("/abroad/contacts/1/verify", still="no").status_code == 303
    assert "No contact has been entered yet" in console.get("/abroad/contacts").text


def test_a_supervisor_enters_and_ends_treaties(console: Any) -> None:
    told = {
        "title": "Treaty with Georgia", "standing": "in_force", "countries": "GE",
        "allows": ["freeze", "mla"], "valid_from": "2020-01-01", "source": "Law No. 1",
        "source_day": "2026-01-01",
    }  # fmt: skip
    assert console.post("/abroad/treaties", OFFICER, **told).status_code == 403
    assert console.post("/abroad/treaties", BOSS, **told).status_code == 303
    assert "Treaty with Georgia" in console.get("/abroad/treaties").text
    page = console.get(f"/cases/{CASE}/abroad?kind=freeze&country=GE").text
    assert "Treaty with Georgia" in page
    assert console.post("/abroad/treaties", BOSS, **{**told, "valid_from": "?"}).status_code == 422
    end = {"until": "2026-06-01", "source": "Law No. 2", "source_day": "2026-06-01"}
    assert console.post("/abroad/treaties/interpol/end", BOSS, **end).status_code == 303
    assert console.post("/abroad/treaties/interpol/end", BOSS, **end).status_code == 409
