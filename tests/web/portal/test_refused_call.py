"""A refused caller writes to the centre, learns everybody's rule and nothing else, and an officer
decides (REQ-45, 44; docs/decisions/0016)."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from qalqan import clock
from qalqan.clock import DAY
from qalqan.register import indicators, people, throttle, vault
from qalqan.register.orm import Audit, CallAppeal
from qalqan.register.sessions import user_by_session
from qalqan.screening.call_policy import default_body
from qalqan.text.catalogue import LANGUAGES, say
from qalqan.trust import tokens
from qalqan.work import call_tables
from qalqan.work.call_tables import card_path
from web.conftest import PASSWORD

PATH = "/calls/refused"
CITY, FOREIGN, MINE = "+77272500001", "+37120000000", "8 727 250-00-01"
LISTS = """
[operators]
dala = "Dala"
[[trunks]]
name = "abroad"
class = "international"
addresses = ["127.0.0.1"]
[[trunks]]
name = "peer"
class = "domestic"
addresses = ["127.0.0.2"]
"""


def ask(web: Any, path: str = PATH, language: str = "en") -> Any:
    return web.get(path, headers={"Accept": "text/html", "Accept-Language": language})


def write(web: Any, language: str = "en", **more: str) -> Any:
    """The form, filled in and sent from our page."""
    form = dict(re.findall(r'name="(key|about)"[^>]*value="([^"]+)"', ask(web).text))
    form |= {"number": MINE, "place": "abroad", "words": "Our help desk is abroad",
             "contact": "desk@cell.example"}  # fmt: skip
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Accept-Language": language}
    return web.post(PATH, data=form | more, headers=headers)


def block(web: Any, number: str, by: tuple[str, ...] = ("asel", "daniyar")) -> str:
    """Two people list a number; its token."""
    with web.database.write() as session:
        token: str = vault.keep(session, web.keys, "phone", number)
        until = clock.now_us() + DAY
        entry = indicators.Entry("phone", token, "block", "kz.x", "Seen twice", "C-1", until)
        indicators.put(session, entry, by)
    return token


def tables(web: Any, folder: Path) -> Path:
    """The centre's own tables, with every rule of the default policy live."""
    with web.database.write() as session:
        call_tables.install(session, default_body(), ["a", "b"])
    (folder / "calls.toml").write_text(LISTS)
    path = call_tables.tables_path(web.http.app.state.settings)
    call_tables.make_of(web.database, web.keys, web.http.app.state.settings, folder)
    return path


def officer(web: Any, login: str = "marat", role: str | None = None) -> Any:
    """A browser of an officer's: `post(path, **form)` and `get(path)`."""
    if role is not None:
        with web.database.write() as session:
            people.add_user(session, web.keys, login, login, PASSWORD, role, "KZ")
    secret = people.sign_in(web.database, login, PASSWORD)
    with web.database.session() as session:
        csrf = user_by_session(session, secret).csrf
    head = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Accept-Language": "en",
            "Cookie": f"qalqan_session={secret}"}  # fmt: skip

    class Browser:
        def get(self, path: str) -> Any:
            return web.http.get(path, headers=head, follow_redirects=False)

        def post(self, path: str, **form: str) -> Any:
            data = {"csrf": csrf, **form}
            return web.http.post(path, headers=head, data=data, follow_redirects=False)

    return Browser()


def kept(web: Any) -> CallAppeal:
    with web.database.session() as session:
        return session.scalars(select(CallAppeal)).one()


def test_the_page_is_plain_and_in_the_reader_s_language(web: Any) -> None:
    for number, language in enumerate(LANGUAGES, 1):
        answer = ask(web, language=language)
        assert answer.status_code == 200
        assert "<script" not in answer.text
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert f'<html lang="{language}">' in answer.text
        assert say("refused.title", language) in answer.text
        taken = write(web, language)
        assert taken.status_code == 201
        assert say("refused.rule.fixed", language) in unescape(taken.text)
        id_ = re.search(r"K-\d\d-\d{6}", taken.text)
        assert id_ is not None
        assert int(id_[0][-6:]) == number
        with web.database.session() as session:
            assert session.get_one(CallAppeal, id_[0]).language == language


def test_what_he_tells_is_sealed(web: Any) -> None:
    write(web, called="+7 701 111 11 11", network="Far net, desk +7 701 234 56 78")
    row = kept(web)
    assert row.number == tokens.token(web.keys, "phone", CITY)
    assert row.called == tokens.token(web.keys, "phone", "+77011111111")
    assert tokens.klass_of(row.words) == tokens.klass_of(row.contact) == "words"
    assert "701" not in row.network
    assert (row.state, row.due_us - row.received_us) == ("open", 2 * clock.HOUR)


def test_the_answer_tells_nothing_of_the_number(web: Any, tmp_path: Path) -> None:
    """Whether it is listed, found, ported, or unknown, and whatever counts: the same bytes."""
    block(web, "+77272500002")
    said = []
    for number in ("+77272500002", "+77272500003", "+77272500002"):
        answer = write(web, number=number)
        assert answer.status_code == 201
        said.append(re.sub(r"K-26-\d{6}", "K", answer.text))
        if len(said) == 2:
            tables(web, tmp_path)
    assert said[0] == said[1] == said[2]


RULES = (
    ("+77272500001", "abroad", "fixed"), ("+77272500001", "home", "home"),
    ("8 701 123 45 67", "abroad", "mobile"), ("+77511234567", "abroad", "network"),
    ("1414", "abroad", "short"), ("+71001234567", "abroad", "nobodys"),
    ("+77031234567", "abroad", "nobodys"), ("+442079460018", "abroad", "foreign"),
    ("+79161234567", "abroad", "foreign"), ("+79161234567", "unknown", "unknown"),
)  # fmt: skip


def test_everybody_s_rule_follows_from_his_own_words(web: Any) -> None:
    for key, (number, place, rule) in enumerate(RULES):
        body = {"number": number, "about_us": clock.now_us(), "place": place, "words": "It is mine",
                "contact": "a@example.kz", "language": "kk"}  # fmt: skip
        head = {"Idempotency-Key": str(key)}
        answer = web.post("/v1/calls/appeals", "dala", json=body, headers=head)
        assert answer.status_code == 201
        assert answer.json()["rule"] == rule
        assert answer.json()["say"] == say(f"refused.rule.{rule}", "en")
    with web.database.session() as session:
        handed = set(session.scalars(select(CallAppeal.handed_by)))
    assert handed == {"partner:dala"}


def test_only_operators_hand_in_for_customers(web: Any) -> None:
    body = {"number": CITY, "about_us": clock.now_us(), "place": "abroad", "words": "It is mine",
            "contact": "a@example.kz", "language": "kk"}  # fmt: skip
    key = {"Idempotency-Key": "k"}
    assert web.post("/v1/calls/appeals", "altyn", json=body, headers=key).status_code == 403
    late = {**body, "about_us": clock.now_us() - 91 * DAY}
    answer = web.post("/v1/calls/appeals", "dala", json=late, headers=key)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "about")


WRONG = (
    ("number", "my phone"), ("place", "moon"), ("about", "soon"), ("about", "2020-01-01T00:00"),
    ("about", "0001-01-01T00:00"), ("words", "no"), ("contact", "x"), ("called", "his"),
)  # fmt: skip


def test_what_can_t_be_taken_is_told_beside_its_field(web: Any) -> None:
    for field, value in WRONG:
        answer = write(web, **{field: value})
        assert answer.status_code == 422
        place = answer.text.index('role="alert"')
        assert f'name="{field}"' in answer.text[:place]
        assert "desk@cell.example" in answer.text or field == "contact"
        assert answer.text.count('role="alert"') == 1


def test_another_site_s_form_is_refused_and_one_letter_counts_once(web: Any) -> None:
    form = {"key": "k", "number": MINE, "about": "2025-12-31T12:00", "place": "abroad",
            "words": "Our help desk is abroad", "contact": "desk@cell.example"}  # fmt: skip
    head = {"Accept": "text/html", "Sec-Fetch-Site": "cross-site"}
    assert web.post(PATH, data=form, headers=head).status_code == 403
    head = {"Accept": "text/html", "Origin": "https://other.example"}
    assert web.post(PATH, data=form, headers=head).status_code == 403
    first, again = (web.post(PATH, data=form, headers={"Accept": "text/html"}) for _ in range(2))
    assert (first.status_code, first.text) == (201, again.text)
    other = web.post(PATH, data=form | {"words": "Another thing"}, headers={"Accept": "text/html"})
    assert other.status_code == 409
    assert kept(web).id == "K-26-000001"


def test_letters_from_one_network_are_counted(web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "LETTERS_NETWORK", 2)
    assert [write(web, language="en").status_code for _ in range(3)] == [201, 201, 429]
    with web.database.write() as session:
        throttle.write_in(session, "198.51.100.0/24")


def test_the_card_is_served_where_there_is_one(web: Any) -> None:
    assert ask(web, "/calls/card").status_code == 404
    path = card_path(web.http.app.state.settings)
    path.parent.mkdir(exist_ok=True)
    path.write_text("a.b.c")
    answer = web.get("/calls/card")
    assert (answer.text, answer.headers["content-type"]) == ("a.b.c", "application/jose")


def test_an_officer_opens_it_and_the_verdict_is_asked_anew(web: Any, tmp_path: Path) -> None:
    tables(web, tmp_path)
    write(web)
    browser = officer(web, "dana", "operative")
    assert 'href="/appeals/calls/K-26-000001"' in browser.get("/appeals").text
    page = browser.get("/appeals/calls/K-26-000001").text
    assert "…0001" in page
    assert CITY not in page
    assert "help desk" not in page
    opened = unescape(browser.post("/appeals/calls/K-26-000001/open").text)
    assert CITY in opened
    assert "Our help desk is abroad" in opened
    assert "calls.fixed_from_abroad" in opened
    assert say("screen.calls.fixed_from_abroad", "en") in opened
    assert "policy 1" in opened
    assert "peer" not in opened  # he said that he called from abroad
    with web.database.session() as session:
        reveals = session.scalars(select(Audit.purpose).where(
            Audit.actor == "dana", Audit.action == "reveal")).all()  # fmt: skip
    assert reveals == ["K-26-000001: appeal"] * 3
    assert browser.get("/appeals/calls/K-26-000009").status_code == 404


def test_who_may_look_and_who_may_decide(web: Any) -> None:
    write(web)
    block(web, CITY, ("asel", "dana"))
    told = {"version": "0", "decision": "upheld.unlisted", "words": "Listed by mistake"}
    desk, lister = officer(web, "olga", "operator"), officer(web, "dana", "operative")
    path = "/appeals/calls/K-26-000001"
    assert desk.get(path).status_code == 200
    assert desk.post(f"{path}/open").status_code == 403
    assert desk.post(path, **told).status_code == 403
    assert 'name="decision"' not in lister.get(path).text
    assert lister.post(path, **told).status_code == 403
    with web.database.session() as session:
        assert len(indicators.live(session, clock.now_us())) == 1
    judge = officer(web, "erlan", "investigator")
    for wrong in ({"decision": ""}, {"decision": "upheld.rule_right"}, {"words": "x"}):
        assert judge.post(path, **told | wrong).status_code == 422
    assert judge.post(path, **told | {"version": "7"}).status_code == 409
    assert judge.post(path, **told).status_code == 303
    assert judge.post(path, **told).status_code == 303  # the same again
    assert judge.post(path, **told | {"decision": "dismissed.rule_right"}).status_code == 409
    with web.database.session() as session:
        assert indicators.live(session, clock.now_us()) == []
    assert kept(web).decided_by == "erlan"


def test_a_number_that_nobody_listed_can_t_be_unlisted(web: Any) -> None:
    write(web)
    judge = officer(web, "erlan", "investigator")
    told = {"version": "0", "decision": "upheld.unlisted", "words": "Listed by mistake"}
    page = judge.post("/appeals/calls/K-26-000001", **told)
    assert page.status_code == 422
    assert say("expected.refused.not_listed", "en") in page.text
    assert kept(web).state == "open"
    assert 'value="upheld.unlisted"' not in page.text


def test_the_answer_is_in_the_caller_s_language(web: Any) -> None:
    write(web, language="kk")
    judge = officer(web, "erlan", "investigator")
    path = "/appeals/calls/K-26-000001"
    told = {"version": "0", "decision": "dismissed.rule_right", "words": "Ережені түсіндірдік"}
    assert judge.post(path, **told).status_code == 303
    page = unescape(judge.post(f"{path}/open").text)
    assert '<div class="letter" lang="kk">' in page
    assert say("refused.letter.rule_right", "kk") in page
    assert "Ережені түсіндірдік" in page


def test_what_is_late_is_told_to_those_who_give_out_work(web: Any) -> None:
    write(web)
    boss = officer(web, "asel")
    assert say("refused.officer.late", "en", n=1) not in boss.get("/escalated").text
    web.clock.set(web.clock.now_us() + 3 * clock.HOUR)
    assert say("refused.officer.late", "en", n=1) in unescape(boss.get("/escalated").text)
    assert (
        say("refused.officer.late", "en", n=1) not in officer(web, "marat").get("/escalated").text
    )
