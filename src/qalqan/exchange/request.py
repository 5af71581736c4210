"""A request on paper to whoever still works on paper, as DOCX: values in, bytes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qalqan.exchange.docx_bytes import saved, set_up

if TYPE_CHECKING:
    from docx.document import Document

_BLANK = "_" * 24


@dataclass(frozen=True)
class Row:
    """One thing that is asked or told: a label and its value."""

    label: str
    value: str


@dataclass(frozen=True)
class Signer:
    """Who agreed, in which role, when; signs by hand beside it."""

    name: str
    role: str
    at: str


@dataclass(frozen=True)
class Request:
    """One order as a letter."""

    language: str
    to: str
    title: str
    number: str
    rows: Sequence[Row]
    body: Sequence[str]
    warning: str
    """Said before everything else where no lawyer has confirmed the ground; empty otherwise."""
    agreed: str
    """Label above those who agreed."""
    signers: Sequence[Signer]
    foot: str
    """How to answer, and how to check that the request is the centre's."""


def docx_of(request: Request) -> bytes:
    """The request as a Word document in A4."""
    from docx import Document as new_document

    document = new_document()
    set_up(document, request.title, request.language)
    document.add_paragraph(request.to).alignment = 2  # right, where Kazakh offices look for it
    document.add_heading(request.title, level=1)
    document.add_paragraph(request.number)
    if request.warning:
        document.add_paragraph().add_run(request.warning).bold = True
    for text in request.body:
        document.add_paragraph(text)
    _table(document, [(row.label, row.value) for row in request.rows])
    document.add_paragraph()
    document.add_paragraph(request.agreed)
    _table(document, [(f"{s.name}, {s.role}", f"{s.at}   {_BLANK}") for s in request.signers])
    document.add_paragraph()
    document.add_paragraph(request.foot).runs[0].italic = True
    return saved(document)


def _table(document: Document, rows: Sequence[tuple[str, str]]) -> None:
    """Two columns; a table without rows is none."""
    from docx.shared import Mm

    if not rows:
        return
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    table.autofit = False
    for label, value in rows:
        left, right = table.add_row().cells
        left.width, right.width = Mm(56), Mm(110)
        left.text, right.text = label, value
        left.paragraphs[0].runs[0].bold = True
