"""Every page in every language: whole, in its language, and with nobody's data in clear."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

import story
from qalqan.cli.demo import MARK as DEMO
from qalqan.text.catalogue import LANGUAGES, entries, say
from qalqan.web.console import pages

PAGES = [
    "/cases", "/cases?sort=recoverable", "/cases/C-26-000001", "/cases/C-26-000002",
    "/cases/C-26-000002?rule=lifo", "/cases/C-26-000003", "/cases/C-26-000002/orders",
    "/approvals", "/sign-in", "/cases/C-26-999999", "/cases/C-26-000002/loan-letter",
]  # fmt: skip
TOKEN = re.compile(r"\b(?:acc|per|nam|wrd|tel|crd|doc)_[a-z2-7]{8}")
FOLDER = Path(pages.__file__).parents[1] / "templates"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_its_language_and_shows_nobodys_data(console, language):
    for login in ("d.ospanov", "g.audit"):
        browser = console.browser(login, language)
        for path in PAGES:
            text = unescape(browser.get(path).text)
            assert "console." not in re.sub(r"/static/\S+", "", text), path
            assert not TOKEN.search(text), path
            assert story.IIN not in text
            assert story.WORDS not in text
            for account in (story.VICTIM, story.FIRST, story.FIFTH):
                assert account.partition(":")[2] not in text, path
            if not path.endswith("/orders"):
                assert f'<html lang="{language}">' in text
                assert text.count("<h1") == 1, path


def test_a_page_has_no_inline_script_or_style(console):
    for path in PAGES:
        text = console.get(path).text
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)", text), path


def test_labels_name_inputs_and_ids_are_unique(console):
    for path in PAGES:
        text = console.get(path).text
        ids = re.findall(r'\sid="([^"]+)"', text)
        assert len(ids) == len(set(ids)), path
        for field in re.findall(
            r'<(?:input|textarea|select)(?![^>]*type="hidden")[^>]*id="([^"]+)"', text
        ):
            assert f'for="{field}"' in text
        for name in re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', text):
            assert set(name.split()) <= set(ids), (path, name)


def test_the_catalogue_has_what_templates_say():
    said = set()
    for template in FOLDER.glob("*.html"):
        found = re.findall(r"""(?:\bt|\.say)\(\s*["']([\w.]+)["']\s*[,)]""", template.read_text())
        said |= set(found)
    assert len(said) > 100
    assert not said - set(entries())


def test_no_sentence_of_the_console_is_forgotten():
    """A sentence that no page says any more would have to be translated for nothing."""
    sources = [*FOLDER.glob("*.html"), *FOLDER.parents[0].rglob("*.py")]
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    unsaid = [key for key in entries() if key.startswith("console.") and key not in text]
    by_part = (
        "state.",
        "role.",
        "rule.",
        "instrument.",
        "field.",
        "agree.",
        "title.",
        "told_",
        "work.",
        "event.",
        "tabs.",
        "kind.",
        "source.",
        "form_of.",
        "empty_next",
    )
    rest = [k for k in unsaid if not any(part in k for part in (*by_part, "sort_", "column."))]
    assert rest == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_invented_data_say_so_on_every_page(console, language):
    assert pages.MARK == DEMO
    told = say("console.simulated", language)
    browser = console.browser(language=language)
    assert told not in browser.get("/cases").text
    (console.home / pages.MARK).write_text("{}")
    for path in PAGES:
        if not path.endswith("/orders"):
            assert told in browser.get(path).text, path


def test_pages_are_kept_by_nobody_and_framed_by_nobody(console):
    headers = console.get("/cases").headers
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]


def test_who_is_not_signed_in_is_asked_to(console):
    for path in PAGES:
        if path != "/sign-in":
            answer = console.get(path, login=None)
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/sign-in?next=/")


def test_an_error_is_a_page_in_the_readers_language(console):
    answer = console.get("/cases/C-26-999999", language="kk")
    assert answer.status_code == 404
    assert say("api.error.not_found", "kk") in answer.text
    assert 'href="/"' in answer.text
