"""The paragraphs and tables of a written document: docx, or plain text in a usual encoding."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qalqan.errors import InputRejected

MOST_BYTES = 32 << 20
"""Of a file: a briefing of a thousand pages is smaller."""
MOST_UNPACKED = 256 << 20
"""Bytes that a document may unpack to: more is a mistake or a trap, and would fill memory."""
MOST_XML = 32 << 20
"""Of these bytes, in parts that are XML: pictures may be as large as they like."""
MOST_MARKS = 1_000_000
"""Tags and attributes, some 400 pages of them: the reader keeps about a hundred bytes for each,
however short it is, and takes up to 20 µs."""
MOST_PARTS = 4096
MOST_TEXT = 4 << 20
"""Characters that are read of a document."""

_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, KeyError)
_PIPES = re.compile(r"^\s*\|?(?:[^|\n]+\|){2,}[^|\n]*\|?\s*$")
_RULE = re.compile(r"^[\s|:+=-]+$")
_XML = re.compile(rb"[\s\0\xef\xbb\xbf\xff\xfe]*<")
"""How XML begins, in UTF-8 or UTF-16: a part is read as what its type says, not its name."""
_WRAPPED = 50
"""Letters of a line from which the next may be its continuation."""
_ENDS = (".", "!", "?", ":", ";", "…", "»", ")", "|")
_NEW = re.compile(r"\s*(?:[-–—•·*]|\d{1,2}[.)])\s")
_CELL_MOST, _NAME_MOST = 80, 240
_PAIR = re.compile(r"\D{0,24}\d[^\t]{0,40}")
"""What stands behind a name where a row has one cell: a number."""


@dataclass(frozen=True)
class TextBlock:
    """A paragraph; or a row of a table, `table` counting them from 0."""

    text: str
    cells: tuple[str, ...] = ()
    table: int = -1


def read(data: bytes, name: str = "") -> tuple[TextBlock, ...]:
    """The blocks of a file: docx by its first bytes, anything else as text.

    Raises:
        InputRejected: too large, damaged, with macros, or no text.
    """
    if len(data) > MOST_BYTES:
        raise InputRejected("file", name, "written.size", most=MOST_BYTES >> 20)
    if data.startswith(b"PK"):
        return _written(data, name)
    if data.startswith((b"%PDF", b"\xd0\xcf\x11\xe0", b"{\\rtf")):
        raise InputRejected("file", name, "written.kind")
    return blocks(_decoded(data, name))


def blocks(text: str) -> tuple[TextBlock, ...]:
    """The blocks of plain text: a line is a paragraph, a wrapped one goes on in the next; lines
    of cells parted by bars or tabs are a table."""
    found: list[TextBlock] = []
    lines = text[:MOST_TEXT].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    wrapped = _is_wrapped(lines)
    table, within, open_line = -1, False, False
    for line in lines:
        cells = _cells(line)
        if cells and (within or _PIPES.match(line) or len(cells) > 1):
            table += not within
            within = True
            if not _RULE.match(line):
                found.append(TextBlock(line.strip(), cells, table))
            continue
        within = False
        if not line.strip():
            open_line = False
            continue
        if wrapped and open_line and found and _goes_on(found[-1].text, line):
            found[-1] = replace(found[-1], text=f"{found[-1].text} {line.strip()}")
        else:
            found.append(TextBlock(line))
        open_line = True
    return tuple(found)


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Whether lines are broken by width, paragraphs by empty lines."""
    longest = max((len(line) for line in lines), default=0)
    follow = [a for a, b in itertools.pairwise(lines) if a.strip() and b.strip()]
    unended = [
        line for line in follow if len(line) >= _WRAPPED and not line.rstrip().endswith(_ENDS)
    ]
    return longest <= 140 and bool(unended)


def _goes_on(before: str, line: str) -> bool:
    return not _NEW.match(line) and not before.rstrip().endswith((":", "|"))


def _cells(line: str) -> tuple[str, ...]:
    """Cells of a row; none if the line is prose, which may have tabs of its own."""
    if _PIPES.match(line):
        return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
    name, *cells = (cell.strip() for cell in line.split("\t"))
    short = len(name) <= _NAME_MOST and all(len(cell) <= _CELL_MOST for cell in cells)
    is_row = (len(cells) > 1 and sum(map(bool, cells)) > 0) or (
        len(cells) == 1 and bool(name) and _PAIR.fullmatch(cells[0]) is not None
    )
    return (name, *cells) if short and is_row else ()


def _decoded(data: bytes, name: str) -> str:
    """UTF-8 or UTF-16 by their marks, UTF-8 if it is valid, else Windows-1251.

    Raises:
        InputRejected: no text.
    """
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return _text(data, encoding, name)
    if b"\x00" in data[:4096]:  # the upper half of spaces and digits
        little = data[1:4096:2].count(0) >= data[0:4096:2].count(0)
        return _text(data, "utf-16-le" if little else "utf-16-be", name)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _text(data, "cp1251", name)
    return _text(data, "utf-8", name)


def _text(data: bytes, encoding: str, name: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise InputRejected("file", name, "written.text") from None
    if any(letter < " " and letter not in "\t\n\r\x0b\x0c" for letter in text[:65536]):
        raise InputRejected("file", name, "written.text")
    return text


def _written(data: bytes, name: str) -> tuple[TextBlock, ...]:
    try:
        counted = _counted(data, name)
        from docx import Document

        return tuple(_limited(_body(Document(counted)), name))
    except InputRejected:
        raise
    except Exception as error:
        # The reader raises whatever a malformed part makes it: all of it is a damaged file.
        raise InputRejected("file", name, "written.docx") from error


def _counted(data: bytes, name: str) -> io.BytesIO:
    """The document with its parts as they were counted, so that the reader unpacks nothing else.

    Raises:
        InputRejected: too large, with macros, or no document.
    """
    sink, load = io.BytesIO(), _Load(name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(sink, "w") as counted:
            parts = packed.infolist()
            _refuse(parts, name)
            for part in parts:
                with packed.open(part) as opened:
                    body = opened.read(MOST_UNPACKED - load.size + 1)
                load.add(body)
                counted.writestr(part.filename, body)
    except _DAMAGED as error:
        if isinstance(error, InputRejected):
            raise
        raise InputRejected("file", name, "written.docx") from error
    sink.seek(0)
    return sink


@dataclass
class _Load:
    """What a document asks of its reader, part by part."""

    name: str
    size: int = 0
    xml: int = 0
    marks: int = 0

    def add(self, body: bytes) -> None:
        """Raise `InputRejected` if a part is one too many, or would unfold while it is read."""
        self.size += len(body)
        if _XML.match(body):
            self.xml += len(body)
            self.marks += body.count(b"<") + body.count(b"=")
        for found, most in ((self.size, MOST_UNPACKED), (self.xml, MOST_XML)):
            if found > most:
                raise InputRejected("file", self.name, "written.unpacks", most=most >> 20)
        if self.marks > MOST_MARKS:
            raise InputRejected("file", self.name, "written.marks", most=MOST_MARKS)
        if b"<!ENTITY" in body[:65536]:
            raise InputRejected("file", self.name, "written.docx")


def _refuse(parts: Sequence[zipfile.ZipInfo], name: str) -> None:
    """What the archive's directory shows already: no document, macros, too large."""
    names = {part.filename.lower() for part in parts}
    if "word/document.xml" not in names or len(names) != len(parts):
        raise InputRejected("file", name, "written.docx")
    if any(one.endswith("vbaproject.bin") for one in names):
        raise InputRejected("file", name, "written.macros")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise InputRejected("file", name, "written.unpacks", most=MOST_UNPACKED >> 20)


def _body(document: Any) -> Iterator[TextBlock]:
    """Paragraphs and tables in their order; an item of a list keeps a mark before it."""
    from docx.table import Table

    table = 0
    for item in document.iter_inner_content():
        if isinstance(item, Table):
            yield from _rows(item, table)
            table += 1
        elif item.text.strip():
            yield TextBlock(("• " if _listed(item) else "") + item.text)


def _rows(table: Any, number: int) -> Iterator[TextBlock]:
    """A cell that is merged over columns is told once, one over rows in each. Cells are taken as
    they are written: a list of the columns that they say they cover has any length."""
    from docx.table import _Cell

    above: dict[int, str] = {}
    for row in table.rows:
        column, told = row.grid_cols_before, dict[int, str]()
        for tc in row._tr.tc_lst:
            merged = tc.vMerge == "continue"
            told[column] = (
                above.get(column, "") if merged else " ".join(_Cell(tc, table).text.split())
            )
            column += tc.grid_span
        above, cells = told, tuple(told.values())
        if any(cells):
            yield TextBlock(" | ".join(cells), cells, number)


def _listed(paragraph: Any) -> bool:
    properties = paragraph._p.pPr
    numbered = properties is not None and properties.numPr is not None
    return numbered or str(getattr(paragraph.style, "name", "")).startswith("List")


def _limited(found: Iterator[TextBlock], name: str) -> Iterator[TextBlock]:
    length = 0
    for block in found:
        length += len(block.text)
        if length > MOST_TEXT:
            raise InputRejected("file", name, "written.size", most=MOST_BYTES >> 20)
        yield block
