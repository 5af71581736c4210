"""Measures, programmes and a draft of a plan as pages show them; reports of three years to judge
by."""

from __future__ import annotations

from typing import Any

from persons import Officer
from qalqan.bulletin import measured
from qalqan.bulletin.effects.design import Design
from qalqan.bulletin.figures.definitions import definitions
from qalqan.cases import measure_file, measures, plan_drafts
from qalqan.cases.measures import Wanted
from qalqan.clock import DAY
from qalqan.model.period import Period, day_in_almaty, month_of
from qalqan.register import orm

ANA, BOSS = Officer("s.talday", "analyst"), Officer("a.nurlanova", "supervisor")
REGIONS = ("KZ-71", "KZ-75", "KZ-79", "KZ-10", "KZ-11", "KZ-15", "KZ-19", "KZ-23")
BODIES = ["Ұлттық банк", "Бас прокуратура", "Цифрлық даму министрлігі (ЦДИАӨМ)"]
NAMES = {
    "kk": "Шетелден келген қоңырауларды операторлар экранда белгілейді",
    "ru": "Операторы помечают на экране звонки из-за границы",
    "en": "Operators mark calls from abroad on the screen",
}
ONLY_KAZAKH = {"kk": "Банктер онлайн-қарызды бір тәулікке кейінге қалдырады"}


def months(now_us: int, n: int) -> list[Period]:
    """So many months that are over, oldest first."""
    found = [month_of(day_in_almaty(now_us)).before()]
    while len(found) < n:
        found.append(found[-1].before())
    return found[::-1]


def told(database: Any, now_us: int) -> tuple[str, str]:
    """The measure that is judged, and the draft."""
    soon = day_in_almaty(now_us + 30 * DAY).isoformat()
    past = day_in_almaty(now_us - 30 * DAY).isoformat()
    with database.write() as session:
        first = measure_file.take_briefing(session, ANA)[0].id
        wanted = Wanted(NAMES, BODIES[2], soon, first, figure="thefts.reported", target="−20 %")
        row = measures.add(session, ANA, wanted, "marked", figures=definitions())
        measures.move(session, ANA, row.id, "start")
        measures.show_evidence(
            session, ANA, row.id, "link", "https://adilet.zan.kz/kaz/docs/V2600000001",
            "Бұйрық жарияланды",
        )  # fmt: skip
        late = measures.add(session, ANA, Wanted(ONLY_KAZAKH, BODIES[0], past), "late")
        waits = measures.add(session, ANA, Wanted(ONLY_KAZAKH, BODIES[1], soon), "claimed")
        measures.move(session, ANA, waits.id, "start")
        measures.show_evidence(session, ANA, waits.id, "document", "Хат № 14-2/311")
        measures.move(session, ANA, waits.id, "claim")
        assert late.id != waits.id
        start = months(now_us, 12)[0].start
        measured.register(session, ANA, row.id, Design(start, ("28", "31"), REGIONS[:3], "regions"))
        draft = plan_drafts.add(session, ANA, "Кешенді жоспардың жобасы", BODIES, "plan")
        plan_drafts.write(
            session, ANA, draft.id, "kk", "1. Операторлар қоңырауларды белгілейді.\n2. Банктер."
        )
        plan_drafts.ask(session, ANA, draft.id, soon)
        said = plan_drafts.comment(session, ANA, draft.id, BODIES[0], "Мерзімін ұзарту керек")
        plan_drafts.answer(session, BOSS, draft.id, said.id, False, "Мерзім заңда тұр")
        plan_drafts.comment(session, ANA, draft.id, BODIES[1], "Екінші тармақты нақтылау керек")
        return row.id, draft.id


def reports(database: Any, now_us: int, n: int = 36) -> None:
    """Reports of so many months: from a year ago calls and remote access fall by half where the
    measure reached, while fake ads rise there."""
    case = {"opened_us": now_us, "simulated": True, "state": "closed"}
    with database.write() as session:
        session.add_all(orm.Case(id=f"C-00-{r}", region=r, **case) for r in REGIONS)
        session.flush()
        for at, month in enumerate(months(now_us, n)):
            for of, region in enumerate(REGIONS):
                for method, count in _counts(at, of, n - 12):
                    session.add_all(
                        _report(month, region, method, at, number) for number in range(count)
                    )


def _counts(at: int, of: int, start: int) -> list[tuple[str, int]]:
    base = 9 + (5 * at + 3 * of + at * at) % 5
    hit = at >= start and of < 3
    return [("28", base // 3 if hit else base), ("27", base * 2 if hit else base)]


def _report(month: Period, region: str, method: str, at: int, number: int) -> orm.Report:
    name = f"{at}-{region}-{method}-{number}"
    when = month.from_us + (1 + number) * DAY // 2
    return orm.Report(
        id=f"R-{name}"[:20], case_id=f"C-00-{region}", channel="hotline", methods=[method],
        receipt_hash=name, methods_version="1", region=region, language="kk", victim="per_x",
        payer_account="acc_x", payer_bank="211", amount=100_000_00, currency="KZT",
        crime_us=when, discovered_us=when, reported_us=when,
    )  # fmt: skip
