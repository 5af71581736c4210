"""A letter in two languages side by side, as DOCX: values in, bytes out (REQ-70).

Each row says the same in both; a row of one text spans both columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qalqan.exchange.docx_bytes import saved, set_up

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import _Cell

_BLANK = "_" * 16


@dataclass(frozen=True)
class Pair:
    """The same in both languages; `label` stands above it, small."""

    left: str
    right: str
    label: tuple[str, str] = ("", "")
    bold: bool = False


@dataclass(frozen=True)
class TwoColumns:
    """A letter on one or two pages."""

    languages: tuple[str, str]
    title: tuple[str, str]
    rows: Sequence[Pair]
    sign: Sequence[tuple[str, str]]
    """Labels of what is filled in by hand."""
    warning: tuple[str, str] = ("", "")
    """What whoever signs must know first."""
    foot: str = ""


def docx_of(letter: TwoColumns) -> bytes:
    """The letter as a Word document in A4."""
    from docx import Document as new_document

    document = new_document()
    _set_up(document, letter)
    if any(letter.warning):
        _table(document, [Pair(*letter.warning, bold=True)])
        document.add_paragraph()
    _table(document, [Pair(*letter.title, bold=True), *letter.rows])
    document.add_paragraph()
    blanks = [Pair(f"{left}: {_BLANK}", f"{right}: {_BLANK}") for left, right in letter.sign]
    _table(document, blanks)
    if letter.foot:
        foot = document.sections[0].footer.paragraphs[0]
        foot.text = letter.foot
        foot.runs[0].font.size = 101_600  # 8 points in English Metric Units
    return saved(document)


def _set_up(document: Document, letter: TwoColumns) -> None:
    """As other letters, but narrower: two languages have to fit beside each other."""
    from docx.shared import Mm, Pt

    set_up(document, letter.title[0], letter.languages[0])
    (section,) = document.sections
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin = section.bottom_margin = Mm(16)
    style = document.styles["Normal"]
    style.font.size, style.paragraph_format.space_after = Pt(11), Pt(3)


def _table(document: Document, rows: Sequence[Pair]) -> None:
    from docx.shared import Mm

    table = document.add_table(rows=0, cols=2)
    table.autofit = False
    for pair in rows:
        cells = table.add_row().cells
        for cell, text, label in zip(cells, (pair.left, pair.right), pair.label, strict=True):
            cell.width = Mm(87)
            _write(cell, text, label, pair.bold)


def _write(cell: _Cell, text: str, label: str, bold: bool) -> None:
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    if label:
        run = paragraph.add_run(label)
        run.font.size = Pt(8.5)
        run.italic = True
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.paragraph_format.keep_with_next = True
        paragraph = cell.add_paragraph()
    for number, part in enumerate(text.split("\n")):
        if number:
            paragraph = cell.add_paragraph()
        paragraph.add_run(part).bold = bold
