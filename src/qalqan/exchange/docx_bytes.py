"""A written document as bytes: the same document is the same bytes, whenever it is saved."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docx.document import Document

_NO_TIME = (1980, 1, 1, 0, 0, 0)
"""The first moment that an archive can tell: the parts' own times say nothing of the document."""


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
