import io
import tracemalloc
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
    packed = zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(io.BytesIO(data)) as before, packed as after:
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


SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def of_xml(body):
    told = f'<w:document xmlns:w="{SPACE}"><w:body>{body}</w:body></w:document>'
    return repacked(written(("a", None)), word__document_xml=told.encode())


def cell(text, inside=""):
    return f"<w:tc><w:tcPr>{inside}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"


def row(*cells, before=""):
    return f"<w:tr>{before}{''.join(cells)}</w:tr>"


def test_merged_cells_are_told_where_they_stand():
    over, goes_on = '<w:gridSpan w:val="2"/>', "<w:vMerge/>"
    late = '<w:trPr><w:gridBefore w:val="2"/></w:trPr>'
    rows = (
        row(cell("Өңір", '<w:vMerge w:val="restart"/>'), cell("2024", over)),
        row(cell("", goes_on), cell("I"), cell("II", '<w:vMerge w:val="restart"/>')),
        row(cell("", goes_on), cell("5"), cell("", goes_on)),
        row(cell("", goes_on), before=late),
    )
    found = read(of_xml(f"<w:tbl>{''.join(rows)}</w:tbl>"))
    assert [b.cells for b in found] == [
        ("Өңір", "2024"), ("Өңір", "I", "II"), ("Өңір", "5", "II"), ("II",),
    ]  # fmt: skip


def test_a_cell_that_says_it_covers_millions_of_columns_is_one_cell():
    wide = cell("x", '<w:gridSpan w:val="60000000"/>')
    data = of_xml(f"<w:tbl>{row(wide, cell('y'))}</w:tbl>")
    tracemalloc.start()
    found = read(data)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [b.cells for b in found] == [("x", "y")]
    assert most < 32 << 20


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<w:p/>" * 1_000_000, "written.marks"),
        ("<w:p " + " ".join(f'a{n}="1"' for n in range(3_000_000)) + "/>", "written.unpacks"),
        (f"<w:p>{' ' * (32 << 20)}</w:p>", "written.unpacks"),
    ],
    ids=["paragraphs", "attributes", "text"],
)
def test_a_small_file_with_too_much_in_it_is_refused_before_it_is_read(body, expected):
    with pytest.raises(InputRejected) as caught:
        read(of_xml(body), "a.docx")
    assert caught.value.expected == expected


def test_a_part_is_counted_by_what_it_holds_and_not_by_its_name():
    body = f"<a>{' ' * (32 << 20)}</a>".encode()
    with pytest.raises(InputRejected) as caught:
        read(repacked(written(("a", None)), word__media__a_bin=body))
    assert caught.value.expected == "written.unpacks"
