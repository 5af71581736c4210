"""Every path of the app that names a thing, with one that is somebody else's: told nothing, nothing
done (REQ-18, 19; ASVS 5.0, 8.2.2). A path in no table fails, so that none is forgotten."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from lived_in import CHASE, CLERK, OPERATORS_CLERK, Pages
from sqlalchemy import select
from walked import paths

import story
from qalqan.register import orm, partner_keys, people, sessions
from qalqan.register.sessions import user_by_session

BOSS, HAND, OTHER_CLERK, OTHER_BANK = "z.boss", "z.hand", "clerk.samal", "samal"
OFFICERS = (BOSS, HAND)
"""Of another region: one who may whatever one may there, one who looks into cases."""
SECRETS = re.compile(r"[COA]-26-\d{6}|…\d{4}")

SHARED = {
    "/findings/{finding}/decision",  # a masked subject of no region
    "/rules/{code}", "/rules/{code}/tests", "/rules/{code}/mode", "/rules/{code}/changes/{number}",
    "/rules/{code}/tests/{number}/adopt", "/rules/{code}/tests/{number}/cancel",
    "/appeals/calls/{call}", "/appeals/calls/{call}/open",  # a masked number of no region
    "/warnings/{warning}/warned",  # one list of calls to make, by last four characters
    "/work/{kind}", "/work/{job}/retry", "/work/{job}/drop",
    "/devices/{device}", "/devices/{device}/move", "/devices/{device}/agree",
    "/devices/{device}/open",  # gateways and operators are no region's
    "/compliance/{item}", "/compliance/{item}/judge",
    "/abroad/treaties/{treaty}/end", "/abroad/contacts/{contact}/verify",  # the whole country's
    "/training/courses/{course}/taken", "/training/courses/{course}/end",
    "/measures/{measure}", "/measures/{measure}/effect", "/measures/{measure}/move",
    "/measures/{measure}/evidence", "/measures/{measure}/design",  # what is done for the country
    "/bulletins/desk/{bulletin}", "/bulletins/desk/{bulletin}/{language}.{form}",
    "/bulletins/desk/{bulletin}/words", "/bulletins/desk/{bulletin}/decision",
    "/bulletins/desk/{bulletin}/withdrawal", "/statistics/official/{number}/withdrawal",
    "/statistics/official/{number}/approval",
    "/plans/{plan}", "/plans/{plan}/text", "/plans/{plan}/round", "/plans/{plan}/comment",
    "/plans/{plan}/answer", "/plans/{plan}/close",
    "/v1/measures/{measure}", "/v1/measures/{measure}/effect", "/v1/measures/{measure}/moves",
    "/v1/measures/{measure}/evidence", "/v1/measures/{measure}/designs", "/v1/plans/{plan}",
    "/v1/plans/{plan}/versions", "/v1/plans/{plan}/rounds", "/v1/plans/{plan}/comments",
    "/v1/plans/{plan}/comments/{number}/answer", "/v1/plans/{plan}/close",
    "/outreach/{campaign}", "/outreach/{campaign}/write", "/outreach/{campaign}/approve",
    "/outreach/{campaign}/move", "/outreach/{campaign}/tell", "/outreach/{campaign}/mail",
    "/outreach/materials/{material}/withdraw",
    "/outreach/texts/{text}/decide",  # counts and texts, nobody's
}  # fmt: skip
"""The whole country's: officers of any region may, if their role does; clerks may not."""
OPEN = {
    "/v1/schemas/{name}.json", "/v1/facts/{kind}", "/figures/{code}",
    "/bulletins/{bulletin}/{language}.{form}", "/v1/content/moments/{moment}/ask",
}  # fmt: skip
"""What is named is no thing of anybody's: a published form, a kind, a figure, a bulletin."""
FORM = {
    "decision": "approve", "version": "0", "words": "a long enough reason", "act": "hold",
    "purpose": "to compare it", "finding": "1", "reason": "a long enough reason",
    "verdict": "right", "role": "expert", "region": "KZ-10", "of": HAND, "name": "mine",
}  # fmt: skip
"""What forms want to be told …"""
FORMS = {
    "/findings/{finding}/decision": {"decision": "dismissed"},
    "/outreach/{campaign}/move": {"act": "start"},
    "/outreach/{campaign}/approve": {"yes": "yes"}, "/outreach/texts/{text}/decide": {"yes": "yes"},
}  # fmt: skip
"""… and some of them otherwise."""
JSON: Mapping[str, dict[str, Any]] = {
    "/v1/appeals/{appeal}/decision": {
        "verdict": "upheld", "reason": "wages", "words": "Жалақы екені расталды",
    },
    "/v1/cases/{case}/orders": {
        "act": "hold", "ground": "kz.payments.hold", "words": "a long enough reason",
    },
    "/v1/cases/{case}/abroad": {
        "kind": "preservation", "country": "GE", "addressee": "Police", "basis": "interpol",
        "words": "a long enough reason",
    },
    "/v1/abroad/{abroad}/approvals": {"approved": True},
    "/v1/abroad/{abroad}/steps": {"event": "remind"},
    "/v1/glass/{number}": {"verdict": "right", "note": "a long enough reason"},
    "/v1/orders/{order}/answers": {"order": "", "outcome": "held", "amount": 1},
    "/v1/orders/{order}/appeals": {"words": "Бұл менің жалақым"},
    "/v1/orders/{order}/approvals": {"approved": True},
    "/v1/cases/{case}/number-user": {"number": "+77011234567", "purpose": "pretrial"},
    "/v1/compliance/{item}/answer": {"answer": "removed"},
    "/v1/measures/{measure}/moves": {"event": "start"},
    "/v1/measures/{measure}/evidence": {"kind": "document", "reference": "Order 12"},
    "/v1/measures/{measure}/designs": {"start": "2030-01"},
    "/v1/plans/{plan}/versions": {"language": "kk", "words": "Жоспардың жаңа мәтіні осы"},
    "/v1/plans/{plan}/rounds": {"due_day": "2030-01-01"},
    "/v1/plans/{plan}/comments": {"body": "ҰБ"},
    "/v1/plans/{plan}/comments/{number}/answer": {"accepted": True, "reason": "It is right so"},
    "/v1/people/{login}/role": {"role": "expert", "region": "KZ-10"},
    "/v1/content/mailings/{mailing}/answer": {"sent": 1},
    "/v1/teams/{team}/{what}": {"of": HAND},
}  # fmt: skip
"""What operations want to be told."""
MOVING = {"audit", "sessions", "throttles", "partner_keys", "log_checkpoints"}
"""Tables in which looking leaves a trace."""


@pytest.fixture
def console(lived: Any) -> Any:
    return lived


@pytest.fixture
def pages(console: Any) -> Pages:
    database, keys = console.app.state.database, console.app.state.keys
    with database.write() as session:
        for login, role, region, partner in (
            (BOSS, "supervisor", "KZ-10", None), (HAND, "investigator", "KZ-10", None),
            (OTHER_CLERK, "clerk", "KZ", OTHER_BANK),
        ):  # fmt: skip
            people.add_user(session, keys, login, "Ж. Ж.", story.PASSWORD, role, region, partner)
        view = orm.SavedView(
            login="d.ospanov", name="x", query="", shared=None, made_us=console.clock.now_us()
        )
        session.add(view)
        console.sessions[OTHER_BANK] = partner_keys.add_key(session, OTHER_BANK, "k", "test")
    for login in (BOSS, HAND, OTHER_CLERK):
        console.sessions[login] = people.sign_in(database, login, story.PASSWORD)
    return console.pages


def named(console: Any, pages: Pages) -> dict[str, str]:
    """Things of one region, team, bank or person, by the name that paths give them."""
    boss, clerk = pages["a.nurlanova"], pages[CLERK]

    def of(found: Mapping[str, tuple[str, ...]], path: str, part: int) -> str:
        return found[path][0].split("?")[0].split("/")[part]

    with console.app.state.database.session() as session:
        mine = sessions.mark_of(
            session.scalars(
                select(orm.Session.token_hash).where(orm.Session.login == "d.ospanov")
            ).first()
        )
        return {
            "case_id": CHASE, "case": CHASE, "login": "d.ospanov", "what": "people",
            "order": of(boss, "/orders/{order}", 2), "appeal": "A-26-000001", "step": "lock",
            "call": "K-26-000001",
            "partner order": of(clerk, "/partner/orders/{order}", 3),
            "drop_id": of(boss, "/drops/{drop_id}", 2), "session": mine,
            "mark": of(boss, "/cases/{case_id}/entities/{mark}", 4),
            "document": of(boss, "/cases/{case_id}/statements/{document}", 4),
            "finding": str(session.scalars(select(orm.FindingRow.id)).first()),
            "task": str(session.scalars(select(orm.CaseTask.id).order_by(orm.CaseTask.id)).first()),
            "abroad": of(boss, "/abroad/{abroad}", 2), "treaty": "interpol", "contact": "1",
            "run": boss["/training/exercises/{run}"][2].rpartition("/")[2], "course": "1",
            "team": str(session.scalars(select(orm.Team.id)).one()),
            "number": str(session.scalars(select(orm.BreakGlass.id)).one()),
            "passkey": session.scalars(select(orm.Passkey.id)).one(),
            "warning": str(session.scalars(select(orm.PayerToWarn.id)).one()),
            "view": str(session.scalars(select(orm.SavedView.id)).one()),
            "job": str(session.scalars(select(orm.Job.id)).first()),
            "key": str(partner_keys.living(session, "keruen")[0].id),
            "code": "payments.passes_through", "kind": "deliver",
            "device": str(session.scalars(select(orm.Device.device)).first()),
            "item": str(session.scalars(select(orm.ComplianceItem.id)).one()),
            "measure": str(session.scalars(select(orm.Measure.id)).first()),
            "plan": str(session.scalars(select(orm.PlanDraft.id)).one()),
            "bulletin": pages["z.akhmetova"]["/bulletins/desk/{bulletin}"][0].split("/")[3],
            "language": "kk", "form": "pdf",
            "campaign": session.scalars(select(orm.OutreachCampaign.id)).first() or "",
            "material": str(session.scalars(select(orm.OutreachMaterial.id)).first()),
            "text": str(session.scalars(select(orm.OutreachText.id)).one()),
            "mailing": str(session.scalars(select(orm.OutreachMailing.id)).one()),
            "sms": str(session.scalars(select(orm.OutreachSms.id)).first()),
            "another's mark": "0" * 32,
        }  # fmt: skip


def _mark(path: str) -> str:
    if path.startswith("/v1/sms/"):
        return "another's mark"
    return "session" if "/devices/" in path else "mark"


def address_of(path: str, things: Mapping[str, str], partners: bool) -> str:
    """The path with everything in it that it names."""
    own = {
        "mark": _mark(path),
        "number": "passkey" if "/passkeys/" in path else "number",
        "order": "partner order" if partners or path.startswith("/partner") else "order",
    }
    found = re.sub(r"\{(\w+)(:\w+)?\}", lambda m: things[own.get(m[1], m[1])], path)
    return found + ("?act=hold" if path.endswith("/choices") else "")


def walk(console: Any, things: Mapping[str, str], who: str, api: bool) -> list[Any]:
    """Whatever was not refused to somebody."""
    browser = console.browser(None if who == OTHER_BANK else who)
    csrf = ""
    if api:
        bearer = f"Bearer {console.sessions[who]}"
        browser.headers.update({"authorization": bearer, "idempotency-key": "k"})
    else:
        with console.app.state.database.session() as session:
            csrf = user_by_session(session, console.sessions[who]).csrf
    wrong = []
    for method in ("GET", "POST"):
        for path in sorted(paths(console.app, method)):
            if "{" not in path or path in OPEN or path.startswith("/v1") is not api:
                continue
            if who in OFFICERS and path in SHARED:
                continue
            address = address_of(path, things, who == OTHER_BANK)
            told = dict(JSON.get(path, {}))
            if "order" in told:
                told["order"] = things["partner order"]
            more = (
                {"json": told} if api else {"data": {"csrf": csrf, **FORM, **FORMS.get(path, {})}}
            )
            answer = browser.request(method, address, **(more if method == "POST" else {}))
            shown = set(SECRETS.findall(answer.text)) - set(SECRETS.findall(address))
            if answer.status_code not in (401, 403, 404) or shown:
                wrong.append((method, path, answer.status_code, sorted(shown)))
    return wrong


def kept(console: Any) -> dict[str, list[Any]]:
    """All that the register holds, but for traces of looking."""
    with console.app.state.database.session() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table)).all()))
            for table in orm.Base.metadata.sorted_tables
            if table.name not in MOVING
        }


@pytest.mark.parametrize(
    ("who", "api"),
    [(BOSS, False), (HAND, False), (OTHER_CLERK, False), (BOSS, True), (HAND, True),
     (OTHER_CLERK, True), (OTHER_BANK, True)],
)  # fmt: skip
def test_what_is_anothers_is_neither_told_nor_touched(
    console: Any, pages: Pages, who: str, api: bool
) -> None:
    things, before = named(console, pages), kept(console)
    assert walk(console, things, who, api) == []
    after = kept(console)
    assert [name for name in before if before[name] != after[name]] == []


def test_the_tables_name_paths_that_are_there(console: Any) -> None:
    there = {path for method in ("GET", "POST") for path in paths(console.app, method)}
    assert there >= SHARED | OPEN | JSON.keys()
    assert len([path for path in there if "{" in path]) > 90


def test_the_owner_is_told(console: Any, pages: Pages) -> None:
    """Or the walk would prove nothing: the same things, by whoever they belong to."""
    things = named(console, pages)
    for who, path in (
        ("a.nurlanova", "/cases/{case_id}/graph.json"), ("a.nurlanova", "/drops/{drop_id}"),
        ("a.nurlanova", "/orders/{order}"), ("a.nurlanova", "/queue/drawer/{case_id}"),
        ("a.nurlanova", "/people/{login}"), ("a.nurlanova", "/appeals/{appeal}"),
        ("a.nurlanova", "/devices/{device}"), ("a.nurlanova", "/compliance/{item}"),
        (CLERK, "/partner/orders/{order}"), (OPERATORS_CLERK, "/partner/numbers/{item}.csv"),
    ):  # fmt: skip
        answer = console.browser(who).get(address_of(path, things, partners=False))
        assert answer.status_code == 200, path
