"""REQ-18: the search page in three languages, its hints of colleagues, and what it keeps quiet."""

from __future__ import annotations

import re

from story import FIRST


def test_it_finds_and_says_why(console):
    for language, said in (("kk", "Істер"), ("ru", "Дела"), ("en", "Cases")):
        page = console.get("/search?q=C-26-1", "d.ospanov", language=language)
        assert page.status_code == 200
        assert said in page.text
    page = console.get(f"/search?q={FIRST[:-1]}2", "d.ospanov", language="en").text
    assert "…4471" in page
    assert "almost" in page


def test_a_colleague_is_told_of_on_both_sides(console):
    assert "already works" not in console.get(f"/search?q={FIRST}", "d.ospanov").text
    page = console.get(f"/search?q={FIRST}", "a.nurlanova", language="en").text
    assert "A colleague already works on this number" in page
    assert "d.ospanov" in page
    page = console.get("/search", "d.ospanov", language="en").text
    assert "a.nurlanova" in page


def test_suggestions_say_nothing_personal(console):
    page = console.post("/search/suggest", q="tulp").text
    assert "Tulpar Bank" in page
    assert console.post("/search/suggest", q=FIRST).text.strip() == ""


def test_who_may_not_search_is_told_so(console):
    assert console.get("/search?q=1", "g.audit").status_code == 403


def test_hostile_words_are_shown_as_text(console):
    page = console.get("/search?q=<script>alert(1)</script>", "d.ospanov").text
    assert "<script>alert" not in page


def test_a_case_tells_which_colleagues_work_on_its_identifiers(console):
    case = "/cases/C-26-000002"
    tabs = (case, f"{case}/entities")
    assert not any("has looked into it" in console.get(tab, "d.ospanov").text for tab in tabs)
    console.get(f"/search?q={FIRST}", "a.nurlanova")
    for language, said in (("en", "has looked into it"), ("ru", "смотрит его"), ("kk", "қарап")):
        for tab in tabs:
            page = console.get(tab, "d.ospanov", language=language).text
            assert "a.nurlanova" in page
            assert said in page
    assert "work on 1 identifier of this case" in console.get(case, "d.ospanov", language="en").text
    assert "has looked into it" not in console.get(case, "a.nurlanova").text, "only of others"


def test_what_is_looked_for_stands_in_no_address(console):
    browser = console.browser("d.ospanov", "en")
    for page in ("/queue", "/search"):
        forms = re.findall(r'<form[^>]*role="search"[^>]*>', browser.get(page).text)
        assert forms
        assert all('method="post"' in form for form in forms)
    found = browser.post("/search", data={"csrf": console.csrf(browser), "q": FIRST})
    assert (found.status_code, "…4471" in found.text) == (200, True)
    assert browser.post("/search", data={"q": FIRST}).status_code == 403
