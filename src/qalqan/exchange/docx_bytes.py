"""A written document as bytes: the same document is the same bytes, whenever it is saved."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docx.document import Document

_NO_TIME = (1980, 1, 1, 0, 0, 0)
"""The first moment that an archive can tell: the parts' own times say nothing of the document."""


def set_up(document: Document, title: str, language: str) -> None:
    """A4, margins of two centimetres, a face that has all Kazakh letters; nobody's name in it."""
    from docx.shared import Mm, Pt

    (section,) = document.sections
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(18)
    document.styles["Normal"].font.name = "Times New Roman"
    document.styles["Normal"].font.size = Pt(12)
    document.core_properties.title = title
    document.core_properties.language = language
    document.core_properties.author = ""


def saved(document: Document) -> bytes:
    """The document as an archive without times."""
    kept, sink = io.BytesIO(), io.BytesIO()
    document.save(kept)
    with zipfile.ZipFile(kept) as made, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as told:
        for part in made.infolist():
            told.writestr(
                zipfile.ZipInfo(part.filename, _NO_TIME), made.read(part), part.compress_type
            )
    return sink.getvalue()
