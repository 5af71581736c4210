"""A bulletin as DOCX, to go on writing in: headings, tables and pictures are Word's own."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from qalqan.bulletin.charts import png
from qalqan.bulletin.documents.speak import Spoken, SpokenSection, SpokenTable
from qalqan.text.catalogue import say

FONT = "Golos Text"
"""With "DejaVu Sans" where it is not installed: both have every letter of Kazakh, and ₸."""
_INK, _QUIET = RGBColor(0x13, 0x26, 0x2F), RGBColor(0x41, 0x53, 0x5C)
_WIDTH = Cm(17)


def docx_of(spoken: Spoken) -> bytes:
    """An OOXML document, A4."""
    made = docx.Document()
    _dress(made, spoken)
    made.add_heading(spoken.title, 0)
    _quiet(made, spoken.subtitle)
    if spoken.simulated:
        made.add_paragraph(spoken.simulated, style="Intense Quote")
    if spoken.words:
        made.add_heading(say("bulletin.words.title", spoken.language), 1)
    for each in spoken.words:
        made.add_paragraph(each)
    for section in spoken.sections:
        _section(made, section)
    _ends(made, spoken)
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def _section(made: Any, section: SpokenSection) -> None:
    made.add_heading(section.title, 1)
    for each in section.sentences:
        made.add_paragraph(each)
    if section.picture:
        made.add_picture(BytesIO(png(section.picture.svg)), width=_WIDTH)
        drawn = made.inline_shapes[-1]._inline.docPr
        drawn.set("descr", section.picture.title)
        _quiet(made, section.picture.title)
    if section.table:
        _table(made, section.table)
    for each in section.notes:
        _quiet(made, each)


def _table(made: Any, table: SpokenTable) -> None:
    drawn = made.add_table(rows=1, cols=len(table.heads))
    drawn.style = "Light List Accent 1"
    for cell, head in zip(drawn.rows[0].cells, table.heads, strict=True):
        _write(cell, head, is_number=False)
    _repeat(drawn.rows[0])
    for name, cells in table.rows:
        row = drawn.add_row().cells
        _write(row[0], name, is_number=False)
        for cell, spoken in zip(row[1:], cells, strict=True):
            _write(cell, spoken.text, spoken.is_number)
    made.add_paragraph()


def _write(cell: Any, text: str, is_number: bool) -> None:
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(text)
    run.font.size = Pt(8.5)
    if is_number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _repeat(row: Any) -> None:
    """Say the head again on each page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _ends(made: Any, spoken: Spoken) -> None:
    language = spoken.language
    made.add_heading(say("bulletin.methods.title", language), 1)
    for name, counts in spoken.methods:
        paragraph = made.add_paragraph()
        paragraph.add_run(f"{name}. ").bold = True
        paragraph.add_run(counts)
    for title, lines in (("notes", spoken.notes), ("sources", spoken.sources)):
        made.add_heading(say(f"bulletin.{title}.title", language), 1)
        for each in lines:
            made.add_paragraph(each)
    _quiet(made, say("bulletin.made", language))


def _quiet(made: Any, text: str) -> None:
    run = made.add_paragraph().add_run(text)
    run.font.size = Pt(9)
    run.font.color.rgb = _QUIET


def _dress(made: Any, spoken: Spoken) -> None:
    page = made.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2)
    made.core_properties.title = spoken.title
    made.core_properties.author = "Qalqan"
    made.core_properties.language = spoken.language
    for name in ("Normal", "Title", "Heading 1", "Intense Quote", "Light List Accent 1"):
        font = made.styles[name].font
        font.name = FONT
        found = made.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            found.set(qn(script), FONT)
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
            found.attrib.pop(qn(theme), None)
        if name != "Light List Accent 1":
            font.color.rgb = _INK
    made.styles["Normal"].font.size = Pt(10)
