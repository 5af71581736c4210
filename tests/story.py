"""A small centre with a story: the register, lake and machine are real; banks, victims and
officers are played here. It is told once and copied for every test."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from homes import migrated
from qalqan.cases import clocks, order_book
from qalqan.cases.answers import take_answer
from qalqan.cases.delivery import offer, receive, sign_waiting
from qalqan.cases.policy import install_default_policy
from qalqan.cases.reports import ReportIn, take_report
from qalqan.clock import MINUTE, SECOND, SharedClock
from qalqan.exchange.order_message import Answer
from qalqan.model.order import Order
from qalqan.register import jobs, orm, partners, people
from qalqan.register.database import Database
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work.bookkeeping import Books

BANKS = {
    "kokjiek": ("311", {"kk": "Көкжиек Банкі", "ru": "Кокжиек Банк", "en": "Kokjiek Bank"}),
    "tulpar": ("312", {"kk": "Тұлпар Банк", "ru": "Тулпар Банк", "en": "Tulpar Bank"}),
    "keruen": ("313", {"kk": "Керуен Банк", "ru": "Керуен Банк", "en": "Keruen Bank"}),
    "aqjol": ("314", {"kk": "Ақжол Банк", "ru": "Акжол Банк", "en": "Aqjol Bank"}),
    "samal": ("315", {"kk": "Самал Банк", "ru": "Самал Банк", "en": "Samal Bank"}),
}
CODES = {partner: code for partner, (code, _) in BANKS.items()}
OFFICERS = {
    "a.nurlanova": "supervisor", "b.seitkali": "supervisor", "e.kim": "prosecutor",
    "d.ospanov": "investigator", "g.audit": "auditor", "s.oper": "operator",
    "z.akhmetova": "analyst",
}  # fmt: skip
PASSWORD = "қара алтын таулар"
IIN = "900101300017"
WORDS = "Банк қызметкеріміз деп қоңырау шалды, ақшаңызды қауіпсіз шотқа аударыңыз деді."
VICTIM, OTHER = "311:00001207", "311:00008842"
FIRST, SECOND_HOP, THIRD, FOURTH, FIFTH = (
    "312:00004471", "315:00000926", "313:00007710", "315:00003308", "314:00005512",
)  # fmt: skip
HELD = "313:00006631"


def at(clock: str, day: int = 23) -> int:
    """A moment of November 2026 in Almaty, UTC microseconds."""
    hour, minute = map(int, clock.split(":"))
    moment = datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("Asia/Almaty"))
    return int(moment.timestamp()) * SECOND


@dataclass
class Centre:
    """A centre in a home of its own."""

    home: Path
    database: Database
    keys: Keys
    books: Books
    clock: SharedClock
    sessions: dict[str, str] = field(default_factory=dict)

    def work(self) -> None:
        """Do all jobs that are due; partners fetch their orders and say that they have them."""
        while (job := jobs.lease(self.database, "test")) is not None:
            if job.kind in {"deliver", clocks.REMIND}:
                sign_waiting(self.database, self.keys, job.key) if job.kind == "deliver" else None
                jobs.done(self.database, job)
            else:
                self.books.handlers[job.kind](job)

    def fetch(self) -> None:
        """Every bank fetches its orders and says so."""
        for partner in BANKS:
            for offered in offer(self.database, self.keys, partner).orders:
                receive(self.database, partner, offered.id)

    def to(self, clock: str, day: int = 23) -> None:
        """Time passes, and what falls due is done."""
        self.clock.set(at(clock, day))
        self.work()

    def order(self, kind: str, partner: str, account: str | None = None) -> Order:
        """The newest open order of that kind."""
        with self.database.session() as session:
            found = order_book.find(
                session, orm.Order.kind == kind, orm.Order.partner == partner,
                orm.Order.state.in_(["approved", "sent", "received", "escalated"]),
            )  # fmt: skip
        tail = "" if account is None else account[-4:]
        return [order for order in found if (order.account or "").endswith(tail)][-1]

    def answer(self, order: Order, outcome: str, **more: Any) -> None:
        """The partner's answer, and what follows from it."""
        body = {"order": order.id, "outcome": outcome, **more}
        take_answer(self.database, self.keys, order.partner, Answer.model_validate(body))
        self.work()

    def statement(
        self, account: str, lines: list[dict[str, Any]], opening: int = 0, to_us: int = 0
    ) -> None:
        """The bank's statement up to now, which adds up."""
        code = account.partition(":")[0]
        partner = next(name for name in BANKS if CODES[name] == code)
        order = self.order("statement", partner, account)
        change = sum(x["amount"] for x in lines if x.get("payee_account") == account)
        change -= sum(x["amount"] for x in lines if x.get("payer_account") == account)
        body = {
            "id": f"S {order.id}", "account": account, "from_us": order.from_us,
            "to_us": to_us or self.clock.now_us(), "opening": opening,
            "closing": opening + change, "lines": lines,
        }  # fmt: skip
        self.answer(order, "statement", statement=body)


def line(
    payer: str, payee: str | None, tenge: int, at_us: int, side: str, **more: Any
) -> dict[str, Any]:
    """A payment as a bank books it."""
    ends = {"payer_account": payer, "payer_bank": payer.partition(":")[0]}
    if payee is not None:
        ends |= {"payee_account": payee, "payee_bank": payee.partition(":")[0]}
    return {
        "id": f"{payer}>{payee} {at_us}", "at_us": at_us, "side": side, "amount": tenge * 100,
        "currency": "KZT", "instrument": "transfer", **ends, **more,
    }  # fmt: skip


def tell(home: Path) -> Centre:
    """Tell the whole story into a home: one case in the middle of the chase, one whose money
    waits to be returned, one that nobody has confirmed."""
    centre = found(home)
    with closing(centre.books):
        case_of_return(centre)
        case_of_chase(centre)
        report(centre, OTHER, 315_000, at("13:20"), payee=None, methods=["27"])
        centre.work()
        centre.fetch()
    return centre


def case_of_return(centre: Centre) -> None:
    """All of it is held at the first bank, and its books are told: it waits for three people."""
    centre.to("10:00", 21)
    report(centre, OTHER, 960_000, at("09:20", 21), HELD, methods=["29"])
    centre.work()
    centre.to("10:03", 21)
    paid = line(OTHER, HELD, 960_000, at("09:20", 21), "payer")
    centre.answer(centre.order("confirm", "kokjiek"), "confirmed", payment=paid)
    centre.to("10:06", 21)
    centre.answer(centre.order("hold", "keruen"), "held", reference="K-7781")
    centre.to("11:00", 21)
    centre.statement(HELD, [line(OTHER, HELD, 960_000, at("09:20", 21), "payee")])


def case_of_chase(centre: Centre) -> None:
    """Sums and times of `design/case.png`: some held, some abroad, some in cash, two awaited."""
    centre.to("14:47")
    report(centre, VICTIM, 4_850_000, at("14:02"), FIRST, methods=["28", "47"], words=WORDS)
    centre.work()
    root = line(VICTIM, FIRST, 4_850_000, at("14:02"), "payer")
    centre.answer(centre.order("confirm", "kokjiek"), "confirmed", payment=root)
    centre.to("14:48")
    centre.answer(centre.order("hold", "tulpar"), "gone", amount=0, reason="Ақша кетіп қалған")
    onward = {"uetr": "9d3f1c52-7f2e-4a55-9c1d-2f6b7e4a1c01"}
    centre.statement(FIRST, [
        line(VICTIM, FIRST, 4_850_000, at("14:02"), "payee"),
        line(FIRST, SECOND_HOP, 1_850_000, at("14:11"), "payer"),
        line(FIRST, THIRD, 1_489_500, at("14:16"), "payer", **onward),
        line(FIRST, None, 600_000, at("14:23"), "payer", instrument="cash_out"),
        line(FIRST, FOURTH, 790_000, at("14:29"), "payer"),
    ])  # fmt: skip
    centre.to("14:50")
    away = line(THIRD, FIFTH, 424_500, at("14:38"), "payer")
    centre.answer(
        centre.order("hold", "keruen", THIRD), "partial", amount=1_025_000_00, forwarded=[away]
    )
    centre.statement(THIRD, [
        line(FIRST, THIRD, 1_489_000, at("14:16"), "payee", **onward), away,
    ])  # fmt: skip
    centre.to("14:51")
    centre.answer(centre.order("hold", "samal", SECOND_HOP), "partial", amount=895_000_00)
    centre.statement(SECOND_HOP, [
        line(FIRST, SECOND_HOP, 1_850_000, at("14:11"), "payee"),
        line(SECOND_HOP, "QZBKAEAD:00990017", 890_000, at("14:20"), "payer", payee_country="AE"),
    ], opening=300_000_00)  # fmt: skip
    centre.fetch()
    centre.to("14:54")


def report(
    centre: Centre, payer: str, tenge: int, crime_us: int, payee: str | None = None, **more: Any
) -> None:
    """A victim's report, made now."""
    body = {
        "region": "KZ-35", "language": "kk", "victim_iin": IIN, "payer_account": payer,
        "payee_account": payee, "amount": tenge * 100, "crime_us": crime_us,
        "discovered_us": crime_us + 20 * MINUTE, "reported_us": centre.clock.now_us(),
        "cause": "trusted_caller",
    } | more  # fmt: skip
    take_report(centre.database, centre.keys, ReportIn(**body), "hotline")


def found(home: Path) -> Centre:
    """A centre with five banks, a hotline and six officers, all of them signed in."""
    settings = Settings(home=home)
    clock = SharedClock.create(home / "clock", at("09:00", 20))
    keys = Keys.create(settings.keys_file)
    database = migrated(settings)
    with database.write() as session:
        for partner, (code, names) in BANKS.items():
            partners.add_partner(session, partner, "bank", names, bank_code=code)
        hotline = {"kk": "Сенім желісі", "ru": "Линия доверия", "en": "Hotline"}
        partners.add_partner(session, "hotline", "channel", hotline)
        for login, role in OFFICERS.items():
            people.add_user(session, keys, login, login, PASSWORD, role, "KZ")
        install_default_policy(session, ["a.nurlanova", "b.seitkali"])
    sessions = {login: people.sign_in(database, login, PASSWORD) for login in OFFICERS}
    return Centre(home, database, keys, Books(database, settings), clock, sessions)
