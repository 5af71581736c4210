"""Accounts, joint teams and broken glass on pages: who reaches whom (REQ-18)."""

from __future__ import annotations

import re

import pytest

import story
from qalqan.clock import wall_us
from qalqan.register import orm, people, sessions
from qalqan.register.sessions import FRESH_US
from qalqan.text.catalogue import say

BOSS, REGIONAL, FAR = "a.nurlanova", "r.local", "f.abai"
CASE = "C-26-000002"
POSTS = (
    "/people", "/people/d.ospanov/role", "/people/d.ospanov/password", "/people/d.ospanov/factors",
    "/people/d.ospanov/lock", "/teams", "/teams/1/end", "/teams/1/people", "/glass/break",
    "/glass/1",
)  # fmt: skip


@pytest.fixture
def staffed(console):
    """Two more, all sessions fresh: a supervisor of the story's region, an operative elsewhere."""
    app = console.app.state
    with app.database.write() as session:
        for login, role, region in (
            (REGIONAL, "supervisor", "KZ-35"), (FAR, "operative", "KZ-10"),
        ):  # fmt: skip
            people.add_user(session, app.keys, login, login, story.PASSWORD, role, region)
            console.sessions[login] = sessions.open_one(session, login, None, "password")
        session.query(orm.Session).update({"proved_us": wall_us()})
    return console


def test_somebody_is_taken_in_and_changes_his_password_first(staffed):
    new = {"login": "n.new", "name": "Жаңа Адам", "role": "expert", "region": "KZ-75"}
    boss = staffed.browser(BOSS)
    new["csrf"] = staffed.csrf(boss)
    shown = boss.post("/people", data=new)
    given = re.search(r'class="once">([a-z2-7-]{19})<', shown.text)[1]
    assert given not in staffed.get("/people/n.new", BOSS).text
    browser = staffed.browser(None)
    browser.post("/sign-in", data={"login": "n.new", "password": given})
    assert browser.get("/cases").headers["location"].startswith("/account/password")
    again = boss.post("/people", data=new)
    assert again.status_code == 409
    assert "n.new" in again.text
    for wrong in ({"role": "king"}, {"region": "KZ-99"}, {"login": "не латиница"}, {"name": ""}):
        form = {**new, "login": "m.x", **wrong}
        assert boss.post("/people", data=form).status_code == 422, wrong


def test_a_role_is_changed_an_account_locked_and_reset(staffed):
    assert staffed.get("/cases", FAR).status_code == 200
    moved = staffed.post(f"/people/{FAR}/role", BOSS, role="operator", region="KZ-75")
    assert moved.headers["location"] == f"/people/{FAR}?done=role"
    assert staffed.get("/cases", FAR).status_code == 303, "his sessions ended"
    assert say("people.done.role", "en") in staffed.get(f"/people/{FAR}?done=role", BOSS).text
    for _ in range(2):  # said twice, done once
        assert staffed.post(f"/people/{FAR}/lock", BOSS).status_code == 303
    assert staffed.post(f"/people/{FAR}/unlock", BOSS).status_code == 303
    for path in ("password", "factors"):
        assert 'class="once"' in staffed.post(f"/people/{FAR}/{path}", BOSS).text
    assert staffed.post(f"/people/{FAR}/other", BOSS).status_code == 422


def test_nobody_reaches_beyond_his_region_or_himself(staffed):
    listed = staffed.get("/people", REGIONAL).text
    assert f"/people/{REGIONAL}" in listed
    assert f"/people/{FAR}" not in listed
    assert f"/people/{FAR}" in staffed.get("/people", BOSS).text
    for path in ("role", "password", "factors", "lock", "end"):
        form = {"role": "operator", "region": "KZ-35"} if path == "role" else {}
        assert staffed.post(f"/people/{FAR}/{path}", REGIONAL, **form).status_code == 404, path
        assert staffed.post(f"/people/{REGIONAL}/{path}", REGIONAL, **form).status_code == 403, path
    assert staffed.get(f"/people/{FAR}", REGIONAL).status_code == 404
    for login in ("d.ospanov", "g.audit", "e.kim", "s.oper"):
        assert staffed.get("/people", login).status_code == 403, login
        assert staffed.post(f"/people/{FAR}/lock", login).status_code == 403, login
    with staffed.app.state.database.session() as session:
        assert session.get_one(orm.User, FAR).active


def test_people_are_managed_after_a_fresh_proof(staffed):
    with staffed.app.state.database.write() as session:
        session.query(orm.Session).update({"proved_us": wall_us() - FRESH_US})
    asked = staffed.post(f"/people/{FAR}/lock", BOSS)
    assert asked.headers["location"].startswith("/account/proof")


def test_forms_of_other_sites_change_nothing(staffed):
    browser = staffed.browser(BOSS)
    forms = {"/glass/1": {"verdict": "right"}}
    for path in POSTS:
        assert browser.post(path, data=forms.get(path, {})).status_code == 403, path


def test_a_team_shares_a_case_across_regions(staffed):
    assert staffed.get(f"/cases/{CASE}", FAR).status_code == 403
    made = staffed.post("/teams", REGIONAL, name="Two regions", days=30)
    number = made.headers["location"].rpartition("-")[2]
    assert staffed.post(f"/teams/{number}/people", REGIONAL, of=FAR).status_code == 303
    assert staffed.post(f"/teams/{number}/cases", REGIONAL, of=CASE).status_code == 303
    assert staffed.get(f"/cases/{CASE}", FAR).status_code == 200
    assert "Two regions" in staffed.get("/teams", FAR).text
    assert f'action="/teams/{number}' not in staffed.get("/teams", FAR).text
    assert staffed.post(f"/teams/{number}/cases", FAR, of=CASE).status_code == 403
    assert staffed.post(f"/teams/{number}/people", REGIONAL, of="nobody").status_code == 404
    assert staffed.post("/teams", REGIONAL, name="x", days=30).status_code == 422
    staffed.post(f"/teams/{number}/end", REGIONAL)
    assert staffed.get(f"/cases/{CASE}", FAR).status_code == 403


def test_glass_is_broken_from_the_page_that_refuses_and_judged(staffed):
    refused = staffed.get(f"/cases/{CASE}", FAR)
    assert (refused.status_code, 'action="/glass/break"' in refused.text) == (403, True)
    short = staffed.post("/glass/break", FAR, case=CASE, reason="why")
    assert (short.status_code, "glass/break" in short.text) == (422, True)
    reason = "The same drop <b>pays</b> out here"
    opened = staffed.post("/glass/break", FAR, case=CASE, reason=reason)
    assert opened.headers["location"] == f"/cases/{CASE}"
    assert staffed.get(f"/cases/{CASE}", FAR).status_code == 200
    for act in (f"/cases/{CASE}/story", f"/cases/{CASE}/close", f"/cases/{CASE}/tasks"):
        acted = staffed.post(act, FAR, words="x", reason="nothing to do", title="x", kind="other")
        assert (acted.status_code, "opened in an emergency" in acted.text) == (403, True)
    taken = staffed.post("/queue/take", FAR, case=CASE)
    assert taken.status_code == 403
    assert staffed.get("/glass", FAR).status_code == 403
    waiting = staffed.get("/glass", BOSS).text
    assert "&lt;b&gt;pays" in waiting
    assert reason not in waiting
    number = re.search(r'action="/glass/(\d+)"', waiting)[1]
    judged = staffed.post(f"/glass/{number}", BOSS, verdict="wrong", note="no tie")
    assert judged.headers["location"] == "/glass?done=wrong"
    assert staffed.post(f"/glass/{number}", BOSS, verdict="right").status_code == 409
    assert say("glass.empty", "en") in staffed.get("/glass", BOSS).text


def test_who_may_not_break_glass_is_offered_nothing(staffed):
    with staffed.app.state.database.write() as session:
        session.get_one(orm.User, FAR).role = "prosecutor"
    assert "/glass/break" not in staffed.get(f"/cases/{CASE}", FAR).text
    assert staffed.post("/glass/break", FAR, case=CASE, reason="a good reason").status_code == 403
