import io

from docx import Document


def test_a_clean_text_ends_with_nought(qalqan, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Police solved 222 of 1,871 crimes, or 11.9%.", encoding="utf-8")
    said = qalqan("bulletin", "check", path)
    assert said.code == 0
    assert "Nothing wrong was found" in said.out


def test_what_is_wrong_is_told_by_severity_with_its_place(qalqan, tmp_path):
    document = Document()
    document.add_paragraph("Internet fraud was 50% of all fraud (21,637 of 43,895).")
    document.add_paragraph("Loans and loans were issued.")
    sink = io.BytesIO()
    document.save(sink)
    path = tmp_path / "a.docx"
    path.write_bytes(sink.getvalue())
    said = qalqan("bulletin", "check", path)
    assert said.code == 1
    assert said.out.index("False by its numbers: 1") < said.out.index("Careless: 1")
    assert "21,637 of 43,895 is 49.3 %; the text says 50%." in said.out
    assert "Paragraph 2: “Loans and loans”" in said.out


def test_a_program_gets_one_object(qalqan, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Доля 50 % (21 637 из 43 895).", encoding="cp1251")
    said = qalqan("bulletin", "check", path, "--lang", "ru", "--about", "2024-01", "--json")
    assert said.code == 1
    (problem,) = said.json["problems"]
    assert (problem["code"], problem["severity"], problem["paragraph"]) == (
        "share.wrong",
        "false",
        1,
    )
    assert said.json["counts"] == {"false": 1, "unsound": 0, "careless": 0}


def test_what_can_not_be_read_ends_with_two(qalqan, tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(b"PK broken")
    assert qalqan("bulletin", "check", path).code == 2
    assert qalqan("bulletin", "check", tmp_path / "none.txt").code == 2
    path.write_text("text", encoding="utf-8")
    assert qalqan("bulletin", "check", path, "--about", "yesterday").code == 2
    assert qalqan("bulletin", "check", path, "--lang", "de").code == 2
