"""The content API: texts by language, who is shown one, what became of it, and no people in it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from outreached import number
from qalqan.bulletin.outreach import campaigns, consent, mailings, policy, queue, running
from qalqan.bulletin.outreach.consent import Given
from qalqan.bulletin.outreach.plan import Plan
from qalqan.clock import DAY, HOUR
from qalqan.model.period import day_in_almaty
from qalqan.register import orm, partners
from qalqan.settings import Settings
from qalqan.work.sms import marks

ASEL, DANIYAR = "asel", "daniyar"


class Person:
    role, region = "supervisor", "KZ"

    def __init__(self, login: str) -> None:
        self.login = login


@pytest.fixture
def held(web: Any) -> Any:
    """A centre that holds one of five out, with a marketplace."""
    body = policy.default_body()
    body["holdout"] = {"moments": 200, "campaigns": 200}
    with web.database.write() as session:
        policy.install(session, body, [ASEL, DANIYAR])
        names = {"kk": "b", "ru": "b", "en": "b"}
        web.tokens["bazar"] = partners.add_partner(session, "bazar", "marketplace", names)
    return web


def campaign(web: Any, channel: str) -> str:
    now = web.clock.now_us()
    plan = Plan("Ескерту", ("28",), channel, "KZ", now, now + DAY, 1_000, text="28")
    with web.database.write() as session:
        row = campaigns.draft(session, Person(ASEL), plan)
        campaigns.approve(session, Person(DANIYAR), row.id, True, row.version)
        running.start(session, Person(ASEL), row.id, row.version)
        return row.id


def ask(web: Any, who: str, moment: str = "payment_new", **body: Any) -> Any:
    return web.post(f"/v1/content/moments/{moment}/ask", who, json={"subject": "s1", **body})


def outcome(web: Any, **more: Any) -> dict[str, Any]:
    day = day_in_almaty(web.clock.now_us()).isoformat()
    return {"experiment": "payment_new/any/1.1", "arm": "show", "day": day, "people": 5, **more}


def tell(web: Any, *told: dict[str, Any], key: str = "k-1", who: str = "altyn") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return web.post("/v1/content/outcomes", who, json={"outcomes": told}, headers=headers)


def test_texts_come_in_the_language_that_is_asked_for_or_in_all(web: Any) -> None:
    one = web.get("/v1/content/messages", language="ru").json()["messages"][0]
    assert set(one["texts"]) == {"ru"}
    every = web.get("/v1/content/messages", language="fr").json()["messages"][0]
    assert set(every["texts"]) == {"kk", "ru", "en"}


def test_what_has_not_changed_is_not_sent_again(web: Any) -> None:
    first = web.get("/v1/content/materials")
    assert first.headers["cache-control"] == "public, max-age=300"
    assert first.headers["vary"] == "Accept-Language"
    mark = {"If-None-Match": first.headers["etag"]}
    assert web.get("/v1/content/materials", headers=mark).status_code == 304


def test_moments_are_for_those_who_show_them(held: Any) -> None:
    def codes(who: str) -> set[str]:
        return {each["moment"] for each in held.get("/v1/content/moments", who).json()["moments"]}

    assert codes("altyn") == {"payment_new", "payment_listed", "loan_after_call"}
    assert codes("dala") == {"call_before", "call_after"}
    assert codes("bazar") == {"ad_posting", "buyer_link"}
    assert held.get("/v1/content/moments").status_code == 401
    assert held.get("/v1/content/moments", "hotline").status_code == 403
    assert ask(held, "bazar").status_code == 404


def test_a_subject_is_answered_alike_each_time_and_some_are_held_out(held: Any) -> None:
    arms = [ask(held, "altyn", subject=f"s{n}").json()["arm"] for n in range(60)]
    assert arms == [ask(held, "altyn", subject=f"s{n}").json()["arm"] for n in range(60)]
    assert {"show", "hold"} == set(arms)


def test_nobody_at_acute_risk_is_held_out(held: Any) -> None:
    for subject in (f"s{n}" for n in range(60)):
        listed = ask(held, "altyn", subject=subject, listed=True).json()
        assert (listed["show"], listed["experiment"]) == (True, None)
        assert ask(held, "altyn", "payment_listed", subject=subject).json()["show"]


def test_without_two_people_s_policy_nobody_is_held_out(web: Any) -> None:
    assert all(ask(web, "altyn", subject=f"s{n}").json()["show"] for n in range(60))


def test_outcomes_count_once_under_their_key(held: Any) -> None:
    assert tell(held, outcome(held)).json() == {"taken": 1}
    assert tell(held, outcome(held)).json() == {"taken": 1}
    assert tell(held, outcome(held, people=6)).status_code == 409
    with held.database.session() as session:
        assert session.query(orm.OutreachOutcome).count() == 1


def test_a_subject_s_outcome_counts_in_his_own_arm_and_his_token_is_kept_nowhere(
    held: Any,
) -> None:
    for n in range(30):
        told = ask(held, "altyn", subject=f"subject-{n}").json()
        body = outcome(held, subject=f"subject-{n}", arm=None, people=1, heeded=1)
        assert tell(held, body, key=f"k{n}").status_code == 200
        with held.database.session() as session:
            row = session.query(orm.OutreachOutcome).filter_by(key=f"k{n}").one()
            assert row.arm == told["arm"]
            assert "subject" not in repr([getattr(row, c.key) for c in row.__table__.columns])


@pytest.mark.parametrize(
    "more",
    [
        {"experiment": "payment_listed/any/1.1", "arm": "hold"},
        {"experiment": "payment_new/any/1.7", "arm": "hold"},
        {"experiment": "call_after/any/1.1"}, {"experiment": "W-26-000001"},
        {"heeded": 6}, {"day": "2099-01-01"}, {"arm": None}, {"subject": "s"},
        {"arm": None, "subject": "s", "people": 2},
    ],
)  # fmt: skip
def test_an_outcome_that_can_not_be(held: Any, more: dict[str, Any]) -> None:
    assert tell(held, outcome(held, **more)).status_code == 422


def test_an_outcome_needs_a_key(held: Any) -> None:
    assert tell(held, outcome(held), key="").status_code == 422


def test_an_operator_is_asked_and_answers_in_counts(held: Any) -> None:
    of = campaign(held, "operator_text")
    with held.database.write() as session:
        mailings.ask(session, Person(ASEL), of, "dala")
    (asked,) = held.get("/v1/content/mailings", "dala", language="fr").json()["mailings"]
    assert (asked["campaign"], asked["hold_thousandths"]) == (of, 200)
    assert set(asked["texts"]) == {"kk", "ru", "en"}
    path = f"/v1/content/mailings/{asked['mailing']}/answer"
    counts = {"sent": 900, "delivered": 880, "failed": 20, "stopped": 1, "held": 225}
    assert held.post(path, "dala", json=counts).json()["state"] == "done"
    assert held.post(path, "dala", json=counts).status_code == 200
    assert held.post(path, "dala", json={**counts, "sent": 901}).status_code == 409
    assert held.post(path, "dala", json={**counts, "numbers": ["+77010000001"]}).status_code == 422
    assert held.get("/v1/content/mailings", "altyn").status_code == 403
    assert tell(held, outcome(held, experiment=of, arm="hold"), who="dala").status_code == 200
    with held.database.session() as session:
        assert campaigns.one(session, of).reach == 880


def test_a_cancelled_campaign_is_withdrawn_from_operators(held: Any) -> None:
    of = campaign(held, "operator_text")
    with held.database.write() as session:
        mailings.ask(session, Person(ASEL), of, "dala")
    with held.database.write() as session:
        version = campaigns.one(session, of).version
        running.stop(session, Person(ASEL), of, campaigns.Event.CANCEL, version)
    (asked,) = held.get("/v1/content/mailings", "dala", language="fr").json()["mailings"]
    assert asked["state"] == "withdrawn"
    path = f"/v1/content/mailings/{asked['mailing']}/answer"
    counts = {"sent": 90, "delivered": 80, "failed": 10, "stopped": 0, "held": 22}
    for _ in range(2):
        assert held.post(path, "dala", json=counts).json()["state"] == "withdrawn"
    assert held.post(path, "dala", json={**counts, "sent": 91}).status_code == 409
    with held.database.session() as session:
        assert campaigns.one(session, of).reach == 80


# ── gateways that come back ──


@pytest.fixture
def sent(held: Any) -> int:
    """A message that has gone; its number."""
    now = held.clock.now_us()
    held.clock.set(now - now % DAY + DAY + 7 * HOUR)  # noon in Almaty
    with held.database.write() as session:
        for place in range(6):
            told = Given(number(place), "form", "kk", "KZ-75")
            consent.give(session, held.keys, Person(ASEL), told)
    campaign(held, "sms")
    with held.database.write() as session:
        claimed = queue.claim(session, "me")
        assert claimed is not None
        queue.accepted(session, claimed, "me", None)
        return claimed.id


def test_a_receipt_needs_the_mark_of_its_message(held: Any, sent: int) -> None:
    right, wrong = (marks.mark(held.keys, each) for each in (sent, sent + 1))
    assert held.get(f"/v1/sms/receipts/{sent}/{wrong}?state=1").status_code == 404
    assert held.get(f"/v1/sms/receipts/{sent}/{right}?state=8").status_code == 200
    for _ in range(2):
        assert held.get(f"/v1/sms/receipts/{sent}/{right}?state=1").status_code == 200
    with held.database.session() as session:
        assert session.get_one(orm.OutreachSms, sent).state == "delivered"


@pytest.mark.parametrize("secret", ["", " ", "s7"])
def test_a_secret_that_is_not_shown_opens_nothing(held: Any, secret: str) -> None:
    told = Settings(sms_secret=secret).sms_secret
    state = held.http.app.state
    state.settings = state.settings.model_copy(update={"sms_secret": told})
    for shown in (b"", b"Bearer ", b"Basic Og==", b"Basic \xff", b"Basic !", b"Basic /w=="):
        headers = {"Authorization": shown}
        found = held.get("/v1/sms/replies?from=1&text=STOP", headers=headers)
        assert (shown, found.status_code) == (shown, 401)


def test_a_reply_needs_the_gateway_s_secret_and_only_a_stop_counts(held: Any, sent: int) -> None:
    path = "/v1/sms/replies"
    told = {"from": number(0)[1:], "text": "Стоп"}
    assert held.get(path, params=told).status_code == 401
    held.http.app.state.settings = held.http.app.state.settings.model_copy(
        update={"sms_secret": type("S", (), {"get_secret_value": lambda self: "s7"})()}
    )
    basic = {"Authorization": f"Basic {base64.b64encode(b'sms:s7').decode()}"}
    wrong = {"Authorization": f"Basic {base64.b64encode(b'sms:s8').decode()}"}
    assert held.get(path, params=told, headers=wrong).status_code == 401
    assert held.get(path, params={**told, "text": "?"}, headers=basic).status_code == 200
    with held.database.session() as session:
        assert consent.standing(session) == {"KZ-75": 6}
    # as Kannel brings it: the octets of UTF-16
    octets = "".join(f"%{each:02X}" for each in "Тоқта".encode("utf-16-be"))
    query = f"?from={number(0)[1:]}&charset=UTF-16BE&text={octets}"
    assert held.get(path + query, headers=basic).status_code == 200
    with held.database.session() as session:
        assert consent.standing(session) == {"KZ-75": 5}
