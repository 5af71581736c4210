"""A request on paper read back: nothing is lost, nothing is made up (REQ-19)."""

from __future__ import annotations

import io
from dataclasses import replace

import docx

from qalqan.exchange.request import Request, Row, Signer, docx_of

REQUEST = Request(
    language="kk", to="Кімге: Керуен Банк", title="Ұстау", number="№ O-26-000002",
    rows=[Row("Шот", "KZ86 125K ZT50 0410 0100"), Row("Сома", "960 000 ₸")],
    body=["Сұрайды: <ұстау> & «сақтау»", ""], warning="Заңгер растаған жоқ",
    agreed="Келіскендер", signers=[Signer("a.nurlanova", "басшы", "23 қараша")], foot="Жауапта",
)  # fmt: skip


def read(request):
    return docx.Document(io.BytesIO(docx_of(request)))


def test_everything_stands_in_the_document_in_its_own_letters():
    document = read(REQUEST)
    said = [each.text for each in document.paragraphs]
    for part in ("Кімге: Керуен Банк", "Ұстау", "Сұрайды: <ұстау> & «сақтау»", "Жауапта"):
        assert part in said
    first, second = document.tables
    assert [cell.text for cell in first.rows[1].cells] == ["Сома", "960 000 ₸"]
    assert first.rows[0].cells[1].text == "KZ86 125K ZT50 0410 0100"
    assert second.rows[0].cells[0].text == "a.nurlanova, басшы"
    assert "____" in second.rows[0].cells[1].text  # room for a signature
    (warning,) = [each for each in document.paragraphs if each.text == REQUEST.warning]
    assert warning.runs[0].bold
    assert document.core_properties.language == "kk"


def test_a_confirmed_ground_brings_no_warning_and_nobody_s_table_is_none():
    document = read(replace(REQUEST, warning="", signers=[]))
    assert len(document.tables) == 1
    assert REQUEST.warning not in [each.text for each in document.paragraphs]
