"""A bank's desk: takes the centre's orders, answers them from the bank's own books (REQ-19, 44).

What a bank can't know it does not say: it sees its own accounts, the other bank's code and
account number, nothing beyond. Everything is written into the world's file, so that a killed
bank process goes on where it stood.
"""

from __future__ import annotations

from dataclasses import dataclass

from qalqan.clock import HOUR
from qalqan.exchange.order_message import Answer, OrderMessage, PaymentLine
from qalqan.model.order import Kind, Outcome
from qalqan.simulate.banks import Bank
from qalqan.simulate.book import Book
from qalqan.simulate.lines import mix
from qalqan.simulate.moves import lower_hold, pay_back, place_hold, prolong_hold
from qalqan.simulate.sizes import ALMATY_US
from qalqan.simulate.statement import payment_that, statement_of, went_on
from qalqan.simulate.world import World

_FIRST = {Kind.RELEASE: 0, Kind.HOLD: 1, Kind.RETURN: 2, Kind.CONFIRM: 3, Kind.STATEMENT: 4}
"""What is done first when several orders fall due together: a hold before its statement."""
DAY_HOURS = 24
NO_TERM_US = 72 * HOUR
"""A hold that names no term ends by itself after this."""


def is_down(bank: Bank, now_us: int) -> bool:
    """Does the bank's address answer nobody now?"""
    if bank.pace.down_hours is None:
        return False
    hour = (now_us + ALMATY_US) // HOUR % DAY_HOURS
    return bank.pace.down_hours[0] <= hour < bank.pace.down_hours[1]


def answer_time(bank: Bank, order: str, now_us: int) -> int:
    """When the bank will answer an order that came now: by its pace, at whole steps, when up."""
    pace = bank.pace
    chance = mix(sum(order.encode()) * 7919 + len(order), 77) % 1_000
    due = now_us + pace.least_us + (pace.most_us - pace.least_us) * chance // 1_000
    due = -(-due // pace.step_us) * pace.step_us
    while is_down(bank, due):
        due = (due // HOUR + 1) * HOUR
    return due


def take_order(world: World, bank: Bank, message: OrderMessage, due_us: int) -> None:
    """Put an order on the pile; the same order again changes nothing."""
    world.sql.execute(
        "INSERT OR IGNORE INTO orders VALUES (?, ?, ?, ?, ?, NULL, 0)",
        (message.order, bank.code, message.kind, message.model_dump_json(), due_us),
    )


def unsent(world: World, bank: Bank) -> list[Answer]:
    """Answers that were given but that the centre has not been told."""
    rows = world.sql.execute(
        "SELECT answer FROM orders WHERE bank = ? AND answer IS NOT NULL AND sent = 0"
        ' ORDER BY due_us, "order"',
        (bank.code,),
    )
    return [Answer.model_validate_json(row[0]) for row in rows]


def mark_sent(world: World, order: str) -> None:
    """The centre has taken the answer."""
    world.sql.execute('UPDATE orders SET sent = 1 WHERE "order" = ?', (order,))


def answer_due(world: World, bank: Bank, now_us: int) -> int:
    """Play the script up to now and answer every order that is due; returns how many."""
    with world.turn(now_us) as book:
        rows = world.sql.execute(
            "SELECT message FROM orders WHERE bank = ? AND answer IS NULL AND due_us <= ?",
            (bank.code, now_us),
        ).fetchall()
        due = [OrderMessage.model_validate_json(row[0]) for row in rows]
        due.sort(key=lambda message: (_FIRST.get(message.kind, 9), message.order))
        desk = Desk(world, bank, book, now_us)
        for message in due:
            answer = desk.answer(message)
            world.sql.execute(
                'UPDATE orders SET answer = ? WHERE "order" = ?',
                (answer.model_dump_json(exclude_none=True), message.order),
            )
    return len(due)


@dataclass(frozen=True)
class Desk:
    """One bank at one moment, inside a turn of the world."""

    world: World
    bank: Bank
    book: Book
    now_us: int

    def answer(self, message: OrderMessage) -> Answer:
        """What the bank says to one order."""
        account = self.world.account_number(message.account, self.bank.code)
        if account is None:
            return Answer(
                order=message.order, outcome=Outcome.REFUSED, reason="Мұндай шот жоқ / нет счёта"
            )
        doers = {
            Kind.CONFIRM: self._confirm,
            Kind.HOLD: self._hold,
            Kind.STATEMENT: self._statement,
            Kind.RELEASE: self._release,
            Kind.RETURN: self._return,
        }
        if message.kind not in doers:
            return Answer(order=message.order, outcome=Outcome.DONE, at_us=self.now_us)
        return doers[message.kind](message, account)

    def _confirm(self, message: OrderMessage, account: int) -> Answer:
        found = payment_that(
            self.world, account, message.amount or 0, message.beneficiary,
            message.from_us or 0, message.to_us or self.now_us,
        )  # fmt: skip
        if found is None:
            return Answer(order=message.order, outcome=Outcome.NOT_FOUND, at_us=self.now_us)
        return Answer(
            order=message.order, outcome=Outcome.CONFIRMED, amount=found.entry.amount,
            currency="KZT", at_us=found.at_us, payment=found.line(self.bank),
        )  # fmt: skip

    def _hold(self, message: OrderMessage, account: int) -> Answer:
        """Hold what is there, at most what is asked; say where the rest went if that is known."""
        asked = message.amount or 0
        until = message.expires_us or self.now_us + NO_TERM_US
        if message.reply_to:
            old = self._hold_of(message.reply_to)
            held = prolong_hold(self.book, old, asked, self.now_us, until)
            self._same_hold(message.order, old)
        else:
            self.world.watch(self.book, account)
            held = place_hold(self.book, message.order, account, asked, self.now_us, until)
        outcome = Outcome.HELD if held == asked else Outcome.PARTIAL if held else Outcome.GONE
        forwarded: list[PaymentLine] = []
        if held < asked and self.bank.tells_forwarded and not message.reply_to:
            since = message.from_us or self.now_us - NO_TERM_US
            forwarded = went_on(self.world, self.bank, account, since, self.now_us)
        return Answer(
            order=message.order, outcome=outcome, amount=held, currency="KZT", at_us=self.now_us,
            until_us=until, forwarded=forwarded,
        )  # fmt: skip

    def _statement(self, message: OrderMessage, account: int) -> Answer:
        to_us = min(message.to_us or self.now_us, self.now_us)
        body = statement_of(
            self.world, self.bank, account, message.order, message.from_us or 0, to_us
        )
        return Answer(
            order=message.order, outcome=Outcome.STATEMENT, at_us=self.now_us, statement=body
        )

    def _release(self, message: OrderMessage, account: int) -> Answer:
        old = self._hold_of(message.reply_to or "")
        released = lower_hold(self.book, old, message.amount or 0, self.now_us)
        outcome = Outcome.RELEASED if released else Outcome.GONE
        return Answer(
            order=message.order, outcome=outcome, amount=released, currency="KZT",
            at_us=self.now_us,
        )  # fmt: skip

    def _return(self, message: OrderMessage, account: int) -> Answer:
        beneficiary = self.world.account_number(message.beneficiary)
        if beneficiary is None:
            return Answer(
                order=message.order, outcome=Outcome.REFUSED,
                reason="Алушының шоты жоқ / нет счёта получателя",
            )  # fmt: skip
        old = self._hold_of(message.reply_to or "")
        paid = pay_back(self.book, old, message.amount or 0, beneficiary, self.now_us)
        self.world.enter(self.book)
        made = payment_that(
            self.world, account, paid, message.beneficiary, self.now_us, self.now_us
        )
        return Answer(
            order=message.order, outcome=Outcome.RETURNED if made else Outcome.GONE, amount=paid,
            currency="KZT", at_us=self.now_us, payment=made.line(self.bank) if made else None,
        )  # fmt: skip

    def _hold_of(self, order: str) -> str:
        """The hold that an order speaks of, through those that prolonged it."""
        row = self.world.sql.execute(
            'SELECT hold FROM same_hold WHERE "order" = ?', (order,)
        ).fetchone()
        return str(row[0]) if row else order

    def _same_hold(self, order: str, hold: str) -> None:
        self.world.sql.execute("INSERT OR REPLACE INTO same_hold VALUES (?, ?)", (order, hold))
