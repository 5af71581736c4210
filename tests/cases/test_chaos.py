"""Whatever victims, banks, officers and time do, in whatever order: sums add up, nothing is held
beyond the trail for long, and nothing leaves without its approvals (REQ-15, 39, 44)."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import asdict

import pytest
from sqlalchemy import select

from persons import Officer
from qalqan.cases import figures
from qalqan.cases.approvals import decide
from qalqan.cases.consent import approved_enough
from qalqan.cases.places import places
from qalqan.cases.situation import OPEN
from qalqan.cases.trails import newest_of
from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.errors import ContractBroken, QalqanError
from qalqan.model.order import WAITING, Kind, State, held_now
from qalqan.register import orm
from qalqan.trail.semantics import RULES
from qalqan.trust import tokens

VICTIMS, DROPS = ["211:V1", "211:V2"], ["223:D1", "223:D2", "283:O1"]
SUMS = [3_000_00, 50_000_00, 100_000_00]
STEPS = 40
LEAST = 1_000_00
"""A smaller sum is not worth an order."""
GOING = {(Kind.RETURN, state) for state in OPEN} | {
    (Kind.RELEASE, state) for state in OPEN | {State.REFUSED}
}
LEAVES = WAITING | {State.ANSWERED, State.CLOSED, State.REFUSED, State.APPEALED}


@pytest.fixture
def server(either_server):
    return either_server


class Chaos:
    """Everybody but the centre, drawing what to do next."""

    def __init__(self, centre, seed):
        self.centre, self.draw = centre, random.Random(seed)
        self.books = {account: [] for account in [*DROPS, *VICTIMS]}
        self.clear = {}

    def report(self):
        victim, drop = self.draw.choice(VICTIMS), self.draw.choice([*DROPS, None])
        self.centre.report(self.draw.choice(SUMS), payer_account=victim, payee_account=drop)
        self.centre.work()

    def clear_of(self, token):
        if token not in self.clear:
            for text in [*VICTIMS, *DROPS]:
                self.clear[tokens.token(self.centre.keys, "account", text)] = text
        return self.clear.get(token)

    def answer(self):
        waiting = [o for o in self.centre.orders() if o.state in WAITING]
        if waiting:
            order = self.draw.choice(waiting)
            getattr(self, f"_{order.kind}")(order)

    def _confirm(self, order):
        payer = self.clear_of(order.account)
        payee = self.clear_of(order.beneficiary) or self.draw.choice(DROPS)
        at_us = order.created_us - HOUR
        number = self.draw.choice([f"paid {order.id}", "the same"])
        line = self.centre.line(payer, payee, order.amount, at_us, number=number)
        outcome = self.draw.choice(["confirmed", "confirmed", "confirmed", "not_found", "refused"])
        self.centre.answer(order, outcome, **({"payment": line} if outcome == "confirmed" else {}))
        if outcome == "confirmed" and line not in self.books[payee]:
            self.books[payee].append(line)

    def _hold(self, order):
        outcome = self.draw.choice(["held", "held", "partial", "gone", "refused"])
        more = {"amount": self.draw.randint(1, order.amount - 1)} if outcome == "partial" else {}
        self.centre.answer(order, outcome, **more)

    def _release(self, order):
        self.centre.answer(order, self.draw.choice(["released", "released", "gone", "refused"]))

    def _statement(self, order):
        account, now = self.clear_of(order.account), self.centre.clock.now_us()
        if self.draw.random() < 0.15:
            self.centre.answer(order, self.draw.choice(["not_found", "refused"]))
            return
        if self.draw.random() < 0.5:
            self._pass_on(account, now)
        lines = [
            x | {"side": "payee" if x["payee_account"] == account else "payer"}
            if x.get("payee_account")
            else x
            for x in self.books[account]
            if order.from_us <= x["at_us"] <= now
        ]
        self.centre.statement(order, account, lines, opening=10**10)

    def _pass_on(self, account, now):
        units = self.draw.choice(SUMS)
        to = self.draw.choice([None, *(d for d in DROPS if d != account), *VICTIMS])
        more = {} if to else {"instrument": "cash_out"}
        line = self.centre.line(account, to, units, now - MINUTE, **more)
        self.books[account].append(line)
        if to in self.books:
            self.books[to].append(line)

    def _return(self, order):
        outcome = self.draw.choice(["returned", "returned", "returned", "gone", "refused"])
        if outcome != "returned":
            self.centre.answer(order, outcome)
            return
        units = self.draw.choice([order.amount, self.draw.randint(1, order.amount)])
        payer, payee = self.clear_of(order.account), self.clear_of(order.beneficiary)
        at_us = self.draw.choice([self.centre.clock.now_us(), order.created_us - DAY])
        line = self.centre.line(payer, payee, units, at_us, instrument="return")
        self.centre.answer(order, outcome, amount=units, payment=line)
        self.books[payer].append(line)

    def decide(self):
        drafted = [o for o in self.centre.orders() if o.state is State.DRAFTED]
        if drafted:
            order = self.draw.choice(drafted)
            yes = self.draw.random() < 0.85
            for login, role in [
                ("asel", "supervisor"),
                ("daniyar", "supervisor"),
                ("marat", "prosecutor"),
            ]:
                decide(self.centre.database, order.id, Officer(login, role), yes)
            self.centre.work()

    def wait(self):
        self.centre.later(self.draw.choice([MINUTE, MINUTE, HOUR, 25 * HOUR, 4 * DAY]))

    def step(self):
        what = self.draw.choices([self.report, self.answer, self.decide, self.wait], [2, 6, 3, 2])[
            0
        ]
        try:
            what()
        except ContractBroken:
            raise
        except QalqanError:
            self.centre.work()  # a refusal on purpose

    def check(self):
        orders = self.centre.orders()
        for order in orders:
            if order.state in LEAVES:
                assert approved_enough(order), order
        self._check_sums(orders)
        self._check_holds(orders)

    def _check_sums(self, orders):
        """Parts add up under every rule (they do, or `Parts` raises), none below nothing."""
        database = self.centre.database
        for rule in RULES:
            for parts in figures.money(database, rule).values():
                assert min(asdict(parts).values()) >= 0
        with database.session() as session:
            stolen = Counter({r.report_id: r.amount for r in session.scalars(select(orm.Root))})
        assert figures.money(database, "fifo")["KZT"].stolen == sum(stolen.values())
        back = Counter()
        for order in orders:
            back[order.report_id] += order.effect if order.kind is Kind.RETURN else 0
        assert all(units <= stolen[claim] for claim, units in back.items()), (back, stolen)

    def _check_holds(self, orders):
        """What is held is traced there, or on its way out."""
        with self.centre.database.session() as session:
            documents = newest_of(session, {order.case_id for order in orders})
        found = places([d for of in documents.values() for d in of], "taint_first")
        now, held = self.centre.clock.now_us(), Counter()
        for order in orders:
            held[order.account] += held_now(order, now)
            if (order.kind, order.state) in GOING:
                held[order.account] -= order.amount
        for account, units in held.items():
            traced = found[account, "KZT"].units if (account, "KZT") in found else 0
            assert units <= traced + LEAST, (self.clear_of(account), units, traced)


@pytest.mark.parametrize(
    ("either_server", "seed"),
    [("sqlite", 0), ("postgresql", 1), ("sqlite", 2), ("postgresql", 3)],
    indirect=["either_server"],
)
def test_whatever_happens(centre, seed):
    chaos = Chaos(centre, seed)
    for _ in range(STEPS):
        chaos.step()
        chaos.check()
