"""One body, three languages, four forms: the same figures in each."""

import io
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files

import docx
import pytest
from fontTools.ttLib import TTFont
from lxml import html as lxml_html

from counted import REGIONS, Register
from qalqan.bulletin.documents.compose import INSIDE, KINDS, compose
from qalqan.bulletin.documents.parts import Body, as_json, figures_of, of_json
from qalqan.bulletin.documents.speak import speak
from qalqan.bulletin.documents.write import WRITERS, file_name, write
from qalqan.bulletin.figures.definitions import definition
from qalqan.errors import InputRejected
from qalqan.model.period import parse
from qalqan.text.catalogue import LANGUAGES, say

NUMBER = re.compile(r"\d[\d\u00a0]*(?:[.,]\d+)?")


KEYS = (
    ("month", "2026-10", ""), ("month", "2024-01", ""), ("year", "2026", ""), ("year", "2023", ""),
    ("region", "2026-10", "KZ-75"), ("press", "2026-10", ""), ("minister", "2026-10", ""),
)  # fmt: skip
Bodies = Mapping[tuple[str, str, str], Body]


def made(register: Register, kind: str, period: str, region: str = "") -> Body:
    with register.book() as book:
        return compose(book, kind, parse(period), region)


@pytest.mark.parametrize("key", KEYS)
def test_a_body_is_kept_to_the_letter(bodies: Bodies, key) -> None:
    body = bodies[key]
    assert of_json(json.loads(json.dumps(as_json(body)))) == body
    assert body.sections


@pytest.mark.parametrize("key", KEYS)
def test_three_languages_say_the_same_figures(bodies: Bodies, key) -> None:
    body = bodies[key]
    told = {language: speak(body, language) for language in LANGUAGES}
    counts = {len(s.sections) for s in told.values()}
    assert len(counts) == 1
    for parts in zip(*(s.sections for s in told.values()), strict=True):
        numbers = [_numbers(part.table) for part in parts]
        assert numbers[0] == numbers[1] == numbers[2]
        assert len({len(part.sentences) for part in parts}) == 1


def _numbers(table) -> list[str]:
    if table is None:
        return []
    cells = (c.text for _, cells in table.rows for c in cells)
    return [m.strip().replace(",", ".") for text in cells for m in NUMBER.findall(text)]


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_nothing_is_left_untranslated(bodies: Bodies, language: str) -> None:
    allowed = re.compile(r"(?:Qalqan|SIM|SIP|VPN|API|FinGramota|SHA|VI|n|M|k|607|[\d.,%\-]+)")
    for key in KEYS:
        text = write(bodies[key], language, "txt").decode()
        latin = {word for word in re.findall(r"[A-Za-z_.]+", text) if re.search("[A-Za-z]", word)}
        assert {w for w in latin if not allowed.fullmatch(w.strip("."))} == set(), key


def test_what_was_not_counted_is_said_not_to_be(bodies: Bodies) -> None:
    body = bodies["month", "2024-01", ""]
    assert body.sections[0].key == "not_counted"
    assert not body.simulated
    assert {f.source.name for f in figures_of(body)} == {"mia_2024"}


def test_a_month_against_the_same_month_a_year_before(bodies: Bodies) -> None:
    text = speak(bodies["month", "2026-10", ""], "en")
    assert text.sections[0].sentences[0] == "Frauds reported: 12, up 50% (in October 2025: 8)."


def test_small_cells_are_hidden_and_totals_are_not(register: Register) -> None:
    for region, many in (("KZ-75", 6), ("KZ-71", 3), ("KZ-35", 12)):
        for n in range(many):
            register.report(f"2026-10-{n + 1:02d} 12:00", 1000, region=region)
    spoken = speak(made(register, "month", "2026-10"), "en")
    regions = next(s for s in spoken.sections if s.title == "Where people report")
    assert [cells[0].text for _, cells in regions.table.rows] == ["12", "hidden", "hidden"]
    assert spoken.sections[0].table.rows[0][1][0].text == "21"


def test_a_loss_of_few_is_hidden_where_the_reports_are_many(register: Register) -> None:
    for n in range(24):
        currency = "KZT" if n % 3 or n < 6 else "USD"
        region = REGIONS[n % 3]
        register.report(f"2026-10-{n + 1:02d} 12:00", 1000, region=region, currency=currency)
    body = made(register, "month", "2026-10")
    regions = next(s for s in body.sections if s.key == "regions")
    told = {label.code: (cells[0], cells[-1]) for label, cells in regions.table.rows}
    reports, loss = told["region=KZ-75"]
    assert (reports.figure.value, reports.hidden) == (8, False)
    assert (loss.figure.n, loss.hidden) == (2, True)


def test_region_pages_together_tell_no_small_cell(register: Register) -> None:
    """The method's total less the pages that show it would tell the page that does not."""
    counts = {("KZ-75", "27"): 9, ("KZ-71", "27"): 8, ("KZ-35", "27"): 7,
              ("KZ-75", "28"): 6, ("KZ-71", "28"): 2, ("KZ-35", "28"): 9,
              ("KZ-75", "32"): 7, ("KZ-71", "32"): 30, ("KZ-35", "32"): 20}  # fmt: skip
    for (region, method), many in counts.items():
        for n in range(many):
            register.report(f"2026-10-{n % 28 + 1:02d} 12:00", 1, region=region, methods=[method])
    open_cells = {}
    for region in REGIONS:
        body = made(register, "region", "2026-10", region)
        section = next(s for s in body.sections if s.key == "methods")
        for label, cells in section.table.rows:
            if not cells[0].hidden:
                open_cells[region, label.code.removeprefix("method=")] = cells[0].figure.value
    assert all(counts[place] == n >= 5 for place, n in open_cells.items())
    hidden = counts.keys() - open_cells.keys()
    assert ("KZ-71", "28") in hidden
    for side in (0, 1):  # no row and no column of them hides one alone
        names = [place[side] for place in hidden]
        assert all(names.count(name) > 1 for name in names)


def test_a_month_that_runs_is_not_told_by_parts(register: Register) -> None:
    for n in range(20):
        register.report(f"2026-11-{n + 1:02d} 12:00", 1000, region=REGIONS[n % 2])
    keys = {section.key for section in made(register, "month", "2026-11").sections}
    assert "summary" in keys
    assert keys.isdisjoint({"methods", "regions"})


def test_what_is_for_everybody_has_public_figures_alone(bodies: Bodies) -> None:
    for (kind, *_), body in bodies.items():
        own = {f.code for f in figures_of(body)}
        assert kind in INSIDE or all(definition(code).public for code in own), kind


def test_changes_say_what_they_are_against(bodies: Bodies) -> None:
    spoken = speak(bodies["month", "2026-10", ""], "en")
    heads = {s.title: s.table.heads for s in spoken.sections if s.table}
    assert "Change on October 2025" in heads["In short"]
    assert "Change on September 2026" in heads["How it is done"]


def test_missing_months_of_a_year_are_dashes(bodies: Bodies) -> None:
    spoken = speak(bodies["year", "2025", ""], "ru")
    months = next(s for s in spoken.sections if s.title == "По месяцам")
    first = [cells[0].text for _, cells in months.table.rows]
    assert first[:9] == ["–"] * 9
    assert first[9] == "8"


def test_a_region_that_was_split_is_not_compared(register: Register) -> None:
    for n in range(12):
        register.report(f"202{1 + n % 2}-10-{n + 1:02d} 12:00", 1000, region="KZ-35")
    body = made(register, "region", "2022-10", "KZ-35")
    assert "bulletin.note.region_split" in body.sections[0].notes
    assert all(claim.kind == "value" for claim in body.sections[0].claims)


@pytest.mark.parametrize(
    ("kind", "period", "region", "field"),
    [("press", "2026-10-05", "", "period"), ("region", "2026-10-01..2026-10-20", "KZ-75", "period"),
     ("region", "2026-11", "KZ-75", "period"), ("minister", "2026-10-05", "", "period"),
     ("week", "2026-10", "", "kind"), ("month", "2026", "", "period"),
     ("year", "2026-10", "", "period"),
     ("region", "2026-10", "", "region"), ("month", "2026-10", "KZ-75", "region"),
     ("region", "2026-10", "KZ-99", "region"), ("month", "2099-01", "", "period")],
)  # fmt: skip
def test_a_bulletin_that_can_t_be_is_refused(
    register: Register, kind, period, region, field
) -> None:
    with pytest.raises(InputRejected) as refused:
        made(register, kind, period, region)
    assert refused.value.field == field


def test_the_earliest_period_has_a_year_before_it(register: Register) -> None:
    body = made(register, "press", "2000")
    assert of_json(json.loads(json.dumps(as_json(body)))) == body
    for language in LANGUAGES:
        assert "2000" in write(body, language, "txt").decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_docx_holds_every_sentence_and_cell(bodies: Bodies, language: str) -> None:
    body = bodies["month", "2026-10", ""]
    spoken = speak(body, language)
    read = docx.Document(io.BytesIO(write(body, language, "docx")))
    paragraphs = {p.text for p in read.paragraphs}
    cells = {c.text for table in read.tables for row in table.rows for c in row.cells}
    for section in spoken.sections:
        assert {section.title, *section.sentences, *section.notes} <= paragraphs
        for name, row in section.table.rows if section.table else ():
            assert {name, *(c.text for c in row)} <= cells
    assert read.core_properties.language == language
    assert all(shape._inline.docPr.get("descr") for shape in read.inline_shapes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_is_whole_names_every_figure_and_asks_nobody(bodies: Bodies, language: str) -> None:
    body = bodies["minister", "2026-10", ""]
    text = write(body, language, "html").decode()
    page = lxml_html.fromstring(text.encode())
    assert page.get("lang") == language
    assert page.findtext(".//h1") == speak(body, language).title
    assert {e.get("data-figure") for e in page.iterfind(".//td[@data-figure]")} >= {
        "loss.reported", "held.sum", "returned.sum", "wrongly_held.sum", "requested.sum",
    }  # fmt: skip
    assert page.findall(".//script") == []
    links = re.findall(r'(?:href|src)="(https?:[^"]+)"', text)
    assert links == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf_embeds_our_font_and_is_tagged(bodies: Bodies, language: str) -> None:
    made_pdf = write(bodies["minister", "2026-10", ""], language, "pdf")
    assert made_pdf.startswith(b"%PDF-1.")
    assert b"GolosText-Regular" in made_pdf
    assert b"/StructTreeRoot" in made_pdf
    assert re.search(rb"/Lang ?\(" + language.encode() + rb"\)", made_pdf)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_out_says_so_in_every_form(bodies: Bodies, language: str) -> None:
    body = bodies["press", "2026-10", ""]
    for state in ("drafted", "agreed", "refused", "withdrawn"):
        mark = say(f"bulletin.unpublished.{state}", language)
        assert write(body, language, "txt", state).decode().startswith(mark)
        assert mark in write(body, language, "html", state).decode()
        read = docx.Document(io.BytesIO(write(body, language, "docx", state)))
        assert [p.text for p in read.sections[0].header.paragraphs] == [mark]
        assert speak(body, language, state).mark == mark
    out = write(body, language, "txt", "published").decode()
    assert out.startswith(speak(body, language).title)
    assert write(body, language, "pdf", "published") != write(body, language, "pdf", "drafted")


def test_a_period_that_runs_is_said_to(bodies: Bodies) -> None:
    told = [speak(bodies["year", year, ""], "en").warnings for year in ("2025", "2026")]
    assert told[0] == ()
    assert told[1][0].startswith("The period is not over: figures are counted up to 24 November")


def test_the_same_docx_is_the_same_bytes(bodies: Bodies) -> None:
    body = bodies["press", "2026-10", ""]
    assert write(body, "kk", "docx") == write(body, "kk", "docx")


def test_an_editor_s_words_are_text_and_never_markup(bodies: Bodies) -> None:
    body = bodies["press", "2026-10", ""]
    nasty = '#read("/etc/passwd") <script>alert(1)</script> {{ 7*7 }} $x$ \\ *b* _i_'

    written = replace(body, words={"en": nasty})
    text = write(written, "en", "html").decode()
    assert "<script>alert" not in text
    assert "{{ 7*7 }}" in text
    assert write(written, "en", "pdf").startswith(b"%PDF")
    read = docx.Document(io.BytesIO(write(written, "en", "docx")))
    assert nasty in {p.text for p in read.paragraphs}


def test_every_letter_that_is_written_is_in_the_font(bodies: Bodies) -> None:
    font = files("qalqan.bulletin.documents") / "fonts" / "golos-text-regular.ttf"
    known = TTFont(io.BytesIO(font.read_bytes())).getBestCmap()
    for body in bodies.values():
        for language in LANGUAGES:
            used = set(write(body, language, "txt").decode()) - set("\n\t")
            lacking = {c for c in used if ord(c) not in known}
            assert {unicodedata.name(c) for c in lacking} == set()


def test_forms_and_names(bodies: Bodies) -> None:
    body = bodies["region", "2026-10", "KZ-75"]
    assert file_name(body, "kk", "pdf") == "qalqan-region-KZ-75-2026-10-kk.pdf"
    assert set(WRITERS) == {"html", "pdf", "docx", "txt"}
    assert set(KINDS) == {kind for kind, _, _ in KEYS}
    for language, form in (("de", "pdf"), ("kk", "rtf")):
        with pytest.raises(InputRejected):
            write(body, language, form)
