"""Values are sealed; one is opened for a purpose, and the audit keeps it (DESIGN section 7, 5)."""

from __future__ import annotations

import re

import pytest
import story

from qalqan.register.orm import Audit
from qalqan.text.catalogue import say

CHASE = "/cases/C-26-000002"
PURPOSE = "to call the bank and confirm the hold"


def links(console, case="C-26-000002", login="d.ospanov"):
    return re.findall(
        rf'href="(/cases/{case}/sealed/[0-9a-f]+)"', console.get(f"/cases/{case}", login).text
    )


def person(console):
    text = console.get(CHASE).text
    return re.findall(r'class="vault">.*?href="([^"]+)"', text, re.S)


def opened(console):
    with console.app.state.database.session() as session:
        rows = session.query(Audit).filter(Audit.action == "reveal", Audit.actor != "machine")
        return [(row.actor, row.purpose) for row in rows]


def test_an_iin_is_shown_once_for_a_purpose(console):
    iin, words = person(console)
    assert story.IIN not in console.get(iin).text
    answer = console.post(iin, purpose=PURPOSE)
    assert story.IIN in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert opened(console) == [("d.ospanov", f"C-26-000002: {PURPOSE}")]
    assert story.IIN not in console.get(iin).text
    assert story.WORDS in console.post(words, purpose=PURPOSE).text


def test_every_account_of_the_page_can_be_opened(console):
    found = [console.post(link, purpose=PURPOSE).text for link in sorted(set(links(console)))]
    for account in (story.VICTIM, story.FIRST, story.THIRD, story.FIFTH, story.FOURTH):
        assert sum(account in text for text in found) == 1


@pytest.mark.parametrize("purpose", ["", "   ", "short", " a  b  ", "й" * 161])
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_without_a_purpose_nothing_opens(console, purpose, language):
    console.language = language
    answer = console.post(person(console)[0], purpose=purpose)
    assert answer.status_code == 422
    assert say("expected.console.purpose", language, shortest=8, longest=160) in answer.text
    assert story.IIN not in answer.text
    assert opened(console) == []


@pytest.mark.parametrize("login", ["g.audit", "s.oper"])
def test_who_may_not_sees_no_link_and_opens_nothing(console, login):
    link = person(console)[0]
    assert links(console, login=login) == []
    assert console.get(link, login).status_code == 403
    assert console.post(link, login, purpose=PURPOSE).status_code == 403
    assert opened(console) == []


def test_a_value_of_another_case_is_not_found_here(console):
    mine, theirs = set(links(console)), set(links(console, "C-26-000001"))
    for link in {each.rpartition("/")[2] for each in theirs} - {m.rpartition("/")[2] for m in mine}:
        assert console.post(f"{CHASE}/sealed/{link}", purpose=PURPOSE).status_code == 404
    assert console.get(f"{CHASE}/sealed/0000").status_code == 404
    assert opened(console) == []


def test_opening_wants_proof_of_our_own_page(console):
    answer = console.browser().post(person(console)[0], data={"purpose": PURPOSE, "csrf": "x"})
    assert answer.status_code == 403
    assert opened(console) == []
