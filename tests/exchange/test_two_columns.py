"""A letter in two languages as DOCX."""

from __future__ import annotations

import io

from docx import Document

from qalqan.exchange.two_columns import Pair, TwoColumns, docx_of

LETTER = TwoColumns(
    ("kk", "en"), ("Сұрау салу", "Request"),
    [Pair("Екі жол\nтағы бірі", "Two lines\nand one more", ("Мән-жайы", "Facts"))],
    [("Қолы", "Signature")], ("ҮЛГІ", "SIMULATED"), "X-26-000001",
)  # fmt: skip


def test_both_languages_stand_side_by_side():
    document = Document(io.BytesIO(docx_of(LETTER)))
    warning, body, sign = document.tables
    assert [cell.text for cell in warning.rows[0].cells] == ["ҮЛГІ", "SIMULATED"]
    assert [cell.text for cell in body.rows[0].cells] == ["Сұрау салу", "Request"]
    assert body.rows[1].cells[1].text == "Facts\nTwo lines\nand one more"
    assert sign.rows[0].cells[0].text.startswith("Қолы: ____")
    assert document.sections[0].footer.paragraphs[0].text == "X-26-000001"
    assert document.core_properties.author == ""


def test_the_same_letter_is_the_same_bytes():
    assert docx_of(LETTER) == docx_of(LETTER)
