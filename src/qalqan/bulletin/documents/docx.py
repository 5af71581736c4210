"""A bulletin as DOCX, to go on writing in: headings, tables and pictures are Word's own."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from qalqan.bulletin.charts import png
from qalqan.bulletin.documents.speak import Spoken, SpokenSection, SpokenTable
from qalqan.exchange.docx_bytes import saved
from qalqan.text.catalogue import say

FONT = "Golos Text"
"""As in the other forms; where it is not installed, the word processor takes another."""
_INK, _QUIET = RGBColor(0x13, 0x26, 0x2F), RGBColor(0x41, 0x53, 0x5C)
_ALARM = RGBColor(0xA1, 0x26, 0x1C)
_RULE = "DFD9CA"
_WIDTH = Cm(17)
_FIRST = 2.2
"""How much wider the first column is than each other."""


def docx_of(spoken: Spoken) -> bytes:
    """An OOXML document, A4."""
    made = docx.Document()
    _dress(made, spoken)
    made.add_heading(spoken.title, 0)
    _quiet(made, spoken.subtitle)
    for each in spoken.warnings:
        made.add_paragraph(each, style="Intense Quote")
    if spoken.words:
        made.add_heading(say("bulletin.words.title", spoken.language), 1)
    for each in spoken.words:
        made.add_paragraph(each)
    for section in spoken.sections:
        _section(made, section)
    _ends(made, spoken)
    return saved(made)


def _section(made: Any, section: SpokenSection) -> None:
    made.add_heading(section.title, 1)
    for each in section.sentences:
        made.add_paragraph(each).paragraph_format.keep_with_next = section.picture is not None
    if section.picture:
        made.add_picture(BytesIO(png(section.picture.svg)), width=_WIDTH)
        drawn = made.inline_shapes[-1]._inline.docPr
        drawn.set("descr", section.picture.title)
        made.paragraphs[-1].paragraph_format.keep_with_next = True
        _quiet(made, section.picture.title)
    if section.table:
        _table(made, section.table)
    for each in section.notes:
        _quiet(made, each)


def _table(made: Any, table: SpokenTable) -> None:
    drawn = made.add_table(rows=0, cols=len(table.heads))
    drawn.autofit = False
    _rule(drawn)
    _row(drawn, table.heads, _QUIET)
    _mark(drawn.rows[0], "w:tblHeader")  # said again on each page
    for name, cells in table.rows:
        _row(drawn, [name, *(cell.text for cell in cells)], _INK)
    made.add_paragraph().paragraph_format.space_after = Pt(0)


def _row(table: Any, texts: Sequence[str], color: RGBColor) -> None:
    """One row: names to the left, numbers and their heads to the right."""
    row = table.add_row()
    _mark(row, "w:cantSplit")
    each = int(_WIDTH / (len(texts) - 1 + _FIRST))
    for at, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        cell.width = table.columns[at].width = each if at else int(_FIRST * each)
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
        paragraph.paragraph_format.line_spacing = 1
        if at:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        run = paragraph.add_run(text)
        run.font.size, run.font.color.rgb = Pt(8 if color is _QUIET else 8.5), color


def _mark(row: Any, name: str) -> None:
    mark = OxmlElement(name)
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _rule(table: Any) -> None:
    """Thin lines under the rows, and no others."""
    borders = OxmlElement("w:tblBorders")
    for side in ("w:bottom", "w:insideH"):
        line = OxmlElement(side)
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", _RULE)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)


def _ends(made: Any, spoken: Spoken) -> None:
    language = spoken.language
    made.add_heading(say("bulletin.methods.title", language), 1)
    for name, counts in spoken.methods:
        paragraph = made.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(2)
        for text, is_bold in ((f"{name}. ", True), (counts, False)):
            run = paragraph.add_run(text)
            run.bold, run.font.size = is_bold, Pt(8.5)
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
    page.top_margin = page.bottom_margin = Cm(1.8)
    if spoken.mark:
        head = page.header.paragraphs[0].add_run(spoken.mark)
        head.bold, head.font.color.rgb = True, _ALARM
    made.core_properties.title = spoken.title
    made.core_properties.author = "Qalqan"
    made.core_properties.language = spoken.language
    for name in ("Normal", "Title", "Heading 1", "Intense Quote"):
        font = made.styles[name].font
        font.name = FONT
        found = made.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            found.set(qn(script), FONT)
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
            found.attrib.pop(qn(theme), None)
        font.color.rgb = _INK
    made.styles["Normal"].font.size = Pt(10)
    made.styles["Normal"].paragraph_format.space_after = Pt(5)
    made.styles["Title"].font.size = Pt(19)
    made.styles["Heading 1"].font.size = Pt(13)
    made.styles["Heading 1"].paragraph_format.space_after = Pt(4)
    quote = made.styles["Intense Quote"]
    quote.font.italic, quote.font.bold = False, True
    quote.paragraph_format.left_indent = quote.paragraph_format.right_indent = Cm(0)
