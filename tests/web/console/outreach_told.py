"""Warnings of every kind on the told centre's busy day."""

from __future__ import annotations

from typing import Any

from persons import Officer
from qalqan.bulletin.outreach import (
    campaigns,
    consent,
    mailings,
    materials,
    outcomes,
    policy,
    queue,
    running,
    texts,
)
from qalqan.bulletin.outreach.consent import Given
from qalqan.bulletin.outreach.materials import Material
from qalqan.bulletin.outreach.outcomes import OutcomesIn
from qalqan.bulletin.outreach.plan import Plan
from qalqan.clock import DAY
from qalqan.model.period import day_in_almaty
from qalqan.register import orm

BOSS, OFFICER = Officer("a.nurlanova", "supervisor"), Officer("d.ospanov", "supervisor")
SMS, ASKED, BOOKLET = "W-26-000001", "W-26-000002", "W-26-000003"
NEW = {
    "kk": "Бейтаныс адамға код айтпаңыз.", "ru": "Не называйте код незнакомому.",
    "en": "Tell no code to a stranger.",
}  # fmt: skip


def told(database: Any, keys: Any, now: int, operator: str = "dala", bank: str = "aqjol") -> None:
    """A campaign by SMS under way, one by an operator's text, a booklet's draft, texts, materials,
    consents, outcomes."""
    with database.write() as session:
        body = policy.default_body()
        body["holdout"] = {"moments": 100, "campaigns": 100}
        policy.install(session, body, [BOSS.login, OFFICER.login])
        for place in range(40):
            given = Given(f"+7701555{place:04}", "Өтініш № 7", "kk", "KZ-75", "60+")
            consent.give(session, keys, BOSS, given)
        common = {"methods": ("28", "30"), "from_us": now - DAY, "to_us": now + 30 * DAY}
        sms = campaigns.draft(session, BOSS, Plan(
            "Зейнеткерлерге ескерту: «қауіпсіз шот» деген жоқ", channel="sms", region="KZ-75",
            planned_reach=400, text="28", segment={"age": "60+"}, budget=50_000_00, **common,
        ))  # fmt: skip
        by_operator = campaigns.draft(session, BOSS, Plan(
            "Жаңа нөмірлер", channel="operator_text", region="KZ", planned_reach=100_000,
            text="31", **common,
        ))  # fmt: skip
        for row in (sms, by_operator):
            campaigns.approve(session, OFFICER, row.id, True, row.version)
            running.start(session, BOSS, row.id, row.version)
        campaigns.draft(session, OFFICER, Plan(
            "«Абайлаңыз, алаяқтар» кітапшасы", channel="booklet", region="KZ",
            planned_reach=250_000, budget=9_000_000_00, **common,
        ))  # fmt: skip
        _send(session, now)
        mailings.ask(session, BOSS, by_operator.id, operator)
        for kind, n, back in (("media", 8, 3), ("social", 12, 3), ("video", 2, 40)):
            materials.enter(session, BOSS, Material(
                kind, "Алаяқтық туралы сюжет", ("kk", "ru"), ("28",), "«Хабар» арнасы",
                now - back * DAY, n, 40_000, campaign=sms.id,
            ))  # fmt: skip
        texts.propose(session, OFFICER, "moment", "payment_new/31", NEW)
        session.flush()
        _outcomes(session, keys, bank, operator, now)


def _send(session: Any, now: int) -> None:
    rows = session.query(orm.OutreachSms).filter_by(state=queue.QUEUED).limit(25).all()
    for place, row in enumerate(rows):
        row.state = ("delivered", "delivered", "sent", "unknown", "undelivered")[place % 5]
        row.sent_us, row.cost = now, 24_00


def _outcomes(session: Any, keys: Any, bank: str, operator: str, now: int) -> None:
    day = day_in_almaty(now).isoformat()
    told = {"experiment": "payment_new/28/1.1", "day": day}
    body = OutcomesIn.model_validate({"outcomes": [
        {**told, "arm": "show", "people": 900, "heeded": 81, "harmed": 3},
        {**told, "arm": "hold", "people": 100, "heeded": 4, "harmed": 1},
        {"experiment": "payment_listed/any/1.1", "day": day, "arm": "show", "people": 7},
    ]})  # fmt: skip
    outcomes.take(session, keys, session.get_one(orm.Partner, bank), "k-1", body)
    of = {"experiment": ASKED, "day": day}
    body = OutcomesIn.model_validate({"outcomes": [
        {**of, "arm": "show", "people": 84_000, "heeded": 0, "harmed": 61},
        {**of, "arm": "hold", "people": 9_400, "heeded": 0, "harmed": 19},
    ]})  # fmt: skip
    outcomes.take(session, keys, session.get_one(orm.Partner, operator), "k-2", body)
