"""The same document is the same bytes, whenever it is saved."""

from __future__ import annotations

import io

import docx

from qalqan.exchange import docx_bytes


def test_no_moment_stands_in_a_document(monkeypatch) -> None:
    document = docx.Document()
    document.add_paragraph("Хат")
    first = docx_bytes.saved(document)
    monkeypatch.setattr("time.localtime", lambda *_: (2031, 5, 6, 7, 8, 10, 0, 1, 0))
    assert docx_bytes.saved(document) == first
    assert docx.Document(io.BytesIO(first)).paragraphs[0].text == "Хат"
