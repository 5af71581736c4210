"""Pages of measures, of whether they helped, and of drafts of plans (REQ-25, 26, 77, 85, 93)."""

from __future__ import annotations

import re
from typing import Any

import measures_told
import pytest

from qalqan.register import orm

BOSS, OPER = "a.nurlanova", "s.oper"


@pytest.fixture
def told(console: Any) -> tuple[Any, str, str]:
    database, now = console.app.state.database, console.clock.now_us()
    return console, *measures_told.told(database, now)


def form(console: Any, path: str, login: str = BOSS, **values: object) -> Any:
    """A form as the page of this officer sends it."""
    browser = console.browser(login)
    token = re.search(r'name="csrf" value="([^"]+)"', browser.get("/keys").text)
    assert token is not None
    files = {"file": values.pop("file")} if "file" in values else None
    return browser.post(path, data={"csrf": token[1], **values}, files=files)


def test_what_is_late_stands_first_and_a_text_says_its_language(told: Any) -> None:
    console, measure, _ = told
    page = console.get("/measures", BOSS).text
    assert page.index("overdue") < page.index("Operators mark calls")
    assert "(Kazakh)" in page
    assert "Programme against cybercrime" in page
    late = console.get("/measures?shown=late", BOSS).text
    assert measure not in late


def test_measures_are_taken_in_by_form_and_file(told: Any) -> None:
    console, *_ = told
    body = {"key": "k", "name_en": "Delay loans", "owner": "ҰБ", "due_day": "2030-01-01"}
    made = form(console, "/measures", **body)
    assert made.status_code == 303
    assert form(console, "/measures", **body).headers["location"] == made.headers["location"]
    wrong = form(console, "/measures", **{**body, "key": "k2", "due_day": ""})
    assert wrong.status_code == 422
    assert "expected a day" in wrong.text
    csv = "name_kk,owner,due_day\nЕскерту,ІІМ,2030-01-01\nБос,,\n".encode()
    page = form(console, "/measures/file", file=("m.csv", csv, "text/csv"))
    assert "Line 3" in page.text
    assert form(console, "/measures/file", file=("m.csv", b"x", "text/csv")).status_code == 422
    out = form(console, "/measures/export")
    assert "Delay loans" in out.text
    assert form(console, "/measures", OPER, **body).status_code == 403
    plan = {"key": "p", "kind": "plan", "name_en": "A plan", "source": "Letter 7"}
    assert form(console, "/measures/programmes", **plan).status_code == 303
    assert form(console, "/measures/programmes", **{**plan, "kind": "x"}).status_code == 422
    assert form(console, "/measures/briefing").status_code == 303


def test_a_measure_moves_and_says_what_is_wrong(told: Any) -> None:
    console, measure, _ = told
    path = f"/measures/{measure}"
    assert form(console, f"{path}/move", event="drop", words="no").status_code == 422
    assert form(console, f"{path}/move", event="agree").status_code == 409
    shown = {"kind": "document", "reference": "Order 12"}
    assert form(console, f"{path}/evidence", **shown).status_code == 303
    assert form(console, f"{path}/evidence", kind="link", reference="x.kz").status_code == 422
    assert form(console, f"{path}/move", event="claim").status_code == 303
    assert form(console, f"{path}/move", event="agree").status_code == 403
    assert "a second person is needed" in console.get(path, BOSS).text
    assert form(console, "/measures/MS-26-000099/move", event="start").status_code == 404


def test_a_design_is_written_down_and_a_wrong_one_refused(told: Any) -> None:
    console, measure, _ = told
    path = f"/measures/{measure}/design"
    good = {"start": "2030-01", "methods": "28, 31", "against": "methods", "comparison": "27"}
    assert form(console, path, **good).status_code == 303
    page = console.get(f"/measures/{measure}", BOSS).text
    assert "Version 2" in page
    assert "written down after the start" in page
    for wrong in ({"start": "2030"}, {"before": "x"}, {"methods": "99"}, {"comparison": "28"}):
        assert form(console, path, **{**good, **wrong}).status_code == 422


def test_a_fall_made_up_elsewhere_is_no_success(told: Any) -> None:
    console, measure, _ = told
    measures_told.reports(console.app.state.database, console.clock.now_us())
    page = console.get(f"/measures/{measure}/effect", BOSS).text
    assert "What the measure aims at fell" in page
    assert "no ground to speak of success" in page
    assert "no comparison group" in page  # before and after alone says so
    assert "Simulated data" in page
    assert "may have been chosen by its result" in page
    judged = console.get("/measures?shown=judged", BOSS).text
    assert "Measures judged: 1;" in judged
    assert "rose</span>" in judged  # the net change, beside all other measures
    assert "rose</span>" not in console.get("/measures", BOSS).text
    assert page.count("<svg") > 2
    assert 'style="' not in page


def test_few_reports_can_not_be_told_and_no_design_says_so(told: Any) -> None:
    console, measure, _ = told
    page = console.get(f"/measures/{measure}/effect", BOSS).text
    assert "It can&#39;t be told" in page
    bare = console.app.state.database
    with bare.session() as session:
        other = session.query(orm.Measure).filter(orm.Measure.id != measure).first().id
    assert "was not written down" in console.get(f"/measures/{other}/effect", BOSS).text


def test_a_plan_goes_round_and_each_comment_is_answered(told: Any) -> None:
    console, _, plan = told
    path = f"/plans/{plan}"
    page = console.get(path, BOSS).text
    assert "Not heard from yet" in page
    (comment,) = re.findall(r'name="comment" value="(\d+)"', page)
    body = {"comment": comment, "accepted": "yes"}
    assert form(console, f"{path}/answer", **body, reason="").status_code == 422
    assert form(console, f"{path}/answer", **body, reason="It stands in item 2").status_code == 303
    assert form(console, f"{path}/text", language="kk", text="x" * 30).status_code == 409
    assert form(console, f"{path}/comment", body="Nobody", words="x").status_code == 422
    assert form(console, f"{path}/close").status_code == 303
    assert "said nothing" in console.get(path, BOSS).text
    assert form(console, f"{path}/text", language="kk", text="Жаңа мәтін. " * 3).status_code == 303
    assert form(console, f"{path}/round", due_day="2030-01-01").status_code == 303
    assert form(console, "/plans", key="n", title="x", bodies="").status_code == 422
    begun = form(console, "/plans", key="n", title="Жаңа жоспар", bodies="ҰБ\nІІМ")
    assert begun.status_code == 303
    assert form(console, "/plans", OPER, key="n", title="Жоспар", bodies="ҰБ").status_code == 403
