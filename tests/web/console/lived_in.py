"""The told centre on a busy day: every page of the console has something to show."""

from __future__ import annotations

from typing import Any

import calls_told
import measures_told
import outreach_told

import story
from persons import Officer
from qalqan.bulletin import desk
from qalqan.bulletin.figures import entering
from qalqan.bulletin.figures.book import open_book
from qalqan.bulletin.figures.entering import Stated
from qalqan.cases import (
    abroad_contacts,
    abroad_requests,
    abroad_steps,
    appeals,
    call_appeals,
    compliance,
    devices,
    documents,
    drops,
    notes,
    order_book,
    seen,
    tasks,
    training_courses,
    training_runs,
)
from qalqan.cases.abroad_kinds import Event
from qalqan.cases.call_appeals import Told
from qalqan.cases.devices import Move
from qalqan.cases.documents import Upload
from qalqan.cases.tasks import Wanted
from qalqan.clock import DAY, MINUTE, wall_us
from qalqan.model.finding import Finding
from qalqan.register import (
    break_glass,
    factors,
    jobs,
    orm,
    partner_events,
    partners,
    people,
    teams,
    vault,
)
from qalqan.trust import tokens
from qalqan.web.console import exercise_follow, exercise_judge
from qalqan.work.bulletins import keep_figures
from qalqan.work.findings import keep, set_mode

ANALYST = "z.akhmetova"
ANALYZES = Officer(ANALYST, "analyst")
BOSS, OFFICER = Officer("a.nurlanova", "supervisor"), Officer("d.ospanov")
CLERK, OPERATORS_CLERK = "clerk.keruen", "clerk.dala"
IMEI, BLACK_IMEI = "490154203237518", "356938035643809"
MANY = "subscriptions.many_numbers_one_holder"
CHASE, RETURN = "C-26-000002", "C-26-000001"
RULE = "payments.passes_through"
_LONG = "Өте ұзын атауы бар кілт: кеңседегі ескі компьютер"
_STATEMENT = (
    "ИИК:;314:00005512\nЗа период с 22.11.2026 по 23.11.2026\nВходящий остаток:;0\n"
    "Дата;Дебет;Кредит;ИИК корреспондента\n23.11.2026 14:38;;424500,00;313:00007710\n"
    "Исходящий остаток:;424500,00\n"
).encode()
_SEEN = {
    "currency": "KZT", "received_minor": 10_000_00, "passed_minor": 9_000_00, "quick_minor": 1,
    "cash_minor": 0, "wallet_minor": 0, "crypto_minor": 0, "abroad_minor": 0, "payers": 2,
    "payees": 1, "first_us": DAY, "last_us": DAY + 1, "facts": ["bank:1"],
}  # fmt: skip


REFUSED = Told(
    "+7 727 250 00 01", story.at("12:00"), "abroad", "Біздің байланыс орталығымыз шетелде",
    "desk@example.kz", "kk", network="Алыс желі",
)  # fmt: skip
Pages = dict[str | None, dict[str, tuple[str, ...]]]
"""Who (None: nobody) looks at which addresses, by the template of the route."""


def lived_in(console: Any) -> Pages:
    """Let every kind of thing happen once; give the addresses that show it."""
    state = console.app.state
    database, keys, now = state.database, state.keys, console.clock.now_us()
    with database.session() as session:
        hold, = order_book.find(
            session, orm.Order.kind == "hold", orm.Order.case_id == RETURN,
            orm.Order.state == "answered",
        )  # fmt: skip
        partly = order_book.find(
            session, orm.Order.kind == "hold", orm.Order.case_id == CHASE, orm.Order.effect > 0
        )[0]
        asked = order_book.find(session, orm.Order.state == "received")[0]
        accounts = [e for e in seen.of_case(session, CHASE) if e.kind == "account"]
        entity = next(e for e in accounts if e.source != "victim")
        mark = seen.mark_of(entity.subject)
        given = order_book.find(session, orm.Order.partner == "keruen")[0]
    appeals.record(
        database, keys, Officer("s.oper", "operator"), hold.id, "phone",
        "Бұл менің жалақым, ешкімді алдаған жоқпын", "k",
    )  # fmt: skip
    call_appeals.hand_in(database, keys, REFUSED, call_appeals.PAGE, "k")
    set_mode(database, RULE, "live", BOSS.login, "bound met")
    with database.write() as session:
        session.query(orm.Session).update({"proved_us": wall_us()})
        people.add_user(
            session, keys, CLERK, "Клерк", story.PASSWORD, "clerk", "KZ", partner="keruen"
        )
        keep(session, RULE, [
            Finding(RULE, "account", subject, DAY, 2 * DAY, 0.9, _SEEN, "1", 1)
            for subject in (tokens.token(keys, "account", story.FIRST), "acc_b")
        ], 0)  # fmt: skip
        number = teams.make(session, BOSS, "Астана – Алматы: ұзын атауы бар топ", 30)
        teams.add_person(session, BOSS, number, OFFICER.login)
        teams.add_case(session, BOSS, number, CHASE)
        break_glass.open_for(session, OFFICER, CHASE, "The same drop pays out here")
        drop = drops.open_drop(session, OFFICER, CHASE, mark, "recruiter", "Gathers")
        drops.call(session, keys, OFFICER, drop, "Қасымов Ерлан")
        session.flush()
        document = documents.add(
            session, keys, OFFICER, CHASE, Upload(_STATEMENT, "x.csv", "S", "Aqjol", "statement")
        )
        tasks.set_task(session, OFFICER, CHASE, Wanted("other", "Қоңырау шалу"))
        notes.add(session, keys, OFFICER, CHASE, "<b>Not bold</b> \u202egnp")
        factors.begin_totp(session, keys, BOSS.login)
        key = {"id": "0" * 64, "login": BOSS.login, "name": _LONG, "count": 0}
        session.add(orm.Passkey(credential=b"", public_key=b"", created_us=wall_us(), **key))
        for job, error in (("altyn", "Unavailable"), (CHASE, "ArrowInvalid")):
            row = orm.Job(kind="deliver", key=job, payload={}, state="parked", due_us=0, attempts=8)
            row.last_error, row.created_us = error, now
            session.add(row)
        session.add(orm.PayerToWarn(
            case_id=RETURN, account=entity.subject, payer_account=f"acc_{'a' * 24}_5599",
            payer_bank="313", amount=50_000_00, currency="KZT", at_us=now - MINUTE,
            fact="tulpar:1", why="held", listed_us=now, expires_us=now + 3 * DAY,
        ))  # fmt: skip
        partner_events.note(session, "keruen", "order.sent", now, order=given.id)
        drop_id, document_id = drop.id, document.id
    device, item = _numbers(database, keys)
    request = _abroad(database, mark)
    runs = _training(database)
    bulletins = _bulletins(console)
    calls_told.told(database, keys, now)
    measure, plan = measures_told.told(database, now)
    outreach_told.told(database, keys, now)
    console.sessions[CLERK] = people.sign_in(database, CLERK, story.PASSWORD)
    console.sessions[OPERATORS_CLERK] = people.sign_in(database, OPERATORS_CLERK, story.PASSWORD)
    console.clock.set(story.at("16:30"))  # late clocks are shown too
    case = f"/cases/{CHASE}"
    of_case = {
        "/cases/{case_id}": (case, f"/cases/{RETURN}", "/cases/C-26-000003"),
        "/cases/{case_id}/orders/new": (
            f"{case}/orders/new", f"{case}/orders/new?act=data", f"{case}/orders/new?act=hold",
        ),
        "/cases/{case_id}/entities/{mark}": (f"{case}/entities/{mark}",),
        "/cases/{case_id}/sealed/{mark}": (f"{case}/sealed/{mark}",),
        "/cases/{case_id}/statements/{document}": (
            f"{case}/statements/{document_id}?partner=aqjol",
        ),
    }  # fmt: skip
    tabs = (
        "number-user", "orders", "evidence", "documents", "entities", "graph", "loan-letter",
        "pack", "looked", "statements", "tasks", "abroad",
    )  # fmt: skip
    of_case |= {"/cases/{case_id}/" + tab: (f"{case}/{tab}",) for tab in tabs}
    plain = (
        "/account", "/account/password", "/account/factors", "/account/proof", "/appeals",
        "/approvals", "/calls", "/drops", "/escalated", "/findings", "/glass", "/hazard", "/keys",
        "/operators", "/orders", "/outreach", "/outreach/consents", "/outreach/materials",
        "/outreach/texts", "/people", "/rules", "/teams", "/warnings", "/work", "/workload",
    )  # fmt: skip
    boss = of_case | {path: (path,) for path in plain}
    boss |= {
        "/cases": ("/cases", "/cases?q=Tulpar", "/cases?q=zzz"),
        "/queue": ("/queue", "/queue?tab=mine"),
        "/search": ("/search?q=4471", "/search?q=Самал", "/search?q=zzz"),
        "/appeals/{appeal}": ("/appeals/A-26-000001",),
        "/appeals/calls/{call}": ("/appeals/calls/K-26-000001",),
        "/drops/{drop_id}": (f"/drops/{drop_id}",),
        "/devices": ("/devices", "/devices?of=waiting", "/devices?of=black"),
        "/devices/{device}": (f"/devices/{device}",),
        "/compliance/{item}": (f"/compliance/{item}",),
        "/abroad": ("/abroad", "/abroad?tab=in", "/abroad?tab=closed"),
        "/abroad/{abroad}": (f"/abroad/{request}",),
        "/training": ("/training",),
        "/training/courses": ("/training/courses",),
        "/training/exercises/{run}": tuple(f"/training/exercises/{run}" for run in runs),
        "/abroad/contacts": ("/abroad/contacts",),
        "/abroad/treaties": ("/abroad/treaties",),
        "/cases/{case_id}/abroad": (
            f"{case}/abroad",
            f"{case}/abroad?kind=preservation&country=GE",
            f"{case}/abroad?kind=freeze&country=AE",
        ),
        "/measures": ("/measures", "/measures?shown=late", "/measures?shown=dropped"),
        "/measures/{measure}": (f"/measures/{measure}",),
        "/measures/{measure}/effect": (f"/measures/{measure}/effect",),
        "/plans": ("/plans",),
        "/plans/{plan}": (f"/plans/{plan}",),
        "/orders/{order}": (f"/orders/{hold.id}",),
        "/blocked/{order}": (f"/blocked/{hold.id}", f"/blocked/{partly.id}"),
        "/orders/{order}/answer": (f"/orders/{asked.id}/answer",),
        "/orders/{order}/appeals/new": (f"/orders/{partly.id}/appeals/new",),
        "/people/{login}": (f"/people/{OFFICER.login}",),
        "/rules/{code}": (f"/rules/{RULE}",),
        "/work/{kind}": ("/work/deliver",),
        "/outreach/{campaign}": tuple(
            f"/outreach/{each}"
            for each in (outreach_told.SMS, outreach_told.ASKED, outreach_told.BOOKLET)
        ),
        "/outreach/segments": ("/outreach/segments?period=2026-10",),
    }
    clerk = {path: (path,) for path in (
        "/partner", "/partner/keys", "/partner/warnings", "/partner/facts", "/partner/events",
    )} | {"/partner/orders/{order}": (f"/partner/orders/{given.id}",)}  # fmt: skip
    return {
        BOSS.login: boss,
        CLERK: clerk,
        OPERATORS_CLERK: {"/partner/numbers": ("/partner/numbers",)},
        "g.audit": {"/record": ("/record", "/record?login=d.ospanov")},
        ANALYST: {
            "/statistics": ("/statistics", "/statistics?back=1"),
            "/bulletins/desk": ("/bulletins/desk",),
            "/bulletins/desk/{bulletin}": tuple(f"/bulletins/desk/{b}" for b in bulletins),
        },
        None: {
            "/sign-in": ("/sign-in",),
            "/calls/refused": ("/calls/refused",),
            "/figures": ("/figures",),
            "/figures/method": ("/figures/method",),
            "/bulletins": ("/bulletins",),
            "/figures/{code}": (
                "/figures/loss.reported?period=2026-11",
                "/figures/internet_fraud.solved",
                "/figures/thefts.reported?period=2026-11&part=region%3DKZ-35",
            ),
        },
    }


def _bulletins(console: Any) -> list[str]:
    """One that is being counted, a draft with words, one that is out; and the dashboard's
    figures."""
    state = console.app.state
    keep_figures(state.database, state.settings)
    with state.database.write() as session:
        asked = [desk.ask(session, ANALYZES, *each).id for each in (
            ("month", "2026-11"), ("month", "2024-01"), ("year", "2023"),
        )]  # fmt: skip
    _count(state)
    with state.database.write() as session:
        told = Stated("internet_fraud.registered", "2026-09", "", "1 900", "exact", "Letter 12",
                      "2026-10-05", "p. 3")  # fmt: skip
        entering.enter(session, ANALYZES, told, "k")  # it waits for a second person
        draft, out = (desk.one(session, number) for number in asked[:2])
        words = {"kk": "Түсініктеме.", "ru": "Комментарий.", "en": "A comment."}
        desk.write_words(session, ANALYZES, draft.id, words, draft.version)
        desk.decide(session, BOSS, out.id, True, out.version)
    _count(state)
    with state.database.write() as session:
        asked.append(desk.ask(session, ANALYZES, "press", "2026-11").id)
    return asked


def _count(state: Any) -> None:
    while (job := jobs.lease(state.database, "test", [desk.JOB])) is not None:
        with open_book(state.database, state.settings) as book:
            desk.count(state.database, job, book)


def _numbers(database: Any, keys: Any) -> tuple[str, str]:
    """Two operators, a device on a list and one that waits for it, and numbers to be put in order:
    the device and the item."""
    dala = {"kk": "Дала байланысы", "ru": "Дала Связь", "en": "Dala Mobile"}
    jol = {"kk": "Жол байланысы", "ru": "Жол Связь", "en": "Jol Mobile"}
    with database.write() as session:
        for code, names in (("dala", dala), ("jol", jol)):
            partners.add_partner(session, code, "operator", names)
        people.add_user(
            session, keys, OPERATORS_CLERK, "Клерк", story.PASSWORD, "clerk", "KZ", partner="dala"
        )
        white = Move("white", "dala", "Лицензия 12/2025 ұзын атауы бар құжат", "KZ-75")
        devices.put(session, keys, OFFICER, IMEI, white)
        black = Move("black", note="Шетелден келген қоңырауларды өткізеді")
        waits = devices.put(session, keys, OFFICER, BLACK_IMEI, black)
        for last in range(10, 16):
            number = vault.keep(session, keys, "phone", f"+770112345{last}")
            session.add(orm.NumberLink(
                phone=number, kind="subscription", other="per_dealer", source="dala", first_us=1,
                last_us=2, fact=str(last), detail="activated", dealer="d7",
            ))  # fmt: skip
        evidence = {
            "held": 60, "allowed": 10, "basis": "law", "activated": 55, "without_biometrics": 50,
            "last_us": DAY, "dealers": ["d7"], "phones": [],
        }  # fmt: skip
        keep(session, MANY, [
            Finding(MANY, "person", subject, DAY, 2 * DAY, 0.9, evidence, "1", 1)
            for subject in ("per_dealer", "per_other")
        ], 0)  # fmt: skip
        session.flush()
        row = session.query(orm.FindingRow).filter_by(subject="per_dealer").one()
        session.query(orm.FindingRow).filter_by(subject="per_other").one().state = "confirmed"
        (item,) = compliance.ask(session, BOSS, row.id)
        return waits.device, item.id


def _abroad(database: Any, mark: str) -> str:
    """A contact, a request that was sent, a draft, one that was withdrawn, one that came: the
    first."""
    with database.write() as session:
        abroad_contacts.add(session, OFFICER, abroad_contacts.Told(
            "GE", "Киберқылмыс бөлімінің тәулік бойғы байланыс нүктесі", "point_24_7", "24/7",
            "ka, en, ru", "+995 322 41 22 22", "point@example.ge",
        ))  # fmt: skip
        rows = []
        for kind, country in (("preservation", "GE"), ("mla", "BY"), ("takedown", "NL")):
            basis = "minsk1993" if kind == "mla" else "interpol"
            words = "Ақша осы шоттан криптобиржаға кеткен: кіру журналдарын сақтап қойыңыз."
            wanted = abroad_requests.Wanted(
                kind, country, "Ұзын атауы бар киберқылмысқа қарсы күрес басқармасы", basis, words,
                mark if kind == "preservation" else "",
            )  # fmt: skip
            rows.append(abroad_requests.draft(session, OFFICER, CHASE, wanted, kind).id)
        sent, _, gone = rows
        abroad_steps.step(session, BOSS, sent, Event.APPROVE)
        abroad_steps.step(session, OFFICER, sent, Event.SEND)
        abroad_steps.step(session, OFFICER, gone, Event.WITHDRAW)
        came = abroad_requests.Came("data", "TR", "Анкара полициясы", "Абонент кім екенін айтыңыз")
        abroad_requests.receive(session, OFFICER, came, "came")
    return str(sent)


def _training(database: Any) -> list[int]:
    """Exercises under way and ended, of both kinds; courses, one of them passed."""
    acts = [[0, "confirm", -1, None, "confirmed"], [1, "statement", 8, None, "confirmed"],
            [1, "hold", 8, 100_000_00, "confirmed"], [2, "hold", 8, None, "score"]]  # fmt: skip
    answers = [
        {"verdict": "passes", "evidence": ["quick", "exit"], "wording": "guilt"},
        {"verdict": "bystander", "evidence": [], "wording": "seen"},
    ]
    told = {"follow": {"step": 4, "acts": acts}, "judge": {"answers": answers}}
    runs = []
    with database.write() as session:
        for number in range(2):
            for kind in ("follow", "judge"):
                run = training_runs.begin(session, BOSS, kind, "guided", 1, "1")
                training_runs.put(session, BOSS, run.id, 0, told[kind])
                runs.append(run.id)
                if number == 0:
                    of = (
                        exercise_follow.ended(run)
                        if kind == "follow"
                        else exercise_judge.ended(run.seed, told[kind])
                    )
                    training_runs.end(session, BOSS, run.id, 1, *of)
        course = training_courses.add(
            session, BOSS, "Ақшаның ізін табу: ұзын атауы бар курс", "academy",
            ("operative", "investigator", "supervisor"), 12,
        )  # fmt: skip
        training_courses.take(session, BOSS, course.id, BOSS.login, DAY, "passed")
        wanted = Wanted("consultation", "Қай чаттан алынғанын анықтау")
        tasks.set_task(session, OFFICER, CHASE, wanted)
    return runs
