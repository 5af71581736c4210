"""Pages of outreach: what officers prepare, agree to and see; and that nobody's number is on them
(REQ-71 to 78)."""

from __future__ import annotations

import re
from typing import Any

import outreach_told
import pytest
from outreach_told import ASKED, BOOKLET, SMS

from qalqan.register import orm

BOSS, OFFICER = "a.nurlanova", "d.ospanov"
PEOPLE = re.compile(r"(tel|per|acc|nam)_[a-z2-7]{24}|\+?7\s?701\s?555")
PATHS = (
    "/outreach", f"/outreach/{SMS}", f"/outreach/{ASKED}", f"/outreach/{BOOKLET}",
    "/outreach/segments", "/outreach/materials", "/outreach/texts", "/outreach/consents",
)  # fmt: skip
PLAN = {
    "title": "Жаңа науқан", "methods": ["28"], "channel": "booklet", "region": "KZ",
    "start": "2026-12-01", "last": "2026-12-31", "reach": "10 000", "budget": "25 000",
}  # fmt: skip


def campaign(console: Any, number: str) -> orm.OutreachCampaign:
    with console.app.state.database.session() as session:
        return session.get_one(orm.OutreachCampaign, number)


def post(console: Any, path: str, login: str = BOSS, **form: object) -> Any:
    return console.post(path, login, **form)


def test_no_page_shows_a_number_or_a_token(lived: Any) -> None:
    for path in PATHS:
        answer = lived.get(path, BOSS)
        assert answer.status_code == 200, path
        assert not PEOPLE.search(answer.text), path


def test_who_may_not_sees_and_does_nothing(lived: Any) -> None:
    for path in PATHS:
        assert lived.get(path, OFFICER).status_code == 403
    assert post(lived, "/outreach", OFFICER, **PLAN).status_code == 403
    assert post(lived, f"/outreach/{BOOKLET}/approve", OFFICER, yes="yes",
                version=0).status_code == 403  # fmt: skip


def test_effect_without_both_arms_is_called_not_measured(lived: Any) -> None:
    assert "Not measured: no comparison group." in lived.get("/outreach", BOSS).text


def test_both_arms_of_a_campaign_are_compared_in_a_sentence(lived: Any) -> None:
    page = lived.get(f"/outreach/{ASKED}", BOSS).text
    assert "Defrauded later: fewer among those who were shown it" in page
    assert "Stopped: it can&#39;t be told" in page


def test_a_cost_that_is_reckoned_says_so_until_another_is_told(lived: Any) -> None:
    assert "reckoned from the messages" in lived.get(f"/outreach/{SMS}", BOSS).text
    version = campaign(lived, SMS).version
    told = {"reach": "7", "cost": "600", "evidence": "Акт 3", "version": version}
    assert post(lived, f"/outreach/{SMS}/tell", **told).status_code == 303
    page = lived.get(f"/outreach/{SMS}", BOSS).text
    assert "reckoned from the messages" not in page
    assert "600" in page


def test_a_campaign_from_draft_to_result(lived: Any) -> None:
    made = post(lived, "/outreach", **PLAN)
    number = made.headers["location"].rpartition("/")[2]
    row = campaign(lived, number)
    assert (row.planned_reach, row.budget, row.state) == (10_000, 25_000_00, "draft")
    own = post(lived, f"/outreach/{number}/approve", yes="yes", version=row.version)
    assert own.status_code == 403  # whoever wrote it
    approved = post(lived, f"/outreach/{BOOKLET}/approve", yes="yes", version=1)
    assert approved.status_code == 409  # not as it was seen
    version = campaign(lived, BOOKLET).version
    path = f"/outreach/{BOOKLET}"
    assert post(lived, f"{path}/approve", yes="yes", version=version).status_code == 303
    for act, told in (
        ("move", {"act": "start"}),
        ("tell", {"reach": "200 000", "cost": "8 000 000", "evidence": "Акт 12"}),
        ("move", {"act": "end"}),
    ):
        version = campaign(lived, BOOKLET).version
        assert post(lived, f"{path}/{act}", version=version, **told).status_code == 303
    row = campaign(lived, BOOKLET)
    assert (row.state, row.reach, row.cost) == ("ended", 200_000, 8_000_000_00)
    assert "Акт 12" in lived.get(path, BOSS).text


@pytest.mark.parametrize(
    "more", [{"title": ""}, {"methods": []}, {"reach": "many"}, {"last": "2026-11-01"},
             {"start": "soon"}, {"channel": "sms"}]
)  # fmt: skip
def test_a_plan_that_can_not_be_is_told_on_the_page(lived: Any, more: dict[str, Any]) -> None:
    answer = post(lived, "/outreach", **{**PLAN, **more})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_segments_are_taken_as_a_file_without_people(lived: Any) -> None:
    told = {"period": "2026-10", "rows": "region", "columns": "age"}
    answer = post(lived, "/outreach/segments", kind="csv", **told)
    assert answer.headers["content-disposition"].endswith('"segments-2026-10.csv"')
    assert not PEOPLE.search(answer.text)
    assert post(lived, "/outreach/segments", kind="csv", **{**told, "rows": "x"}).status_code == 422
    for period in ("2026-10-05", "2026", "2026-11"):
        assert lived.get(f"/outreach/segments?period={period}", BOSS).status_code == 422


def test_texts_wait_for_another(lived: Any) -> None:
    with lived.app.state.database.session() as session:
        number = session.query(orm.OutreachText).one().id
    assert post(lived, f"/outreach/texts/{number}/decide", yes="yes").status_code == 303
    assert post(lived, f"/outreach/texts/{number}/decide", yes="no").status_code == 422
    wrong = {**outreach_told.NEW, "ru": "Осторожно!"}
    refused = post(lived, "/outreach/texts", key="28", **wrong)
    assert refused.status_code == 422
    assert "Осторожно!" in refused.text
    assert post(lived, "/outreach/texts", key="28", **outreach_told.NEW).status_code == 303


def test_consents_are_counted_and_few_are_not_told(lived: Any) -> None:
    told = {"phone": "8 701 777 00 01", "source": "Form 9", "language": "ru", "region": "KZ-71"}
    assert post(lived, "/outreach/consents", **told).status_code == 303
    page = lived.get("/outreach/consents", BOSS).text
    assert "fewer than five" in page
    assert "777" not in page
    assert post(lived, "/outreach/consents/end", phone=told["phone"]).status_code == 303
    assert post(lived, "/outreach/consents/end", phone=told["phone"]).status_code == 422
    assert post(lived, "/outreach/consents", **{**told, "phone": "102"}).status_code == 422


def test_materials_are_entered_and_taken_back(lived: Any) -> None:
    told = {
        "kind": "video", "title": "Бейне", "languages": ["kk"], "methods": ["28"], "place": "TV",
        "published": "2026-11-20", "publications": "4", "campaign": SMS,
    }  # fmt: skip
    assert post(lived, "/outreach/materials", **told).status_code == 303
    assert post(lived, "/outreach/materials", **{**told, "languages": []}).status_code == 422
    with lived.app.state.database.session() as session:
        number = session.query(orm.OutreachMaterial).filter_by(place="TV").one().id
    assert post(lived, f"/outreach/materials/{number}/withdraw").status_code == 303
    assert "Бейне" not in lived.get("/outreach/materials", BOSS).text


def test_an_operator_is_asked_once(lived: Any) -> None:
    for _ in range(2):
        assert post(lived, f"/outreach/{ASKED}/mail", partner="jol").status_code == 303
    assert post(lived, f"/outreach/{ASKED}/mail", partner="aqjol").status_code == 422
    assert post(lived, f"/outreach/{SMS}/mail", partner="dala").status_code == 409
    with lived.app.state.database.session() as session:
        assert session.query(orm.OutreachMailing).count() == 2
