"""A letter to be printed and signed, as DOCX: values in, bytes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qalqan.exchange.docx_bytes import saved, set_up

if TYPE_CHECKING:
    from docx.document import Document

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_BLANK = "_" * 36


@dataclass(frozen=True)
class Part:
    """A piece of text and the numbered points below it."""

    text: str
    points: Sequence[str] = ()


@dataclass(frozen=True)
class Letter:
    """One page to sign, and one to keep."""

    language: str
    to: str
    by: Sequence[str]
    """What the writer fills in by hand: labels."""
    title: str
    body: Sequence[Part]
    sign: Sequence[str]
    """Labels of date and signature."""
    advice_title: str
    advice: Sequence[Part]
    """The second page, for the writer himself."""
    source: str


def docx_of(letter: Letter) -> bytes:
    """The letter as a Word document in A4."""
    from docx import Document as new_document

    document = new_document()
    set_up(document, letter.title, letter.language)
    for line in (letter.to, *(f"{label}: {_BLANK}" for label in letter.by)):
        document.add_paragraph(line).alignment = 2  # right, where Kazakh offices look for it
    document.add_heading(letter.title, level=1)
    _write(document, letter.body)
    document.add_paragraph()
    document.add_paragraph("        ".join(f"{label}: {_BLANK[:18]}" for label in letter.sign))
    document.add_page_break()
    document.add_heading(letter.advice_title, level=1)
    _write(document, letter.advice)
    document.add_paragraph(letter.source).runs[0].italic = True
    return saved(document)


def _write(document: Document, parts: Sequence[Part]) -> None:
    for part in parts:
        document.add_paragraph(part.text)
        for number, point in enumerate(part.points, 1):
            paragraph = document.add_paragraph(f"{number}. {point}")
            paragraph.paragraph_format.left_indent = 288_000  # 8 mm in English Metric Units
