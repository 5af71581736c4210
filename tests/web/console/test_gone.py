"""What retention took says so, in three languages; the rest of its case still opens (REQ-18)."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

import story
from persons import Officer
from qalqan.cases import closing, documents, notes
from qalqan.cases.documents import Upload
from qalqan.cases.opening import sealed
from qalqan.register import blocking, orm, vault
from qalqan.text.catalogue import say

CASE = "C-26-000002"
PATH = f"/cases/{CASE}"
OFFICER = Officer("d.ospanov", "investigator", "KZ")
PURPOSE = "190-бап бойынша іске тігу үшін"


@pytest.fixture
def forgotten(console):
    """A document, a note and the story of a case, taken by retention; the document's number."""
    with console.app.state.database.write() as session:
        keys = console.app.state.keys
        scan = Upload(b"%PDF", "scan.pdf", "Scan", "the victim")
        document = documents.add(session, keys, OFFICER, CASE, scan).id
        note = notes.add(session, keys, OFFICER, CASE, "Куәгер айтты").words
        closing.tell(session, keys, OFFICER, CASE, "Не болғаны")
        documents.forget(session, [document], "vault_retention/1: 400 days after the case")
        story_token = session.get_one(orm.Case, CASE).story
        assert len(vault.drop(session, [note, story_token], "vault_retention/1")) == 2
    return document


def begins(key, language):
    """The sentence up to its first value."""
    return say(key, language, day="\0").partition("\0")[0].strip()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_pages_say_what_went_and_when(console, forgotten, language):
    console.language = language
    evidence = console.get(f"{PATH}/evidence").text
    assert begins("console.documents.gone", language) in evidence
    assert forgotten in evidence
    assert f"documents/{forgotten}/read" not in evidence
    assert f"documents/{forgotten}/custody" in evidence
    for path in (PATH, f"{PATH}/tasks"):
        page = console.get(path)
        assert page.status_code == 200
        assert begins("record.gone", language) in page.text
        assert "Куәгер" not in page.text
    answer = console.post(f"{PATH}/documents/{forgotten}/read", purpose="to compare it")
    assert answer.status_code == 422
    assert begins("expected.document.gone", language) in answer.text


def test_a_pack_tells_of_it_and_has_the_rest(console, forgotten):
    answer = console.post(f"{PATH}/pack", purpose=PURPOSE)
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert not [name for name in archive.namelist() if name.startswith("documents/")]
        told = archive.read("documents.csv").decode()
    (row,) = [row for row in csv.DictReader(io.StringIO(told)) if row["id"] == forgotten]
    assert int(row["gone_us"]) > 0


def test_a_value_past_its_term_opens_from_a_case_that_runs_alone(console):
    with console.app.state.database.write() as session:
        report = session.query(orm.Report).filter_by(case_id=CASE).one()
        account = report.payer_account
        blocking.retain(session, [account], "vault_retention/1: 400 days after the case")
    link = f"{PATH}/sealed/{sealed(account).mark}"
    assert story.VICTIM in console.post(link, code="victim").text
    with console.app.state.database.write() as session:
        case = session.get_one(orm.Case, CASE)
        case.state, case.closed_us = "closed", 1
    assert console.post(link, code="victim").status_code == 403
    for language in ("kk", "ru", "en"):
        said = say("record.over", language, day="\0").split("\0")
        page = console.get(link, language=language).text
        assert all(part.strip(" :.") in page for part in said)
    answer = console.post(f"{PATH}/pack", purpose=PURPOSE)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        values = archive.read("values.csv").decode()
    assert account not in values
    assert story.IIN in values
