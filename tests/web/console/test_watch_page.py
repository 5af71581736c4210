"""Who is to be warned, as officers see it; how soon money leaves, as measured (REQ-44, 90)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from qalqan.cases import hazards
from qalqan.clock import DAY, MINUTE
from qalqan.register import orm
from qalqan.trail.hazard import LEAST_ARRIVALS, Spell, estimate, to_body

ACCOUNT, PAYER = (f"acc_{'a' * 24}_{last}" for last in ("4471", "5599"))
INVESTIGATOR, AUDITOR, PROSECUTOR = "d.ospanov", "g.audit", "e.kim"


@pytest.fixture
def listed(console):
    """One payer on the list."""
    now = console.clock.now_us()
    with console.app.state.database.write() as session:
        row = orm.PayerToWarn(
            case_id="C-26-000001", account=ACCOUNT, payer_account=PAYER,
            payer_bank="312", amount=50_000_00, currency="KZT", at_us=now - MINUTE,
            fact="tulpar:1", why="held", listed_us=now, expires_us=now + 3 * DAY,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", ["Кімге ескерту керек", "Шоттағы ұрланған ақшаны ұстауға өкім бар", "Тұлпар Банк"]),
        (
            "ru",
            [
                "Кого предупредить",
                "По счёту есть распоряжение удержать похищенные деньги",
                "Тулпар Банк",
            ],
        ),
        ("en", ["People to warn", "A hold of stolen money was ordered there", "Tulpar Bank"]),
    ],
)
def test_an_officer_sees_who_is_to_be_warned_by_last_four_only(console, listed, language, words):
    text = console.get("/warnings", INVESTIGATOR, language).text
    assert all(word in text for word in words)
    assert "…5599" in text
    assert PAYER not in text
    assert '<span class="count">1</span>' in console.get("/cases", INVESTIGATOR, language).text


def test_who_warned_whom_and_when_is_kept_and_said_once(console, listed):
    path = f"/warnings/{listed}/warned"
    assert console.post(path).headers["location"] == "/warnings?done=marked"
    assert console.post(path, login="a.nurlanova").headers["location"] == "/warnings?done=taken"
    with console.app.state.database.session() as session:
        row = session.get_one(orm.PayerToWarn, listed)
        assert (row.warned_by, row.warned_us) == (INVESTIGATOR, console.clock.now_us())
        acts = [(a.actor, a.action) for a in session.scalars(select(orm.Audit))]
    assert (INVESTIGATOR, "payer.warned") in acts
    text = console.get("/warnings?done=marked").text
    assert "Marked as warned." in text
    assert INVESTIGATOR in text


def test_others_neither_see_the_list_nor_mark_anybody(console, listed):
    for login in (AUDITOR, PROSECUTOR):
        assert console.get("/warnings", login).status_code == 403
        assert console.post(f"/warnings/{listed}/warned", login=login).status_code == 403
        assert "/warnings" not in console.get("/cases", login).text


def test_an_empty_list_says_what_would_stand_there(console):
    assert "There is nobody to warn." in console.get("/warnings").text


def test_the_hazard_says_its_samples_and_its_judgement(console):
    assert "Nothing is measured yet." in console.get("/hazard").text
    made = estimate([Spell(1, 0, MINUTE, True)] * LEAST_ARRIVALS, answers_us={"312": 7 * MINUTE})
    with console.app.state.database.write() as session:
        session.add(
            orm.Estimate(name=hazards.NAME, version=1, made_us=0, seal=1, body=to_body(made))
        )
    text = console.get("/hazard").text.replace("\u00a0", " ")
    for words in ("After transfer 1, by night", "Stated judgement", "Tulpar Bank", "7 min", "100"):
        assert words in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", "Мұнда машина өздігінен ештеңе ұстамайды"),
        ("ru", "Здесь машина сама ничего не удерживает"),
        ("en", "Here the machine holds nothing by itself"),
    ],
)
def test_where_many_others_pay_the_case_says_that_people_decide(console, language, words):
    path = "/cases/C-26-000001"
    assert words not in console.get(path, INVESTIGATOR, language).text
    with console.app.state.database.write() as session:
        for row in session.scalars(select(orm.Trail).where(orm.Trail.case_id == "C-26-000001")):
            nodes = [node | {"hop": 2} for node in row.body["nodes"]]
            busy = {node["account"]: [None, None, 0, 9] for node in nodes}
            row.body = row.body | {"nodes": nodes, "standings": busy}
    assert words in console.get(path, INVESTIGATOR, language).text
