"""The tabs of a case: identifiers, tasks and notes, documents, the graph, closing it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from qalqan.cases import seen
from qalqan.register import orm
from qalqan.web.console.keys_page import KEYS

CASE = "/cases/C-26-000002"
TABS = ("", "/entities", "/orders", "/evidence", "/tasks", "/documents", "/graph", "/statements")


def text(answer):
    return unescape(answer.text).replace("\u00a0", " ")


def marks(console, kind):
    with console.app.state.database.session() as session:
        found = [e for e in seen.of_case(session, "C-26-000002") if e.kind == kind]
    return [seen.mark_of(entity.subject) for entity in found if entity.source != "victim"]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_tab_is_a_page_for_each_role_that_sees_cases(console, language):
    for tab in TABS:
        for login in ("d.ospanov", "g.audit", "s.oper"):
            answer = console.get(CASE + tab, login, language)
            allowed = tab != "/statements" or login != "g.audit"
            assert answer.status_code == (200 if allowed else 403), (tab, login)
            if allowed:
                assert f'href="{CASE}/entities"' in answer.text
                assert 'aria-current="page"' in answer.text
                assert "style=" not in answer.text


def test_identifiers_are_added_taken_back_and_looked_up(console):
    bad = console.post(f"{CASE}/entities", kind="ip", value="<b>x</b>", note="")
    assert bad.status_code == 422
    assert "&lt;b&gt;x&lt;/b&gt;" in bad.text
    assert console.post(f"{CASE}/entities", kind="handle", value="@Qarjy_Kerek").status_code == 303
    assert "telegram:qarjy_kerek" in console.get(f"{CASE}/entities").text
    (mark,) = marks(console, "handle")
    assert "First time" in text(console.get(f"{CASE}/entities/{mark}"))
    assert console.post(f"{CASE}/entities/{mark}/remove").status_code == 303
    assert "qarjy_kerek" not in console.get(f"{CASE}/entities").text
    assert console.get(f"{CASE}/entities/{mark}").status_code == 404
    assert console.post(f"{CASE}/entities", "e.kim", kind="ip", value="8.8.8.8").status_code == 403


def test_an_account_goes_to_the_register_of_drops_and_an_organiser_waits_for_a_second(console):
    mark = marks(console, "account")[0]
    path = f"{CASE}/entities/{mark}/drop"
    assert console.post(path, role="organiser", note="Gathers").headers["location"] == (
        "/drops/D-26-000001"
    )
    drop = "/drops/D-26-000001"
    assert "Waits for a second person" in text(console.get(drop))
    assert console.post(f"{drop}/agree", yes="yes").status_code == 403
    assert console.post(f"{drop}/agree", "b.seitkali", yes="yes").status_code == 303
    assert "Seen as an organiser" in text(console.get(drop))
    wrong = console.post(f"{drop}/status", status="charged", day="2025-01-01", article="232-1")
    assert wrong.status_code == 422
    assert "in force on that day" in text(wrong)
    told = {"status": "charged", "day": "2026-11-20", "article": "232-1"}
    assert console.post(f"{drop}/status", **told).status_code == 303
    assert console.post(f"{drop}/status", **told).status_code == 409
    assert console.post(f"{drop}/channels", kind="handle", value="t.me/kuryer1").status_code == 303
    for language, words in (("kk", "Айып тағылған"), ("ru", "Предъявлено обвинение")):
        page = text(console.get(drop, language=language))
        assert words in page
        assert "telegram:kuryer1" in page
    assert "D-26-000001" in console.get("/drops?role=organiser").text
    assert "D-26-000001" not in console.get("/drops?role=recruiter").text
    assert "D-26-000001" in console.get(CASE).text


def test_a_drop_is_named_found_by_name_and_the_name_opened_for_a_purpose(console):
    drop = console.post(
        f"{CASE}/entities/{marks(console, 'account')[0]}/drop", role="drop", note="Passes on"
    ).headers["location"]
    assert console.post(f"{drop}/name", name="12").status_code == 422
    assert console.post(f"{drop}/name", "e.kim", name="Қасымов Ерлан").status_code == 403
    assert console.post(f"{drop}/name", name="Қасымов Ерлан").status_code == 303
    page = console.get(drop).text
    assert "Қасымов" not in page
    for language, words in (("kk", "Дроптар"), ("ru", "Дропы"), ("en", "Drops")):
        found = console.get("/search?q=Касымов", language=language).text
        assert f'href="{drop}"' in found
        assert words in found
    link = re.search(rf'href="({CASE}/sealed/[0-9a-f]+)"', page)[1]
    assert "Қасымов" not in console.get(link).text
    opened = console.post(link, code="pretrial", words="to summon him for a talk")
    assert "Қасымов Ерлан" in opened.text


def test_tasks_and_notes_are_set_on_the_page_and_hostile_text_stays_text(console):
    hostile = "<script>alert(1)</script>\u202egnp"
    set_it = {"kind": "international", "title": hostile, "country": "ge", "due": "2026-12-01"}
    assert console.post(f"{CASE}/tasks", **set_it).status_code == 303
    assert console.post(f"{CASE}/tasks", kind="other", title="x", due="tomorrow").status_code == 422
    assert console.post(f"{CASE}/notes", words=hostile).status_code == 303
    page = console.get(f"{CASE}/tasks")
    assert "<script>alert" not in page.text
    assert page.text.count("&lt;script&gt;") >= 2
    assert "Georgia" in page.text
    assert (
        "&lt;script&gt;alert(1)"
        not in console.get(f"{CASE}/tasks", "g.audit").text.split('id="notes"')[1]
    )
    assert console.post(f"{CASE}/tasks/1/end", to="done", outcome="ok").status_code == 303
    assert console.post(f"{CASE}/tasks/1/end", to="cancelled").status_code == 409
    assert console.post(f"{CASE}/tasks/9/end", to="done").status_code == 404


def given(console, path, name, data, login="d.ospanov", **form):
    client = console.browser(login)
    sent = {"csrf": console.csrf(client), **form}
    return client.post(path, data=sent, files={"file": (name, data, "text/html")})


def test_a_document_comes_out_as_an_attachment_whatever_it_says_it_is(console):
    told = {"title": "Page <b>", "source": "Victim", "kind": "evidence"}
    page = b"<script>alert(1)</script>"
    name = '"; filename=x.exe\r\nX-Evil: 1.HTML'
    assert given(console, f"{CASE}/documents", name, page, **told).status_code == 303
    assert "Page &lt;b&gt;" in console.get(f"{CASE}/evidence").text
    read = f"{CASE}/documents/E-26-000001/read"
    assert console.post(read, purpose="x").status_code == 422
    assert console.post(read, "s.oper", purpose="to compare it").status_code == 403
    answer = console.post(read, purpose="to compare it")
    assert answer.content == page
    assert answer.headers["content-disposition"] == 'attachment; filename="E-26-000001.html"'
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    other = "/cases/C-26-000001/documents/E-26-000001/read"
    assert console.post(other, purpose="to compare it").status_code == 404
    custody = f"{CASE}/documents/E-26-000001/custody"
    assert console.post(custody, event="handed", words="to the expert").status_code == 303
    assert "to the expert" in console.get(f"{CASE}/evidence").text
    assert given(console, f"{CASE}/documents", "x", b"", **told).status_code == 422


def test_the_graph_is_the_same_each_time_and_its_table_its_equal(console):
    first, again = (console.get(f"{CASE}/graph.json").json() for _ in range(2))
    assert first == again
    nodes = {node["id"]: node for node in first["nodes"]}
    assert len({(node["x"], node["y"]) for node in first["nodes"]}) == len(nodes) <= 300
    assert all(edge["source"] in nodes and edge["target"] in nodes for edge in first["edges"])
    assert {"case", "report", "account", "person", "exit"} <= {n["kind"] for n in first["nodes"]}
    assert "acc_" not in str(first)
    table = text(console.get(f"{CASE}/graph"))
    for node in first["nodes"]:
        assert node["label"] in table
    for edge in first["edges"]:
        assert edge["why"].replace("\u00a0", " ") in table


def test_a_node_unfolds_to_the_other_cases_that_have_it(console):
    with console.app.state.database.write() as session:
        (row, *_) = session.query(orm.CaseEntity).filter_by(case_id="C-26-000002", kind="account")
        session.add(orm.CaseEntity(case_id="C-26-000001", kind="account", subject=row.subject,
                                   source="officer", told_by="x", first_us=1))  # fmt: skip
        mark = seen.mark_of(row.subject)
    found = console.get(f"{CASE}/graph.json?of=id:{mark}").json()
    assert [node["id"] for node in found["nodes"]] == [f"id:{mark}", "case:C-26-000001"]
    assert found["told"] == "1 node added"
    other = console.get(f"{CASE}/graph.json?of=case:C-26-000001").json()
    assert {"id:" + mark, "case:C-26-000001"} <= {node["id"] for node in other["nodes"]}
    assert console.get(f"{CASE}/graph.json?of=id:nothing").status_code == 404
    assert "In 1 other case" in text(console.get(f"{CASE}/entities"))


def test_a_case_is_numbered_told_and_closed_only_when_nothing_runs(console):
    assert console.post(f"{CASE}/number", number="x").status_code == 422
    assert console.post(f"{CASE}/number", number="262000031000123").status_code == 303
    assert console.post(f"{CASE}/story", words="Қоңырау шалған.").status_code == 303
    refused = console.post(f"{CASE}/close", reason="Money was returned")
    assert refused.status_code == 409
    assert "The case can't be closed yet: " in text(refused)
    page = text(console.get(CASE))
    assert "Pre-trial register number: 262000031000123" in page
    assert "Қоңырау шалған." not in page  # nobody has said yet what it is needed for
    mark = re.search(
        r'id="story".*?(/cases/C-26-000002/sealed/[0-9a-f]+)', console.get(CASE).text, re.S
    )
    assert "Қоңырау шалған." in text(console.post(mark[1], code="pretrial"))
    assert "Қоңырау шалған." in text(console.get(CASE))
    assert "Opened a value" in text(console.get(f"{CASE}/looked"))
    assert "Қоңырау шалған." not in text(console.get(CASE, "s.oper"))
    with console.app.state.database.write() as session:
        session.query(orm.Order).filter_by(case_id="C-26-000002").update({"state": "closed"})
    assert console.post(f"{CASE}/close", reason="Money was returned").status_code == 303
    assert "Case closed" in text(console.get(CASE))
    assert console.post(f"{CASE}/reopen", reason="A new witness came").status_code == 303


def test_a_statement_is_dropped_looked_at_and_taken(console):
    sheet = (
        "ИИК:;314:00005512\nЗа период с 22.11.2026 по 23.11.2026\nВходящий остаток:;0\n"
        "Дата;Дебет;Кредит;ИИК корреспондента\n23.11.2026 14:38;;424500,00;313:00007710\n"
        "Исходящий остаток:;424500,00\n"
    ).encode()
    path = f"{CASE}/statements"
    assert given(console, path, "x.csv", sheet, partner="nobody").status_code == 422
    assert given(console, path, "x.csv", b"nothing", partner="aqjol").status_code == 303
    assert console.get(f"{path}/E-26-000001?partner=aqjol").status_code == 422
    answer = given(console, path, "x.csv", sheet, partner="aqjol")
    page = text(console.get(answer.headers["location"]))
    assert "Balances and rows agree to the tiyn" in page
    assert "424 500 ₸" in page
    where = answer.headers["location"].partition("?")[0]
    assert console.post(where, partner="aqjol", take="answer").status_code == 303
    assert console.post(where, partner="aqjol", take="facts").status_code == 409
    assert "Bank statement taken" in text(console.get(CASE))


def test_every_key_that_is_told_for_a_case_does_something_there(console):
    told = next(keys for title, keys in KEYS if title == "keys.in_case")
    page = console.get(CASE).text
    codes = {f"Key{key}" for key, _ in told if len(key) == 1} | {f"Digit{n}" for n in range(1, 8)}
    assert {code for code in codes if f'data-key="{code}"' not in page} == set()
