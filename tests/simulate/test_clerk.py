"""The clerk's day with the centre's workbook, over the wire that every partner uses (REQ-19)."""

from dataclasses import dataclass, field

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.errors import Unavailable
from qalqan.exchange import order_sheet
from qalqan.exchange.order_message import Answer, OrderMessage
from qalqan.model.order import Kind, Outcome
from qalqan.simulate import clerk, desk
from qalqan.simulate.banks import BANKS
from qalqan.simulate.centre import XLSX, Centre

BANK = next(bank for bank in BANKS if bank.delivery == "sheet")


@dataclass
class Desk:
    """The centre's side of the workbook: what waits, what was answered, what it won't take."""

    waiting: list[OrderMessage] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    languages: list[str] = field(default_factory=list)
    refuses: frozenset[str] = frozenset()

    async def orders(self, request):
        self.languages.append(request.headers["accept-language"])
        return Response(order_sheet.write(self.waiting, self.languages[-1]))

    async def take(self, request):
        assert request.headers["content-type"] == XLSX
        read = order_sheet.read(await request.body(), XLSX)
        assert read.refused == ()
        taken = {a.order: a for a in read.answers if a.order not in self.refuses}
        self.answers |= taken
        self.waiting = [order for order in self.waiting if order.order not in taken]
        refused = len(read.answers) - len(taken)
        status = 200 if not refused else 207 if taken else 422
        return JSONResponse({"taken": len(taken), "refused": refused}, status)

    def centre(self) -> Centre:
        routes = [
            Route("/v1/orders.xlsx", self.orders),
            Route("/v1/answers", self.take, methods=["POST"]),
        ]
        centre = Centre("http://centre", "token")
        centre._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(Starlette(routes=routes)), base_url="http://centre"
        )
        return centre


@pytest.fixture
def office(world):
    """The centre's desk, and a visit of the clerk at a moment; answers how many he handed in."""
    it = Desk()
    it.visit = lambda now: anyio.run(clerk.work_through, world, BANK, it.centre(), now)
    return it


def _order(number, kind, account, now, **more):
    return OrderMessage(
        order=f"O-26-{number:06d}", case="C-26-000001", kind=kind, partner=BANK.partner,
        account=account, ground="g", issued_us=now, currency="KZT", **more,
    )  # fmt: skip


@pytest.fixture
def account(town, world):
    """An account at the clerk's bank through which much goes, and its text."""
    accounts = town.population.accounts
    index = BANKS.index(BANK)
    shops = town.population.companies.account[town.population.companies.shops]
    return world.text_of(next(int(a) for a in shops if accounts.bank[a] == index))


def test_he_takes_orders_at_his_hours_and_hands_in_what_is_due(town, world, office, account):
    nine = town.start_us + 9 * HOUR
    early = town.start_us + 8 * HOUR + 30 * MINUTE
    office.waiting = [
        _order(1, Kind.STATEMENT, account, nine, from_us=town.start_us - DAY),
        _order(2, Kind.CONFIRM, account, nine, amount=1, from_us=0, to_us=nine),
        _order(3, Kind.HOLD, account, nine, amount=100, expires_us=nine + DAY),
    ]
    assert office.visit(early) == 0
    assert world.sql.execute("SELECT count(*) FROM orders").fetchone() == (0,)
    assert office.visit(nine) == 0
    assert world.sql.execute("SELECT count(*) FROM orders").fetchone() == (3,)
    assert office.visit(nine + 2 * HOUR) == 3
    said = office.answers
    assert [said[f"O-26-00000{n}"].outcome for n in (1, 2, 3)] == ["statement", "not_found", "held"]
    assert said["O-26-000003"].amount == 100
    assert set(office.languages) == {"kk"}
    assert office.visit(nine + 4 * HOUR) == 0
    assert office.waiting == []


def test_his_sheet_says_what_the_books_say(town, world, office, account):
    nine = town.start_us + 9 * HOUR
    message = _order(1, Kind.STATEMENT, account, nine, from_us=town.start_us - DAY)
    office.waiting = [message]
    office.visit(nine)
    office.visit(nine + 2 * HOUR)
    told = world.sql.execute("SELECT answer FROM orders").fetchone()[0]
    books, sheet = (
        Answer.model_validate_json(told).statement,
        office.answers[message.order].statement,
    )
    assert books.lines
    assert sheet == books.model_copy(update={"id": message.order})
    assert sheet.opening + sum(
        line.amount * ((line.payee_account == account) - (line.payer_account == account))
        for line in sheet.lines
    ) == sheet.closing  # fmt: skip


def test_money_comes_back_with_the_banks_own_line(town, world, office, account):
    nine, victim = town.start_us + 9 * HOUR, world.text_of(town.plan.claims[0].payer)
    hold = _order(1, Kind.HOLD, account, nine, amount=5_000, expires_us=nine + 3 * DAY)
    office.waiting = [hold]
    office.visit(nine)
    office.visit(nine + 2 * HOUR)
    later = nine + DAY
    office.waiting = [
        _order(
            2, Kind.RETURN, account, later, amount=5_000, reply_to=hold.order, beneficiary=victim
        )
    ]
    office.visit(later)
    assert office.visit(later + 2 * HOUR) == 1
    answer = office.answers["O-26-000002"]
    assert (answer.outcome, answer.amount, answer.currency) == (Outcome.RETURNED, 5_000, "KZT")
    line = answer.payment
    assert line is not None
    assert (line.payer_account, line.payee_account) == (account, victim)
    assert (line.amount, line.instrument) == (5_000, "return")


def test_a_refused_row_is_an_error_and_is_handed_in_again(town, world, office, account):
    nine = town.start_us + 9 * HOUR
    office.waiting = [
        _order(number, Kind.CONFIRM, account, nine, amount=number, from_us=0, to_us=nine)
        for number in (1, 2)
    ]
    office.visit(nine)
    for refused, left in ({"O-26-000001"}, 1), ({"O-26-000001", "O-26-000002"}, 1):
        office.refuses = frozenset(refused)
        with pytest.raises(Unavailable):
            office.visit(nine + 2 * HOUR)
        assert len(office.waiting) == left
    office.refuses = frozenset()
    assert office.visit(nine + 2 * HOUR) == 1
    assert office.waiting == []
    assert desk.unsent(world, BANK) == []


def test_what_no_longer_waits_is_not_handed_in(town, world, office, account):
    nine = town.start_us + 9 * HOUR
    office.waiting = [_order(1, Kind.CONFIRM, account, nine, amount=1, from_us=0, to_us=nine)]
    office.visit(nine)
    office.waiting = []
    assert office.visit(nine + 2 * HOUR) == 0
    assert office.answers == {}
    assert desk.unsent(world, BANK) == []
