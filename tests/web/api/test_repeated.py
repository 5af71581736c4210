"""Whatever is sent twice, since no answer reached its sender, counts once and is answered alike
(REQ-19): every operation of the API that does anything, by name. The few of which that can't be
said stand in `web.api.repeated`, each with its reason."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from qalqan.bulletin.outreach import consent, mailings
from qalqan.bulletin.outreach.consent import Given
from qalqan.clock import DAY, HOUR, MINUTE, wall_us
from qalqan.exchange import order_sheet
from qalqan.exchange.order_message import Answer
from qalqan.model.period import day_in_almaty
from qalqan.register import orm, partner_keys, people
from qalqan.trust import totp
from qalqan.web.api.repeated import ANEW, ONCE
from qalqan.work import call_tables
from qalqan.work.sms import marks
from web.api.test_compliance import asked
from web.api.test_content import Person, campaign
from web.api.test_drafts import BLOCK, held
from web.api.test_letters import SAID
from web.api.test_officers import drafted
from web.api.test_people import NEW
from web.api.test_screens import approve, loan, owner, payment
from web.conftest import PASSWORD
from web.console.walked import paths
from work.told_calls import OTHERS as ANOTHERS
from work.told_calls import OURS, write_lists

KEY = {"Idempotency-Key": "k-1"}
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
Call = Callable[[], httpx.Response]


class Sent(NamedTuple):
    """A call, and the same key (or the same word about the same thing) with another body."""

    call: Call
    other: Call | None = None


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


@pytest.fixture
def staffed(web: Any) -> Any:
    """Officers of the whole country and of one region, signed in."""
    with web.database.write() as session:
        people.add_user(session, web.keys, "dana", "dana", PASSWORD, "operative", "KZ-10")
    for login in ("asel", "daniyar", "marat", "dana"):
        web.sign_in(login)
    return web


@pytest.fixture
def room(web: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExitStack]:
    """What has to run beside a call, ended with the test."""
    monkeypatch.setenv("QALQAN_REGISTER", web.http.app.state.settings.register_url)
    with ExitStack() as stack:
        yield stack


# ── partners ───────────────────────────────────────────────────────────────────────────────


def _posted(web: Any, path: str, who: str, *bodies: Any, headers: Any = None) -> Sent:
    """The first body, and the second as the other one."""
    first, *more = (lambda body=body: web.post(path, who, json=body, headers=headers or {})
                    for body in bodies)  # fmt: skip
    return Sent(first, *more)


def _facts(web: Any, _: ExitStack) -> Sent:
    bodies = ({"facts": [web.payment(number)]} for number in ("a", "b"))
    return _posted(web, "/v1/facts/payment", "altyn", *bodies, headers=KEY)


def _report(web: Any, _: ExitStack) -> Sent:
    return Sent(lambda: web.report("k-1"), lambda: web.report("k-1", amount=7))


def _answer(web: Any, _: ExitStack) -> Sent:
    message = web.asked()
    no = {"order": message.order, "outcome": "not_found"}
    return _posted(web, f"/v1/orders/{message.order}/answers", "altyn", web.confirmed(message), no)


def _received(web: Any, _: ExitStack) -> Sent:
    return _posted(web, f"/v1/orders/{web.asked().order}/received", "altyn", None)


def _sheet(web: Any, _: ExitStack) -> Sent:
    message = web.asked()
    book = order_sheet.write([message], "en", [Answer.model_validate(web.confirmed(message))])
    kind = {"Content-Type": order_sheet.XLSX}
    return Sent(lambda: web.post("/v1/answers", "altyn", content=book, headers=kind))


def _appeal(web: Any, _: ExitStack) -> Sent:
    bodies = ({"words": f"Клиент бұл оның {what} дейді"} for what in ("жалақысы", "зейнетақысы"))
    return _posted(web, f"/v1/orders/{held(web)}/appeals", "baiterek", *bodies, headers=KEY)


def _journal(web: Any, _: ExitStack) -> Sent:
    hour = web.clock.now_us() // HOUR * HOUR
    piece = {
        "file": "f", "begin": 0, "end": 90, "mark": "a" * 64, "verdicts": [],
        "counts": [[hour, "abroad", "pass", "calls.nothing", 3]],
    }  # fmt: skip
    return _posted(web, "/v1/calls/journal", "dala", {"edge": "e", "state": {}, "piece": piece})


def _refused_call(web: Any, _: ExitStack) -> Sent:
    body = {
        "number": "+77272500001", "about_us": web.clock.now_us(), "place": "abroad",
        "words": "Біздің орталық", "contact": "a@example.kz", "language": "kk",
    }  # fmt: skip
    other = {**body, "place": "home"}
    return _posted(web, "/v1/calls/appeals", "dala", body, other, headers=KEY)


def _warned(web: Any, _: ExitStack) -> Sent:
    web.asked()
    now = web.clock.now_us()
    with web.database.write() as session:
        case = session.scalar(select(orm.Case.id))
        row = orm.PayerToWarn(
            case_id=case, account=f"acc_{'a' * 24}_4471", payer_account=f"acc_{'a' * 24}_5599",
            payer_bank="211", amount=50_000_00, currency="KZT", at_us=now - MINUTE, fact="x:1",
            why="held", listed_us=now, expires_us=now + DAY,
        )  # fmt: skip
        session.add(row)
        session.flush()
        number = row.id
    return _posted(web, f"/v1/warnings/{number}/warned", "altyn", None)


def _letter(web: Any, _: ExitStack) -> Sent:
    return _posted(web, "/v1/letters/loan-dispute", "hotline", {**SAID, "day": "2020-02-01"})


def _payment(web: Any, room: ExitStack) -> Sent:
    approve(web)
    room.enter_context(owner(web))
    bodies = (payment(web), payment(web, amount=1))
    return _posted(web, "/v1/screen/payments", "altyn", *bodies)


def _loan(web: Any, room: ExitStack) -> Sent:
    approve(web)
    room.enter_context(owner(web))
    bodies = (loan(web, payout_account="223:B1", amount=amount) for amount in (5_000, 6_000))
    return _posted(web, "/v1/screen/loans", "altyn", *bodies, headers=KEY)


def _devices(web: Any, _: ExitStack) -> Sent:
    told = {"imei": "490154203237518", "list": "white", "reference": "Licence 12"}
    black = {"imei": "356938035643809", "list": "black"}
    return _posted(web, "/v1/devices", "dala", {"devices": [told, black]})


def _number(web: Any, _: ExitStack) -> Sent:
    path = f"/v1/cases/{web.report().json()['case']}/number-user"
    return _posted(web, path, "asel", {"number": "+77011234567", "purpose": "pretrial"})


def _numbers(web: Any, _: ExitStack) -> Sent:
    bodies = ({"answer": answer} for answer in ("removed", "reregistered"))
    return _posted(web, f"/v1/compliance/{asked(web)}/answer", "dala", *bodies)


def _moment(web: Any, _: ExitStack) -> Sent:
    return _posted(web, "/v1/content/moments/payment_new/ask", "altyn", {"subject": "s1"})


def _outcomes(web: Any, _: ExitStack) -> Sent:
    day = day_in_almaty(web.clock.now_us()).isoformat()
    told = {"experiment": "payment_new/any/1.0", "arm": "show", "day": day}
    bodies = ({"outcomes": [{**told, "people": people}]} for people in (5, 6))
    return _posted(web, "/v1/content/outcomes", "altyn", *bodies, headers=KEY)


def _mailed(web: Any, _: ExitStack) -> Sent:
    of = campaign(web, "operator_text")
    with web.database.write() as session:
        number = mailings.ask(session, Person("asel"), of, "dala").id
    path = f"/v1/content/mailings/{number}/answer"
    return _posted(web, path, "dala", {"sent": 5, "delivered": 5}, {"sent": 6})


def _receipt(web: Any, _: ExitStack) -> Sent:
    of = campaign(web, "operator_text")
    with web.database.write() as session:
        row = orm.OutreachSms(
            campaign=of, phone=f"tel_{'a' * 24}_0001", language="kk", parts=1,
            state="sent", due_us=0, reason="", created_us=0,
        )  # fmt: skip
        session.add(row)
        session.flush()
        number = row.id
    path = f"/v1/sms/receipts/{number}/{marks.mark(web.keys, number)}?state=1"
    return Sent(lambda: web.post(path))


def _reply(web: Any, _: ExitStack) -> Sent:
    with web.database.write() as session:
        told = Given("+77010000001", "form", "kk", "KZ-75")
        consent.give(session, web.keys, Person("asel"), told)
    state = web.http.app.state
    state.settings = state.settings.model_copy(update={"sms_secret": SecretStr("s7")})
    path, secret = "/v1/sms/replies?from=77010000001&text=STOP", {"Authorization": "Bearer s7"}
    return Sent(lambda: web.post(path, headers=secret))


def _call(web: Any, _: ExitStack) -> Sent:
    body = {"id": "c-1", "trunk": "abroad", "callee": "+77011111111", "presented": "+77272500000"}
    return _posted(web, "/v1/screen/calls", "dala", body)


def _told(web: Any, path: str, key: str, **more: Any) -> Sent:
    """A word about a number of `dala`'s; the same again finds it said."""
    settings = web.http.app.state.settings
    lists = write_lists(settings.home / "given")
    call_tables.make_of(web.database, web.keys, settings, lists)
    with web.database.write() as session:
        scope = f"calls:{key}"
        web.tokens[key] = partner_keys.add_key(session, "dala", key, "asel", scopes=[scope])
    return Sent(lambda: web.post(path, key, **more))


def _places(web: Any, _: ExitStack) -> Sent:
    item = {"number": f"+{OURS}", "abroad": True, "at_us": wall_us()}
    body = {"places": [item, {**item, "number": f"+{ANOTHERS}"}], "complete_us": wall_us()}
    return _told(web, "/v1/calls/places", "tell", json=body)


def _whole_places(web: Any, _: ExitStack) -> Sent:
    params = {"complete_us": wall_us(), "count": 1}
    return _told(web, "/v1/calls/places/whole", "tell", content=f"number\n+{OURS}\n",
                 params=params, headers={"Content-Type": "text/csv"})  # fmt: skip


def _ports(web: Any, _: ExitStack) -> Sent:
    item = {"number": f"+{OURS}", "operator": "tau", "at_us": wall_us()}
    return _told(web, "/v1/calls/ports", "port", json={"ports": [item]})


# ── officers: orders and appeals ───────────────────────────────────────────────────────────


def _draft(web: Any, _: ExitStack) -> Sent:
    path = f"/v1/cases/{web.report().json()['case']}/orders"
    other = {**BLOCK, "subject": "8 701 123 45 68"}
    return _posted(web, path, "asel", BLOCK, other, headers=KEY)


def _decided(web: Any, _: ExitStack) -> Sent:
    order = drafted(web)
    body = {"approved": False, "note": "жоқ", "version": order.version}
    path = f"/v1/orders/{order.id}/approvals"
    return _posted(web, path, "asel", body, {**body, "approved": True})


def _agreed(web: Any, _: ExitStack) -> Sent:
    """The last yes that an order needs."""
    order = drafted(web)
    path, body = f"/v1/orders/{order.id}/approvals", {"approved": True}
    web.post(path, "asel", json=body).raise_for_status()
    return _posted(web, path, "daniyar", body, {"approved": False})


def _withdrawn(web: Any, room: ExitStack) -> Sent:
    order = _draft(web, room).call().json()
    path = f"/v1/orders/{order['id']}/withdraw"
    return _posted(web, path, "asel", {"version": order["version"]})


def _reminded(web: Any, _: ExitStack) -> Sent:
    return _posted(web, f"/v1/orders/{web.asked().order}/remind", "asel", None)


def _recorded(web: Any, _: ExitStack) -> Sent:
    body = {"order": held(web), "channel": "phone", "words": "Бұл менің ақшам дейді иесі"}
    return _posted(web, "/v1/appeals", "asel", body, {**body, "channel": "letter"}, headers=KEY)


def _judged(web: Any, room: ExitStack) -> Sent:
    appeal = _recorded(web, room).call().json()
    body = {
        "verdict": "part", "reason": "wages", "words": "Жартысы жалақы екен", "amount": 7,
        "version": appeal["version"],
    }  # fmt: skip
    path = f"/v1/appeals/{appeal['id']}/decision"
    return _posted(web, path, "asel", body, {**body, "amount": 8})


WISH = {
    "kind": "preservation", "country": "GE", "addressee": "Cybercrime Division",
    "basis": "interpol", "words": "Кіру журналдарын сақтап қойыңыз",
}  # fmt: skip


def _abroad(web: Any, _: ExitStack) -> Sent:
    path = f"/v1/cases/{web.report().json()['case']}/abroad"
    return _posted(web, path, "asel", WISH, {**WISH, "country": "AM"}, headers=KEY)


def _abroad_agreed(web: Any, room: ExitStack) -> Sent:
    request = _abroad(web, room).call().json()["id"]
    bodies = ({"approved": yes, "version": 0} for yes in (True, False))
    return _posted(web, f"/v1/abroad/{request}/approvals", "daniyar", *bodies)


def _abroad_sent(web: Any, room: ExitStack) -> Sent:
    agreed = _abroad_agreed(web, room).call().json()
    bodies = ({"event": event, "version": 1} for event in ("send", "withdraw"))
    return _posted(web, f"/v1/abroad/{agreed['id']}/steps", "asel", *bodies)


def _sought(web: Any, _: ExitStack) -> Sent:
    web.report()
    return _posted(web, "/v1/search", "asel", {"q": "900101300017"})


def _pack(web: Any, _: ExitStack) -> Sent:
    return _posted(web, f"/v1/cases/{web.report().json()['case']}/pack", "asel", None)


# ── officers: people, teams, glass, one's own account ──────────────────────────────────────


def _taken_in(web: Any, _: ExitStack) -> Sent:
    body = {"login": "nur", "name": "Нұр А.", "role": "expert", "region": "KZ-75"}
    return _posted(web, "/v1/people", "asel", body)


def _moved(web: Any, _: ExitStack) -> Sent:
    return _posted(web, "/v1/people/dana/role", "asel", {"role": "expert", "region": "KZ-10"})


def _person(what: str) -> Callable[[Any, ExitStack], Sent]:
    return lambda web, _: _posted(web, f"/v1/people/dana/{what}", "asel", None)


def _unlocked(web: Any, room: ExitStack) -> Sent:
    _person("lock")(web, room).call().raise_for_status()
    return _person("unlock")(web, room)


def _team(web: Any, _: ExitStack) -> Sent:
    bodies = ({"name": "Two regions", "days": days} for days in (9, 30))
    return _posted(web, "/v1/teams", "asel", *bodies)


def _team_path(web: Any, room: ExitStack, what: str) -> str:
    return f"/v1/teams/{_team(web, room).call().json()['id']}/{what}"


def _team_ended(web: Any, room: ExitStack) -> Sent:
    return _posted(web, _team_path(web, room, "end"), "asel", None)


def _joined(web: Any, room: ExitStack) -> Sent:
    return _posted(web, _team_path(web, room, "people"), "asel", {"of": "dana"})


def _left(web: Any, room: ExitStack) -> Sent:
    path = _team_path(web, room, "people")
    web.post(path, "asel", json={"of": "dana"}).raise_for_status()
    return _posted(web, path, "asel", {"of": "dana", "remove": True})


def _shared(web: Any, room: ExitStack) -> Sent:
    body = {"of": web.report().json()["case"]}
    return _posted(web, _team_path(web, room, "cases"), "asel", body)


def _unshared(web: Any, room: ExitStack) -> Sent:
    body = {"of": web.report().json()["case"]}
    path = _team_path(web, room, "cases")
    web.post(path, "asel", json=body).raise_for_status()
    return _posted(web, path, "asel", {**body, "remove": True})


def _glass(web: Any, _: ExitStack) -> Sent:
    case = web.report().json()["case"]
    return _posted(web, "/v1/glass", "dana", {"case": case, "reason": "one drop, two cities"})


def _reviewed(web: Any, room: ExitStack) -> Sent:
    path = f"/v1/glass/{_glass(web, room).call().json()['id']}"
    return _posted(web, path, "asel", {"verdict": "right"}, {"verdict": "wrong"})


def _sign_in(web: Any, _: ExitStack) -> Sent:
    body = {"login": "asel", "password": PASSWORD}
    return Sent(lambda: web.post("/v1/sign-in", json=body))


def _sign_out(web: Any, _: ExitStack) -> Sent:
    return _posted(web, "/v1/sign-out", "asel", None)


def _totp(web: Any, _: ExitStack) -> Sent:
    return _posted(web, "/v1/account/totp", "asel", None)


def _confirmed(web: Any, room: ExitStack) -> Sent:
    secret = _totp(web, room).call().json()["secret"]
    code = totp.code(base64.b32decode(secret.replace(" ", "")), wall_us() // totp.STEP_US - 1)
    return _posted(web, "/v1/account/totp/confirm", "asel", {"code": code})


def _factor(web: Any, room: ExitStack) -> Sent:
    codes = _confirmed(web, room).call().json()["codes"]
    web.sign_in("asel")
    return _posted(web, "/v1/sign-in/factor", "asel", {"code": codes[0]})


def _proof(web: Any, _: ExitStack) -> Sent:
    return _posted(web, "/v1/account/proof", "asel", {"password": PASSWORD})


def _password(web: Any, _: ExitStack) -> Sent:
    return _posted(web, "/v1/account/password", "asel", {"old": PASSWORD, "new": NEW})


def _others_ended(web: Any, _: ExitStack) -> Sent:
    web.sign_in("asel")
    return _posted(web, "/v1/account/devices/end", "asel", None)


def _one_ended(web: Any, _: ExitStack) -> Sent:
    web.sign_in("asel")
    devices = web.get("/v1/account", "asel").json()["devices"]
    (mark,) = [each["mark"] for each in devices if not each["this"]]
    return _posted(web, f"/v1/account/devices/{mark}/end", "asel", None)


# ── officers: measures and drafts of plans ─────────────────────────────────────────────────

MEASURE = {"names": {"kk": "Қоңырауларды белгілеу"}, "owner": "ЦДИАӨМ", "due_day": "2030-01-01"}
PLAN = {"title": "Кешенді жоспар", "bodies": ["Ұлттық банк", "Бас прокуратура"]}
PLAN_TEXT = {"language": "kk", "words": "1. Операторлар қоңырауларды белгілейді."}


def _programme(web: Any, _: ExitStack) -> Sent:
    body = {
        "kind": "plan", "names": {"en": "A plan"}, "owner": "ҰБ", "from_day": "2026-01-01",
        "to_day": "2026-12-31", "source": "Letter 7",
    }  # fmt: skip
    return _posted(web, "/v1/programmes", "asel", body, {**body, "owner": "ІІМ"}, headers=KEY)


def _measure(web: Any, _: ExitStack) -> Sent:
    other = {**MEASURE, "owner": "ІІМ"}
    return _posted(web, "/v1/measures", "asel", MEASURE, other, headers=KEY)


def _of_measure(web: Any, room: ExitStack, what: str) -> str:
    return f"/v1/measures/{_measure(web, room).call().json()['measure']}/{what}"


def _measure_moved(web: Any, room: ExitStack) -> Sent:
    return _posted(web, _of_measure(web, room, "moves"), "asel", {"event": "start"})


def _measure_shown(web: Any, room: ExitStack) -> Sent:
    body = {"kind": "document", "reference": "Order 12"}
    return _posted(web, _of_measure(web, room, "evidence"), "asel", body)


def _measure_done(web: Any, room: ExitStack) -> Sent:
    """The second person's yes."""
    _measure_shown(web, room).call().raise_for_status()
    path = _of_measure(web, room, "moves")
    for event in ("start", "claim"):
        web.post(path, "asel", json={"event": event}).raise_for_status()
    return _posted(web, path, "daniyar", {"event": "agree"})


def _measure_judged(web: Any, room: ExitStack) -> Sent:
    body = {"start": "2029-01", "methods": ["28"], "against": "methods"}
    return _posted(web, _of_measure(web, room, "designs"), "asel", body)


def _plan(web: Any, _: ExitStack) -> Sent:
    return _posted(web, "/v1/plans", "asel", PLAN, {**PLAN, "title": "Басқа"}, headers=KEY)


def _of_plan(web: Any, room: ExitStack, what: str) -> str:
    return f"/v1/plans/{_plan(web, room).call().json()['plan']}/{what}"


def _plan_written(web: Any, room: ExitStack) -> Sent:
    return _posted(web, _of_plan(web, room, "versions"), "asel", PLAN_TEXT)


def _plan_asked(web: Any, room: ExitStack) -> Sent:
    _plan_written(web, room).call().raise_for_status()
    return _posted(web, _of_plan(web, room, "rounds"), "asel", {"due_day": "2030-01-01"})


def _plan_commented(web: Any, room: ExitStack) -> Sent:
    _plan_asked(web, room).call().raise_for_status()
    body = {"body": "Ұлттық банк", "words": "Банктерді қосу керек"}
    return _posted(web, _of_plan(web, room, "comments"), "asel", body)


def _plan_answered(web: Any, room: ExitStack) -> Sent:
    number = _plan_commented(web, room).call().json()["comment"]
    body = {"accepted": True, "reason": "Екінші тармақ болды"}
    path = _of_plan(web, room, f"comments/{number}/answer")
    return _posted(web, path, "asel", body, {**body, "accepted": False})


def _plan_closed(web: Any, room: ExitStack) -> Sent:
    _plan_asked(web, room).call().raise_for_status()
    return _posted(web, _of_plan(web, room, "close"), "asel", None)


CALLS: dict[str, Callable[[Any, ExitStack], Sent]] = {
    "/v1/facts/{kind}": _facts,
    "/v1/reports": _report,
    "/v1/orders/{order}/answers": _answer,
    "/v1/orders/{order}/received": _received,
    "/v1/orders/{order}/appeals": _appeal,
    "/v1/calls/appeals": _refused_call,
    "/v1/answers": _sheet,
    "/v1/warnings/{warning}/warned": _warned,
    "/v1/letters/loan-dispute": _letter,
    "/v1/screen/payments": _payment,
    "/v1/screen/loans": _loan,
    "/v1/screen/calls": _call,
    "/v1/calls/places": _places,
    "/v1/calls/places/whole": _whole_places,
    "/v1/calls/ports": _ports,
    "/v1/devices": _devices,
    "/v1/compliance/{item}/answer": _numbers,
    "/v1/content/moments/{moment}/ask": _moment,
    "/v1/content/outcomes": _outcomes,
    "/v1/content/mailings/{mailing}/answer": _mailed,
    "/v1/sms/receipts/{sms}/{mark}": _receipt,
    "/v1/sms/replies": _reply,
    "/v1/cases/{case}/number-user": _number,
    "/v1/calls/journal": _journal,
    "/v1/cases/{case}/orders": _draft,
    "/v1/cases/{case}/abroad": _abroad,
    "/v1/abroad/{abroad}/approvals": _abroad_agreed,
    "/v1/abroad/{abroad}/steps": _abroad_sent,
    "/v1/search": _sought,
    "/v1/cases/{case}/pack": _pack,
    "/v1/orders/{order}/approvals": _decided,
    "/v1/orders/{order}/withdraw": _withdrawn,
    "/v1/orders/{order}/remind": _reminded,
    "/v1/appeals": _recorded,
    "/v1/appeals/{appeal}/decision": _judged,
    "/v1/people": _taken_in,
    "/v1/people/{login}/role": _moved,
    "/v1/people/{login}/password": _person("password"),
    "/v1/people/{login}/factors": _person("factors"),
    "/v1/people/{login}/{step}": _person("lock"),
    "/v1/teams": _team,
    "/v1/teams/{team}/end": _team_ended,
    "/v1/teams/{team}/{what}": _joined,
    "/v1/glass": _glass,
    "/v1/glass/{number}": _reviewed,
    "/v1/sign-in": _sign_in,
    "/v1/sign-in/factor": _factor,
    "/v1/sign-out": _sign_out,
    "/v1/account/totp": _totp,
    "/v1/account/totp/confirm": _confirmed,
    "/v1/account/proof": _proof,
    "/v1/account/password": _password,
    "/v1/account/devices/end": _others_ended,
    "/v1/account/devices/{mark}/end": _one_ended,
    "/v1/programmes": _programme,
    "/v1/measures": _measure,
    "/v1/measures/{measure}/moves": _measure_moved,
    "/v1/measures/{measure}/evidence": _measure_shown,
    "/v1/measures/{measure}/designs": _measure_judged,
    "/v1/plans": _plan,
    "/v1/plans/{plan}/versions": _plan_written,
    "/v1/plans/{plan}/rounds": _plan_asked,
    "/v1/plans/{plan}/comments": _plan_commented,
    "/v1/plans/{plan}/comments/{number}/answer": _plan_answered,
    "/v1/plans/{plan}/close": _plan_closed,
}
OTHERS: dict[str, Callable[[Any, ExitStack], Sent]] = {
    "the last yes": _agreed, "unlocked": _unlocked, "sessions ended": _person("end"),
    "out of a team": _left, "shared with a team": _shared, "shared no more": _unshared,
    "a measure done": _measure_done,
}  # fmt: skip
"""What else some of these operations do."""
KEYED = {
    "/v1/facts/{kind}", "/v1/reports", "/v1/orders/{order}/appeals", "/v1/screen/payments",
    "/v1/screen/loans", "/v1/cases/{case}/orders", "/v1/appeals",
    "/v1/calls/appeals", "/v1/cases/{case}/abroad",
    "/v1/programmes", "/v1/measures", "/v1/plans",
    "/v1/content/outcomes",
}  # fmt: skip
"""They take an `Idempotency-Key`."""


def test_no_operation_that_does_anything_is_left_out(web: Any) -> None:
    found = {
        (method, path) for method in CHANGING for path in paths(web.http.app, method)
        if path.startswith("/v1")
    }  # fmt: skip
    assert found == {("POST", path) for path in CALLS}
    assert ONCE.keys() | ANEW.keys() <= CALLS.keys()
    assert not ONCE.keys() & ANEW.keys()
    described = web.get("/v1/openapi.json").json()["paths"]
    keyed = {
        path for path, operations in described.items()
        if "Idempotency-Key" in [one["name"] for one in operations.get("post", {}).get(
            "parameters", [])]
    }  # fmt: skip
    assert keyed == KEYED
    for path, why in {**ONCE, **ANEW}.items():
        assert why in described[path]["post"]["description"]


LOOKS = {"view", "export", "refused"}
"""What the record keeps of each look, whatever it brought."""
FAILED = {"throttles", "audit"}
"""Where a proof that was refused is counted."""


def _stands(web: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the register but looks, and when somebody was seen last."""
    seen = {"sessions.seen_us", "sessions.expires_us", "partner_keys.used_us"}
    told = {}
    with web.database.session() as session:
        for table in orm.Base.metadata.sorted_tables:
            columns = [each for each in table.columns if str(each) not in seen]
            rows = select(*columns)
            if table.name == "audit":
                rows = rows.where(table.c.action.not_in(LOOKS))
            told[table.name] = sorted((tuple(row) for row in session.execute(rows)), key=repr)
    return told


def _changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name, rows in after.items() if rows != before[name]}


@pytest.mark.parametrize("path", [*sorted(CALLS.keys() - ONCE.keys() - ANEW.keys()), *OTHERS])
def test_the_same_again_counts_once_and_is_answered_alike(
    staffed: Any, room: ExitStack, path: str
) -> None:
    sent = (CALLS | OTHERS)[path](staffed, room)
    first = sent.call()
    assert first.status_code < 300, first.text
    before = _stands(staffed)
    for _ in range(2):
        again = sent.call()
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert _changed(before, _stands(staffed)) == set()
    assert sent.other or path not in KEYED
    if sent.other is not None:
        other = sent.other()
        assert (other.status_code, other.json()["error"]["code"] in {"key_used", "conflict"}) == (
            409, True,
        )  # fmt: skip
        assert _changed(before, _stands(staffed)) == set()


@pytest.mark.parametrize("path", ONCE)
def test_what_is_spent_changes_nothing_twice(staffed: Any, room: ExitStack, path: str) -> None:
    sent = CALLS[path](staffed, room)
    first = sent.call()
    assert first.status_code < 300, first.text
    before = _stands(staffed)
    again = sent.call()
    assert again.content != first.content, "it belongs among those that are answered alike"
    assert again.status_code in (200, 401, 404, 409)
    assert _changed(before, _stands(staffed)) <= FAILED


@pytest.mark.parametrize("path", ANEW)
def test_what_each_time_is_another_act_says_so_in_the_record(
    staffed: Any, room: ExitStack, path: str
) -> None:
    sent = CALLS[path](staffed, room)
    counted = []
    for _ in range(2):
        answer = sent.call()
        assert answer.status_code < 300, answer.text
        with staffed.database.session() as session:
            noted = select(func.count()).where(orm.Audit.action.not_in(LOOKS))
            counted.append(session.scalar(noted) or 0)
    assert counted[1] > counted[0]
