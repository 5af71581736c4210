"""A bulletin in a form: one language, one format, bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qalqan.bulletin.documents.docx import docx_of
from qalqan.bulletin.documents.html import html
from qalqan.bulletin.documents.parts import Body
from qalqan.bulletin.documents.pdf import pdf
from qalqan.bulletin.documents.speak import Spoken, speak
from qalqan.bulletin.documents.text import text
from qalqan.errors import InputRejected
from qalqan.text.catalogue import LANGUAGES

WRITERS: Mapping[str, Callable[[Spoken], bytes]] = {
    "html": html, "pdf": pdf, "docx": docx_of, "txt": text,
}  # fmt: skip
MEDIA: Mapping[str, str] = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "txt": "text/plain; charset=utf-8",
}


def write(body: Body, language: str, form: str, state: str = "drafted") -> bytes:
    """The document; in any state but `published` it says at its head that it is not.

    Raises:
        InputRejected: no such language or form.
    """
    if language not in LANGUAGES:
        raise InputRejected("lang", language, "one_of", choices=", ".join(LANGUAGES))
    if form not in WRITERS:
        raise InputRejected("format", form, "one_of", choices=", ".join(WRITERS))
    return WRITERS[form](speak(body, language, state))


def file_name(body: Body, language: str, form: str) -> str:
    """qalqan-month-2024-01-kk.pdf"""
    region = f"-{body.region}" if body.region else ""
    period = body.period.code.replace("..", "_")
    return f"qalqan-{body.kind}{region}-{period}-{language}.{form}"
