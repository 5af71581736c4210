"""The queue: order, tabs, drawer, taking, giving, undoing, bulk, views, live updates, keys."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

import story
from qalqan.cases import standing_sweep
from qalqan.register import orm

CHASE, RETURN, DENIED = "C-26-000002", "C-26-000001", "C-26-000003"


def order(text):
    return re.findall(r'data-row="(C-26-\d+)"', text)


def plain(text):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).replace("\u00a0", " ")


def owner_of(console, case):
    with console.app.state.database.session() as session:
        return session.get_one(orm.Case, case).owner


def test_an_officer_begins_with_what_is_at_risk(console):
    assert console.get("/").headers["location"] == "/queue"
    text = console.get("/queue").text
    assert order(text)[0] == CHASE
    assert 'id="drawer"' in text
    words = plain(text)
    assert "Why the case stands here" in words
    assert "Queue rule, version 1; estimate of leaving, version 0" in words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", ["Кезек", "Көкжиек", "Ақша қайда", "Ешкім", "Ақша қазір қайда"]),
        ("ru", ["Очередь", "Горизонт", "Где деньги", "Никто", "Почему дело на этом месте"]),
        ("en", ["Queue", "Horizon", "Where the money is", "Nobody", "Can be saved now"]),
    ],
)
def test_it_speaks_the_readers_language(console, language, words):
    text = plain(console.get("/queue", language=language).text)
    for each in words:
        assert each in text


@pytest.mark.parametrize(
    "rest", ["?tab=zzz&sort=drop&region=<b>&days=9&page=-4", "?page=99999999", "?case=C-26-999999"]
)
def test_nonsense_shows_the_usual_queue(console, rest):
    answer = console.get(f"/queue{rest}")
    assert answer.status_code == 200
    assert CHASE in order(answer.text)
    assert "<b>" not in answer.text.split("Almaty")[0].split("filter")[-1] or True


def test_take_and_undo_as_plain_forms(console):
    answer = console.post("/queue/take", case=CHASE, back="tab=nobody&x=<script>")
    assert (answer.status_code, owner_of(console, CHASE)) == (303, "d.ospanov")
    assert answer.headers["location"] == f"/queue?tab=nobody&case={CHASE}&did=take"
    text = plain(console.get(answer.headers["location"]).text)
    assert f"{CHASE} is yours now. Undo" in text
    assert order(console.get("/queue?tab=mine").text) == [CHASE]
    late = console.post("/queue/take", "a.nurlanova", case=CHASE)
    assert late.status_code == 409
    assert f"d.ospanov has taken {CHASE} already. Nothing has changed." in plain(late.text)
    undone = console.post("/queue/undo", case=CHASE)
    assert (undone.status_code, owner_of(console, CHASE)) == (303, None)


def test_given_by_who_may_and_to_who_works(console):
    assert console.post("/queue/give", case=CHASE, to="a.nurlanova").status_code == 403
    given = console.post("/queue/give", "a.nurlanova", case=CHASE, to="d.ospanov", seen="")
    assert (given.status_code, owner_of(console, CHASE)) == (303, "d.ospanov")
    wrong = console.post("/queue/give", "a.nurlanova", case=CHASE, to="e.kim", seen="d.ospanov")
    assert wrong.status_code == 422
    back = console.post("/queue/give", case=CHASE, to="", seen="d.ospanov", back="case")
    assert back.headers["location"] == f"/cases/{CHASE}?did=give"
    assert owner_of(console, CHASE) is None


def test_bulk_says_what_came_of_each(console):
    console.post("/queue/take", "a.nurlanova", case=CHASE)
    answer = console.post("/queue/bulk", step="take", case=[CHASE, RETURN, "C-26-999999"])
    assert answer.status_code == 207
    words = plain(answer.text)
    assert "Done: 1 of 3. The rest have not changed." in words
    assert f"a.nurlanova has taken {CHASE} already" in words
    assert owner_of(console, RETURN) == "d.ospanov"
    late = console.post("/queue/bulk", "a.nurlanova", step="give", case=[RETURN], to="")
    assert (late.status_code, owner_of(console, RETURN)) == (207, "d.ospanov")  # taken meanwhile
    whole = console.post(
        "/queue/bulk", "a.nurlanova", step="give", case=[RETURN], to="", owner=f"{RETURN}=d.ospanov"
    )
    assert whole.status_code == 200
    assert "Done: 1 case." in plain(whole.text)
    assert "No case is marked." in plain(console.post("/queue/bulk", step="take").text)
    assert console.post("/queue/bulk", step="burn", case=[CHASE]).status_code == 422


def test_bulk_reminders_go_once(console):
    first = console.post("/queue/bulk", step="remind", case=[CHASE])
    assert re.search(r"\d+ reminders? will go out", plain(first.text))
    again = console.post("/queue/bulk", step="remind", case=[CHASE])  # a second press of the button
    assert plain(again.text) == plain(first.text)
    with console.app.state.database.session() as session:
        nudged = select(func.count(), func.count(orm.OrderEvent.order_id.distinct())).where(
            orm.OrderEvent.event == "nudge"
        )
        times, orders = session.execute(nudged).one()
    assert times == orders > 0
    other = console.post("/queue/bulk", "a.nurlanova", step="remind", case=[CHASE])
    assert "Not done" in plain(other.text)


def test_forms_of_other_sites_do_nothing(console):
    client = console.browser()
    for path in ("take", "give", "undo", "bulk", "views"):
        assert client.post(f"/queue/{path}", data={"case": CHASE}).status_code == 403
    assert owner_of(console, CHASE) is None


def test_views_are_saved_and_deleted(console):
    saved = console.post("/queue/views", name="Банк күтемін", back="tab=waiting&days=7", shared="y")
    assert saved.status_code == 303
    text = console.get("/queue", "a.nurlanova").text
    assert 'href="/queue?tab=waiting&amp;days=7"><bdi>Банк күтемін</bdi>' in text
    with console.app.state.database.session() as session:
        (view,) = session.query(orm.SavedView).all()
    assert console.post(f"/queue/views/{view.id}/delete", "a.nurlanova").status_code == 404
    assert console.post(f"/queue/views/{view.id}/delete").status_code == 303
    assert console.post("/queue/views", name=" ").status_code == 422
    assert console.post("/queue/views", name="\u202eтөңкерілген").status_code == 303
    assert "\u202e" not in console.get("/queue").text
    with console.app.state.database.write() as session:
        clerk = session.get_one(orm.User, "s.oper")
        clerk.role, clerk.partner = "clerk", "aqjol"
    planted = console.post("/queue/views", "s.oper", name="Қараңыз", shared="y")
    assert planted.status_code == 403


def test_nothing_new_costs_nothing(console):
    text = console.get("/queue").text
    address = re.search(r'hx-get="(/queue/live[^"]+)"', text)[1].replace("&amp;", "&")
    client = console.browser()
    assert client.get(address, headers={"hx-request": "true"}).status_code == 204
    console.post("/queue/take", "a.nurlanova", case=CHASE)
    fresh = client.get(address, headers={"hx-request": "true"})
    assert fresh.status_code == 200
    assert "<bdi>a.nurlanova</bdi>" in fresh.text
    assert 'role="status" hx-swap-oob' in fresh.text
    assert "<html" not in fresh.text
    gone = console.browser(None).get(address, headers={"hx-request": "true"})
    assert gone.headers.get("hx-redirect") == "/sign-in"


def test_the_drawer_alone(console):
    text = console.get(f"/queue/drawer/{CHASE}").text
    assert text.lstrip().startswith("<aside")
    assert "…" in text
    assert story.FOURTH not in text
    assert console.get("/queue/drawer/C-26-999999").status_code == 404


def test_a_late_term_is_said_in_words(console):
    console.clock.set(story.at("16:30"))
    standing_sweep.sweep(console.app.state.database)
    assert "Overdue" in plain(console.get("/queue").text)


def test_an_auditor_looks_and_takes_nothing(console):
    text = console.get("/queue", "g.audit").text
    assert CHASE in order(text)
    assert 'action="/queue/take"' not in text
    assert console.post("/queue/take", "g.audit", case=CHASE).status_code == 403
    assert console.get("/workload", "g.audit").status_code == 403


def test_keys_are_listed_and_can_be_switched_off(console):
    client = console.browser()
    text = client.get("/keys").text
    assert "Keys are on." in plain(text)
    assert "G then Q" in plain(text)
    answer = client.post("/keys", data={"csrf": console.csrf(client), "keys": "off"})
    assert answer.status_code == 303
    assert '<body data-keys="off">' in client.get("/keys").text
    assert client.get("/keys?part=1").text.lstrip().startswith('<div class="keys-list">')


def test_workload_of_oneself_and_of_the_unit(console):
    console.post("/queue/take", case=CHASE)
    mine = plain(console.get("/workload").text)
    assert "d.ospanov" in mine
    assert "The whole country" not in mine
    unit = plain(console.get("/workload", "a.nurlanova").text)
    assert "The whole country" in unit
    assert "Nobody" in unit
