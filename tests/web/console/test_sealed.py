"""Values are sealed; one is opened for a purpose, and the audit keeps it (DESIGN section 7, 5)."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from markupsafe import escape

import story
from qalqan.errors import NotAllowed
from qalqan.register import blocking, orm
from qalqan.register.orm import Audit
from qalqan.text.catalogue import say

CHASE = "/cases/C-26-000002"
PURPOSE = "to call the bank and confirm the hold"


def links(console, case="C-26-000002", login="d.ospanov"):
    return re.findall(
        rf'href="(/cases/{case}/sealed/[0-9a-f]+)"', console.get(f"/cases/{case}", login).text
    )


def person(console):
    """Where the victim's IIN and words are opened."""
    found = re.findall(r'class="vault">.*?href="([^"]+)"', console.get(CHASE).text, re.S)
    titled = {
        klass: next(link for link in found if title in console.get(link, language="en").text)
        for klass, title in (
            (klass, escape(say(f"console.sealed.title.{klass}", "en")))
            for klass in ("person", "words")
        )
    }
    return titled["person"], titled["words"]


def opened(console):
    with console.app.state.database.session() as session:
        rows = session.query(Audit).filter(Audit.action == "reveal", Audit.actor != "machine")
        return [(row.actor, row.purpose) for row in rows]


def test_an_iin_is_shown_once_for_a_purpose(console):
    iin, words = person(console)
    assert story.IIN not in console.get(iin).text
    answer = console.post(iin, code="pretrial", words=PURPOSE)
    assert story.IIN in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert opened(console) == [("d.ospanov", f"C-26-000002: pretrial: {PURPOSE}")]
    assert story.IIN not in console.get(iin).text
    assert story.WORDS in console.post(words, code="pretrial", words=PURPOSE).text


def test_every_account_of_the_page_can_be_opened(console):
    found = [
        console.post(link, code="pretrial", words=PURPOSE).text
        for link in sorted(set(links(console)))
    ]
    for account in (story.VICTIM, story.FIRST, story.THIRD, story.FIFTH, story.FOURTH):
        assert sum(account in text for text in found) == 1


@pytest.mark.parametrize(
    ("form", "expects"),
    [
        ({}, "expected.console.purpose_code"),
        ({"code": "other"}, "expected.console.purpose"),
        ({"code": "other", "words": " a  b  "}, "expected.console.purpose"),
        ({"code": "victim", "words": "й" * 161}, "expected.console.purpose"),
        ({"code": "curiosity"}, "expected.one_of"),
    ],
)
def test_without_a_purpose_nothing_opens(console, form, expects):
    for language in ("kk", "ru", "en"):
        console.language = language
        answer = console.post(person(console)[0], **form)
        assert answer.status_code == 422
        first = say(expects, language, shortest="", longest="", choices="").split(":")[0][:12]
        assert first in answer.text
        assert story.IIN not in answer.text
    assert opened(console) == []


def test_the_purpose_is_asked_once_a_session_and_case(console):
    iin, words = person(console)
    assert 'name="code"' in console.get(iin).text
    assert story.IIN in console.post(iin, code="victim").text
    again = console.get(words).text
    assert escape(say("record.purpose.victim", "en")) in again
    assert story.WORDS in console.post(words).text
    assert story.WORDS in console.post(words, code="appeal", words="their appeal of Monday").text
    assert [purpose for _, purpose in opened(console)] == [
        "C-26-000002: victim", "C-26-000002: victim", "C-26-000002: appeal: their appeal of Monday",
    ]  # fmt: skip
    # Another case, another session: it is asked again.
    other = links(console, "C-26-000001")[0]
    assert console.post(other).status_code == 422
    assert console.post(iin, "a.nurlanova").status_code == 422


def test_what_is_gone_or_blocked_says_so(console):
    iin, words = person(console)
    with console.app.state.database.write() as session:
        report = session.query(orm.Report).filter_by(case_id="C-26-000002").one()
        entry = session.get(orm.VaultEntry, report.words)
        gone = {"token": entry.token, "batch": entry.batch, "number": 1, "at_us": story.at("10:00")}
        session.add(orm.VaultGone(**gone))
        session.delete(entry)
        auditor = SimpleNamespace(login="g.audit", role="auditor", region="KZ")
        blocking.block(session, auditor, report.victim, "the person disputes it")
    assert say("record.gone", "en", day="").split(".")[0][:20] in console.get(words).text
    assert console.post(words, code="victim").status_code == 404
    assert "has been blocked since" in console.get(iin).text
    assert console.post(iin, code="victim").status_code == 403
    with console.app.state.database.write() as session:
        clerk = SimpleNamespace(login="d.ospanov", role="investigator", region="KZ")
        with pytest.raises(NotAllowed):
            blocking.unblock(session, clerk, report.victim, "I need it today")
        blocking.unblock(session, auditor, report.victim, "the dispute is settled")
    assert story.IIN in console.post(iin, code="victim").text


@pytest.mark.parametrize("login", ["g.audit", "s.oper"])
def test_who_may_not_sees_no_link_and_opens_nothing(console, login):
    link = person(console)[0]
    assert links(console, login=login) == []
    assert console.get(link, login).status_code == 403
    assert console.post(link, login, code="pretrial", words=PURPOSE).status_code == 403
    assert opened(console) == []


def test_a_value_of_another_case_is_not_found_here(console):
    mine, theirs = set(links(console)), set(links(console, "C-26-000001"))
    for link in {each.rpartition("/")[2] for each in theirs} - {m.rpartition("/")[2] for m in mine}:
        assert (
            console.post(f"{CHASE}/sealed/{link}", code="pretrial", words=PURPOSE).status_code
            == 404
        )
    assert console.get(f"{CHASE}/sealed/0000").status_code == 404
    assert opened(console) == []


def test_opening_wants_proof_of_our_own_page(console):
    answer = console.browser().post(person(console)[0], data={"code": "pretrial", "csrf": "x"})
    assert answer.status_code == 403
    assert opened(console) == []
