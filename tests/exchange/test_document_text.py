import io
import zipfile

import pytest
from docx import Document

from qalqan.errors import InputRejected
from qalqan.exchange import document_text
from qalqan.exchange.document_text import blocks, read


def written(*paragraphs, table=None):
    document = Document()
    for text, style in paragraphs:
        document.add_paragraph(text, style=style)
    if table:
        made = document.add_table(len(table), len(table[0]))
        for at, row in enumerate(table):
            for column, cell in enumerate(row):
                made.cell(at, column).text = cell
    sink = io.BytesIO()
    document.save(sink)
    return sink.getvalue()


def test_a_document_gives_paragraphs_lists_and_tables_in_their_order():
    data = written(
        ("Есеп", None), ("бірінші", "List Bullet"), table=[["Өңір", "Саны"], ["Алматы", "540"]]
    )
    found = read(data)
    assert [b.text for b in found] == ["Есеп", "• бірінші", "Өңір | Саны", "Алматы | 540"]
    assert [b.cells for b in found[2:]] == [("Өңір", "Саны"), ("Алматы", "540")]
    assert {b.table for b in found[2:]} == {0}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1251"])
def test_text_is_read_in_every_usual_encoding(encoding):
    assert [b.text for b in read("Ущерб 21 млрд\nВозврат 850 млн".encode(encoding))] == [
        "Ущерб 21 млрд",
        "Возврат 850 млн",
    ]


def test_lines_broken_by_width_are_one_paragraph():
    text = (
        "The number of internet frauds that were registered in\nJanuary rose by a sixth.\n\n"
        "Next paragraph here.\n"
    )
    assert [b.text for b in blocks(text)] == [
        "The number of internet frauds that were registered in January rose by a sixth.",
        "Next paragraph here.",
    ]


def test_lines_of_cells_are_a_table():
    found = blocks("Title\n| a | b |\n|---|---|\n| 1 | 2 |\nend\nx\ty\tz\n")
    assert [b.cells for b in found] == [(), ("a", "b"), ("1", "2"), (), ("x", "y", "z")]
    assert [b.table for b in found] == [-1, 0, 0, -1, 1]


def repacked(data, **parts):
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(sink, "w") as after:
        for name in before.namelist():
            after.writestr(
                name, parts.pop(name.replace("/", "__").replace(".", "_"), before.read(name))
            )
        for name, body in parts.items():
            after.writestr(name.replace("__", "/").replace("_bin", ".bin"), body)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"PK\x03\x04 broken", "written.docx"),
        (b"%PDF-1.7", "written.kind"),
        (b"\xd0\xcf\x11\xe0 old", "written.kind"),
        (b"\x01\x02\x03 text", "written.text"),
        (repacked(written(("a", None)), word__document_xml=b"<w:document"), "written.docx"),
        (repacked(written(("a", None)), word__vbaProject_bin=b"x"), "written.macros"),
        (
            repacked(
                written(("a", None)), word__document_xml=b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'
            ),
            "written.docx",
        ),
    ],
)
def test_what_can_not_be_read_is_refused(data, expected):
    with pytest.raises(InputRejected) as caught:
        read(data, "a.docx")
    assert caught.value.expected == expected


def test_a_document_that_would_fill_memory_is_refused(monkeypatch):
    data = written(("a" * 1000, None))
    monkeypatch.setattr(document_text, "MOST_UNPACKED", 999)
    with pytest.raises(InputRejected) as caught:
        read(data)
    assert caught.value.expected == "written.unpacks"
    monkeypatch.setattr(document_text, "MOST_BYTES", 99)
    with pytest.raises(InputRejected) as caught:
        read(data)
    assert caught.value.expected == "written.size"
